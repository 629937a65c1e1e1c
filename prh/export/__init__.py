"""A recorded run as what a paper takes in: figures, tables, a methods paragraph, citations, the command.

It reads what was recorded and nothing else: no config of today, no cache, no network but the tracking server.
What a run does not say is left out, and said to be.
"""
