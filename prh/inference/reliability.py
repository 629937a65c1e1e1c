"""How alike a representation could be to class centroids at best: how alike these are to themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array, as_matrix
from prh.similarity.metric import Metric

NAN = float("nan")


@dataclass(frozen=True)
class NoiseCeiling:
    """Reliability of class centroids over the stimuli they are the mean of.

    ``full`` and ``reliability`` are for scores that are correlations (RSA, unbiased CKA).

    Attributes:
        half: Mean score between the centroids of two halves of each class' stimuli: Nili et al.'s (2014)
            lower bound of what the true centroids score with those of one half.
        upper: Mean score between the centroids of one half and of all: their upper bound of it.
        reliability: What ``half`` predicts for two samples as large as this one, 2r / (1 + r) (Spearman
            1910; Brown 1910), not below 0: the lower bound for all stimuli.
        full: Its square root: what the true centroids are expected to score with the measured ones, and so
            the most that any representation without noise is expected to.
        se: Standard error of ``full``, from how far the halves' scores lie apart; NaN where it is 0.
        low: 2.5% quantile of the halves' scores over splits.
        high: 97.5% quantile.
    """

    half: float
    upper: float
    reliability: float
    full: float
    se: float
    low: float
    high: float


def noise_ceiling(metric: Metric, x: Any, labels: Any, n: int = 100, seed: int = 0) -> NoiseCeiling:
    """Returns the split-half reliability of class centroids, and the ceiling that follows from it.

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
    everything = metric.prepare(np.stack([matrix[members].mean(axis=0) for members in rows]))
    scores, with_all = np.empty(n), np.empty(n)
    for split in range(n):
        first, second = (metric.prepare(half) for half in class_halves(matrix, rows, generator))
        scores[split] = metric.compare(first, second)
        with_all[split] = (metric.compare(first, everything) + metric.compare(second, everything)) / 2
    half = float(scores.mean())
    reliability = max(2 * half / (1 + half), 0.0)
    full = float(np.sqrt(reliability))
    slope = 1 / ((1 + half) ** 2 * full) if full > 0 else NAN
    low, high = np.quantile(scores, [0.025, 0.975])
    return NoiseCeiling(
        half=half,
        upper=float(with_all.mean()),
        reliability=reliability,
        full=full,
        se=float(scores.std(ddof=1)) * slope,
        low=float(low),
        high=float(high),
    )


def class_halves(
    matrix: Array, rows: list[NDArray[np.intp]], generator: np.random.Generator
) -> tuple[Array, Array]:
    """Returns the centroids of two random halves of each class, C×D each.

    Args:
        matrix: N×D features.
        rows: The rows of each class, at least two.
        generator: Draws the halves; one in the same state draws the same halves of another matrix.
    """
    shuffled = [generator.permutation(members) for members in rows]
    first = np.stack([matrix[members[::2]].mean(axis=0) for members in shuffled])
    second = np.stack([matrix[members[1::2]].mean(axis=0) for members in shuffled])
    return first, second
