"""The null distribution of a similarity: the same features with their stimuli shuffled (Mantel 1967)."""

from collections.abc import Callable, Sequence
from itertools import permutations
from math import ceil, factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.score import Score
from prh.similarity.arrays import Array
from prh.similarity.metric import Metric, check_paired

CHUNK = 50
"""Permutations or bootstrap samples between two steps of a progress bar."""
INDEPENDENT = 2000
"""Up to so many stimuli every permutation is drawn on its own."""


def null_scores(
    metric: Metric,
    a: Sequence[Any],
    b: Sequence[Any],
    n: int,
    seed: int,
    advance: Callable[[int], None] = lambda step: None,
) -> Array:
    """Returns the scores of every pair of states with the stimuli of ``b`` shuffled, K×L_a×L_b.

    More than :data:`INDEPENDENT` stimuli are put in a random order and moved on along it, by as many
    different shifts as there are to be permutations. Such shifts are a group, so p stays exact (Hemerik
    and Goeman 2018), and metrics over pairs of stimuli have all of them for the cost of a few
    (:meth:`Metric.shifted`).

    Args:
        metric: The metric that prepared the states.
        a: L_a states.
        b: L_b states over the same stimuli.
        n: Number of permutations; if all n_stimuli! are no more than that, they are enumerated.
        seed: Of the generator.
        advance: Called with the number of permutations done.
    """
    n_stimuli, parts = a[0].n, []
    if n_stimuli <= INDEPENDENT:
        orders = permutation_orders(n_stimuli, n, seed)
        for start in range(0, len(orders), CHUNK):
            parts.append(metric.permuted(a, b, orders[start : start + CHUNK]))
            advance(len(parts[-1]))
        return np.concatenate(parts)
    generator = np.random.default_rng(seed)
    while n > 0:
        order = generator.permutation(n_stimuli)
        shifts = 1 + generator.choice(n_stimuli - 1, min(n, n_stimuli - 1), replace=False)
        parts.append(metric.shifted(a, b, order, shifts))
        advance(len(shifts))
        n -= len(shifts)
    return np.concatenate(parts)


def permutation_orders(n: int, n_permutations: int, seed: int) -> NDArray[np.int64]:
    """Returns random permutations of ``n`` stimuli, K×N; where they are few, all but the identity.

    Args:
        n: Number of stimuli.
        n_permutations: How many; if n! is no more than that, all are enumerated.
        seed: Of the generator.
    """
    if n < 20 and factorial(n) <= n_permutations:
        return np.array(list(permutations(range(n)))[1:], dtype=np.int64)
    generator = np.random.default_rng(seed)
    return np.array([generator.permutation(n) for _ in range(n_permutations)], dtype=np.int64)


def p_values(observed: Array | float, null: Array) -> Array:
    """Returns (1 + #{null ≥ observed}) / (1 + K), over the first axis of ``null``.

    Scores that differ by rounding alone count as equal, since the order of a sum depends on the permutation.
    """
    at_least = null >= np.asarray(observed) - 1e-6 * np.abs(observed)
    result: Array = (1 + at_least.sum(axis=0)) / (1 + len(null))
    return np.where(np.isnan(observed), np.nan, result)


def critical_values(observed: Array | float, null: Array, alpha: float) -> Array:
    """Returns the ⌈(1 − α)(K + 1)⌉-th smallest of the null and the observed score (Gröger et al. 2026).

    Args:
        observed: Scores of any shape.
        null: K permuted scores of each, K×….
        alpha: Significance level, in (0, 1).

    Raises:
        ValueError: ``alpha`` is not in (0, 1).
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")
    pooled = np.concatenate([np.asarray(observed)[None], null])
    # The tolerance keeps (1 − 0.05) · 200 at 190, which floating point puts above.
    place = ceil((1 - alpha) * len(pooled) - 1e-9) - 1
    values: Array = np.sort(pooled, axis=0)[place]
    return values


def excess(value: Any, critical: Any, maximum: float) -> Any:
    """Returns the score on a scale from 0 at its critical value and below to 1 at the metric's maximum."""
    return np.clip(_share(value, critical, maximum), 0, 1)


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


def permutation_test(
    metric: Metric, sa: Any, sb: Any, n: int = 1000, seed: int = 0, alpha: float = 0.05
) -> Score:
    """Tests whether two representations are more alike than with their stimuli shuffled.

    Args:
        metric: The metric that prepared the states.
        sa: State of one representation.
        sb: State of the other; its stimuli are permuted.
        n: Number of permutations; if all n_stimuli! are no more than that, they are enumerated.
        seed: Of the permutations.
        alpha: Level of the critical value.

    Returns:
        The score with p, null mean and sd and the calibrated score; without an interval.

    Raises:
        ValueError: The states are over different numbers of stimuli.
    """
    check_paired(sa, sb)
    null = null_scores(metric, [sa], [sb], n, seed)[:, 0, 0]
    value = metric.compare(sa, sb)
    mean, critical = float(null.mean()), float(critical_values(value, null, alpha))
    return Score(
        value=value,
        p=float(p_values(value, null)),
        null_mean=mean,
        null_sd=float(null.std(ddof=1)),
        calibrated=float(calibrated(value, mean, metric.maximum)),
        critical=critical,
        excess=float(excess(value, critical, metric.maximum)),
    )


def calibrated(value: Any, null_mean: Any, maximum: float) -> Any:
    """Returns the score on a scale from 0 at the null mean to 1 at the metric's maximum."""
    return _share(value, null_mean, maximum)


def _share(value: Any, zero: Any, maximum: float) -> Any:
    """Returns where ``value`` lies between ``zero`` and ``maximum``; NaN where these are one."""
    room = np.asarray(maximum - zero, dtype=float)
    return (value - zero) / np.where(room > 1e-9 * abs(maximum), room, np.nan)
