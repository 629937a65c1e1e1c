"""Intervals of means over stimuli, one by one and all at once (max-t, Hothorn et al. 2008)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array

DRAWS = 20_000
"""Of the largest |t| of a family; they put an interval's end within 1% of its half width."""


@dataclass(frozen=True)
class MeanIntervals:
    """M means over the same stimuli with their uncertainty; M numbers each.

    Attributes:
        value: The means.
        se: Their standard errors, between groups where there are some.
        ci_low: Lower ends of the intervals, each on its own.
        ci_high: Upper ends.
        p: Two-sided p of a mean of zero, each on its own.
        p_corrected: The same against the largest |t| of the family.
        sim_low: Lower ends of the simultaneous intervals: all M means lie within theirs at the level.
        sim_high: Upper ends.
    """

    value: Array
    se: Array
    ci_low: Array
    ci_high: Array
    p: Array
    p_corrected: Array
    sim_low: Array
    sim_high: Array


def mean_intervals(
    values: Any, groups: NDArray[np.int64] | None = None, level: float = 0.95, seed: int = 0
) -> MeanIntervals:
    """Returns the means of the columns of ``values`` with pointwise and simultaneous t intervals.

    Args:
        values: N×M, what is averaged over N stimuli: differences of two layers' silhouettes, say, or
            pseudo-values, whose mean is a statistic and whose spread gives its standard error.
        groups: Stimuli with one number are not independent of each other, N integers; the standard error is
            then that of the sums over groups, with as many degrees of freedom as groups less one.
        level: Coverage, in (0, 1).
        seed: Of the draws of the largest |t|.

    Raises:
        ValueError: ``values`` is no N×M matrix of finite numbers, there are fewer than two independent
            groups, or ``level`` lies outside (0, 1).
    """
    matrix = np.asarray(values, dtype=float)
    if matrix.ndim != 2 or not np.isfinite(matrix).all():
        raise ValueError("values must be an N×M matrix of finite numbers")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    mean = matrix.mean(axis=0)
    sums = _group_sums(matrix - mean, groups)
    n_groups = len(sums)
    if n_groups < 2:
        raise ValueError(f"{n_groups} independent group of stimuli leaves nothing to estimate an error from")
    covariance = sums.T @ sums * (n_groups / (n_groups - 1)) / len(matrix) ** 2
    return t_intervals(mean, covariance, n_groups - 1, level, seed)


def t_intervals(value: Array, covariance: Array, df: float, level: float, seed: int) -> MeanIntervals:
    """Returns pointwise and simultaneous t intervals of M estimates.

    A standard error of zero, or of rounding alone, makes an interval of one point and a p of 0, or of 1
    where the estimate is zero too.

    Args:
        value: M estimates.
        covariance: Theirs, M×M.
        df: Degrees of freedom of the standard errors.
        level: Coverage, in (0, 1).
        seed: Of the draws of the largest |t|.
    """
    from scipy.stats import t as student

    se = np.sqrt(np.clip(np.diag(covariance), 0, None))
    varies = se > 1e-12 * np.maximum(1.0, np.abs(value))
    statistic = np.where(np.abs(value) > 1e-12, np.inf, 0.0)
    np.divide(np.abs(value), se, out=statistic, where=varies)
    se = np.where(varies, se, 0.0)
    largest = _largest_t(covariance[np.ix_(varies, varies)], df, seed)
    one, all_at_once = float(student.ppf((1 + level) / 2, df)), float(np.quantile(largest, level))
    beyond = len(largest) - np.searchsorted(np.sort(largest), statistic)
    return MeanIntervals(
        value=value,
        se=se,
        ci_low=value - one * se,
        ci_high=value + one * se,
        p=2 * student.sf(statistic, df),
        p_corrected=np.where(statistic == 0, 1.0, (1 + beyond) / (1 + len(largest))),
        sim_low=value - all_at_once * se,
        sim_high=value + all_at_once * se,
    )


def _group_sums(deviations: Array, groups: NDArray[np.int64] | None) -> Array:
    if groups is None:
        return deviations
    numbers, place = np.unique(groups, return_inverse=True)
    if len(place) != len(deviations):
        raise ValueError(f"groups must be one for each of the {len(deviations)} stimuli")
    sums = np.zeros((len(numbers), deviations.shape[1]))
    np.add.at(sums, place, deviations)
    return sums


def _largest_t(covariance: Array, df: float, seed: int) -> Array:
    """Returns draws of the largest |t| of a family whose estimates are all zero."""
    generator = np.random.default_rng(seed)
    if len(covariance) == 0:
        return np.zeros(DRAWS)
    scale = np.sqrt(np.diag(covariance))
    strength, directions = np.linalg.eigh(covariance / np.outer(scale, scale))
    root = directions * np.sqrt(np.clip(strength, 0, None))
    normal = np.abs(generator.standard_normal((DRAWS, len(scale))) @ root.T).max(axis=1)
    largest: Array = normal / np.sqrt(generator.chisquare(df, DRAWS) / df)
    return largest
