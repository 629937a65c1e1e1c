"""How alike a representation could be to another at best: how alike it is to itself on other stimuli."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array, as_matrix
from prh.similarity.metric import Metric


@dataclass(frozen=True)
class NoiseCeiling:
    """Reliability of class centroids over the stimuli they are the mean of.

    Attributes:
        half: Mean score between the centroids of two halves of each class' stimuli.
        full: What that predicts for all stimuli, 2r / (1 + r) (Spearman 1910; Brown 1910); for scores that
            are correlations.
        low: 2.5% quantile of the halves' scores over splits.
        high: 97.5% quantile.
    """

    half: float
    full: float
    low: float
    high: float


def noise_ceiling(metric: Metric, x: Any, labels: Any, n: int = 100, seed: int = 0) -> NoiseCeiling:
    """Returns the split-half reliability of class centroids: no other representation can be expected above.

    Args:
        metric: How centroids are compared; for few classes ``metric.for_classes()``.
        x: N×D features.
        labels: The class of each row, N integers.
        n: Number of random splits of every class into two halves.
        seed: Of the splits.

    Raises:
        ValueError: As the metric's ``prepare``; labels are not paired with rows; a class has one row alone.
    """
    matrix, classes = as_matrix(x), np.asarray(labels)
    if classes.shape != (len(matrix),):
        raise ValueError(f"labels must be one for each of the {len(matrix)} rows of x")
    names, counts = np.unique(classes, return_counts=True)
    if counts.min() < 2:
        raise ValueError(f"class {names[counts.argmin()]} has one row alone, which cannot be split")
    generator = np.random.default_rng(seed)
    rows = [np.flatnonzero(classes == name) for name in names]
    scores = np.empty(n)
    for split in range(n):
        halves = _halves(matrix, rows, generator)
        scores[split] = metric(*halves)
    half = float(scores.mean())
    low, high = np.quantile(scores, [0.025, 0.975])
    return NoiseCeiling(half, 2 * half / (1 + half), float(low), float(high))


def _halves(
    matrix: Array, rows: list[NDArray[np.intp]], generator: np.random.Generator
) -> tuple[Array, Array]:
    """Returns the centroids of two random halves of each class, C×D each."""
    shuffled = [generator.permutation(members) for members in rows]
    first = np.stack([matrix[members[::2]].mean(axis=0) for members in shuffled])
    second = np.stack([matrix[members[1::2]].mean(axis=0) for members in shuffled])
    return first, second
