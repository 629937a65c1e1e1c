"""Runs in MLflow: recorded, kept on disk beside it, sent again, read as a table.

It takes plain values, names, numbers and folders, and knows nothing of stimuli, networks or findings.
Its entry point `upload` alone speaks to a terminal.
"""

from prh.tracking.tracker import Tracker

__all__ = ["Tracker"]
