"""What all rooms stand on: files that are whole or absent, values that keys may have, passwords masked.

It knows the errors, and nothing of stimuli, networks, scores or runs.
"""
