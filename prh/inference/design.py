"""What is known of the stimuli beside their features: who belongs together, and who follows whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Design:
    """How N stimuli hang together; None where nothing is known.

    Attributes:
        classes: The class of each stimulus, N integers.
        groups: Stimuli with one number are not independent of each other, such as windows of one recording
            or near duplicates, N integers; standard errors are clustered by them.
        sequence: All N stimuli in the order in which they were recorded, recording after recording, where
            neighbours in time are alike; the null then moves along it.
        copies: Stimuli with one number are nearly the same, N integers; the null keeps them together.
    """

    classes: Labels | None = None
    groups: Labels | None = None
    sequence: Labels | None = None
    copies: Labels | None = None


INDEPENDENT = Design()
"""Stimuli that are drawn one by one."""
