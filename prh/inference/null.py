"""The null distribution of a similarity: the same features with their stimuli shuffled (Mantel 1967)."""

from itertools import permutations
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.score import Score
from prh.similarity.arrays import Array
from prh.similarity.metric import Metric, check_paired


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


def permutation_test(metric: Metric, sa: Any, sb: Any, n: int = 1000, seed: int = 0) -> Score:
    """Tests whether two representations are more alike than with their stimuli shuffled.

    Args:
        metric: The metric that prepared the states.
        sa: State of one representation.
        sb: State of the other; its stimuli are permuted.
        n: Number of permutations; if all n_stimuli! are no more than that, they are enumerated.
        seed: Of the permutations.

    Returns:
        The score with p, null mean and sd and the calibrated score; without an interval.

    Raises:
        ValueError: The states are over different numbers of stimuli.
    """
    check_paired(sa, sb)
    null = metric.permuted([sa], [sb], permutation_orders(sa.n, n, seed))[:, 0, 0]
    value = metric.compare(sa, sb)
    mean = float(null.mean())
    return Score(
        value=value,
        p=float(p_values(value, null)),
        null_mean=mean,
        null_sd=float(null.std(ddof=1)),
        calibrated=calibrated(value, mean, metric.maximum),
    )


def calibrated(value: Any, null_mean: Any, maximum: float) -> Any:
    """Returns the score on a scale from 0 at the null mean to 1 at the metric's maximum."""
    return (value - null_mean) / (maximum - null_mean)
