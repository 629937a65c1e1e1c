"""Records runs in MLflow, and is the only place that imports it."""

from prh.tracking.tracker import Tracker

__all__ = ["Tracker"]
