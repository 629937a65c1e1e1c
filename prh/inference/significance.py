"""From a null to numbers: p and its error, critical values, calibration, false discovery rates."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array

Floats = NDArray[np.floating]
ROUNDING = 1e-6
"""Scores that differ by less are equal: the order of a sum depends on the permutation."""


def p_values(observed: Array | float, null: Floats) -> Array:
    """Returns (1 + #{null ≥ observed}) / (1 + K), over the first axis of ``null``; one-sided, in (0, 1].

    Scores that differ by rounding alone count as equal: by 1e-6, or that share of a score beyond one. A
    permutation that leaves nothing to compare, NaN, counts as the lowest score there is.
    """
    lowest = np.asarray(observed) - _tie(observed)
    result: Array = (1 + (null >= lowest).sum(axis=0)) / (1 + len(null))
    return np.where(np.isnan(observed), np.nan, result)


def p_errors(p: Any, n: int, exact: bool) -> Any:
    """Returns the Monte-Carlo standard error of p from ``n`` permutations, √(p (1 − p) / (n + 1)).

    0 where they are all that there are; NaN where p is.
    """
    return np.sqrt(p * (1 - p) / (1 + n)) * (0 if exact else 1)


def critical_values(observed: Array | float, null: Floats, alpha: float) -> Array:
    """Returns the ⌈(1 − α)(K + 1)⌉-th smallest of the null and the observed score (Gröger et al. 2026).

    Args:
        observed: Scores of any shape.
        null: K permuted scores of each, K×…; NaN counts as the lowest score there is.
        alpha: Significance level, in (0, 1).

    Raises:
        ValueError: ``alpha`` is not in (0, 1).
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")
    # The tolerance keeps (1 − 0.05) · 200 at 190, which floating point puts above.
    place = ceil((1 - alpha) * (1 + len(null)) - 1e-9) - 1
    scores = np.asarray(observed, dtype=float)
    values = np.empty(scores.shape)
    for at in np.ndindex(scores.shape):
        pooled = np.append(null[(slice(None), *at)], scores[at])
        pooled[np.isnan(pooled)] = -np.inf
        values[at] = np.partition(pooled, place)[place]
    values = np.where(np.abs(values - scores) <= _tie(scores), scores, values)
    return np.where(np.isfinite(values), values, np.nan)


def _tie(scores: Array | float) -> Array:
    """Returns by how much less a score may be and still count as equal."""
    return ROUNDING * np.maximum(1, np.abs(scores))


def moments(null: Floats) -> tuple[Array, Array]:
    """Returns mean and standard deviation over the first axis of K×…, NaNs left out."""
    mean, sd = np.full(null.shape[1:], np.nan), np.full(null.shape[1:], np.nan)
    for at in np.ndindex(mean.shape):
        # Sums of millions of scores need float64, and a copy of one cell at a time.
        cell = null[(slice(None), *at)].astype(float)
        cell = cell[np.isfinite(cell)]
        if len(cell) > 1:
            mean[at], sd[at] = cell.mean(), cell.std(ddof=1)
    return mean, sd


def excess(value: Any, critical: Any, maximum: float) -> Any:
    """Returns the score on a scale from 0 at its critical value and below to 1 at the metric's maximum."""
    return np.clip(_share(value, critical, maximum), 0, 1)


def calibrated(value: Any, null_mean: Any, maximum: float) -> Any:
    """Returns the score on a scale from 0 at the null mean to 1 at the metric's maximum."""
    return _share(value, null_mean, maximum)


def _share(value: Any, zero: Any, maximum: float) -> Any:
    """Returns where ``value`` lies between ``zero`` and ``maximum``; NaN where these are one."""
    room = np.asarray(maximum - zero, dtype=float)
    return (value - zero) / np.where(room > 1e-9 * abs(maximum), room, np.nan)


def benjamini_hochberg(p: Array) -> Array:
    """Returns the smallest false discovery rate at which each p would be a discovery; NaN where p is.

    Args:
        p: p-values of any shape, e.g. of all cells of a layer grid (Benjamini & Hochberg 1995).
    """
    from scipy.stats import false_discovery_control

    q = np.full(np.shape(p), np.nan)
    tested = np.isfinite(p)
    if tested.any():
        q[tested] = false_discovery_control(np.asarray(p)[tested])
    return q
