"""The command ``prh``: its subcommands, what may be chosen, what a run would do, what is well here.

It stands above all rooms, and nothing that is imported before a command is known costs time.
"""
