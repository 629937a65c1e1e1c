"""Recorded runs against each other: what differs between them, in scores and in what they were asked.

It reads what runs left in MLflow, in their folders and in the feature store; it shows no network anything.
"""

from prh.compare.differing import compared
from prh.compare.row import Compared

__all__ = ["Compared", "compared"]
