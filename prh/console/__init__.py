"""What a person sees in the terminal, and what is refused there before Hydra writes a file.

It knows progress, files and passwords, and nothing of what a run computes.
"""
