"""Intervals over stimuli: what the score might have been with another sample of them (Nili et al. 2014)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array
from prh.similarity.metric import Metric, check_paired


def bootstrap(
    metric: Metric, x: Any, y: Any, n: int = 1000, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """Returns a percentile bootstrap interval of the similarity of two representations.

    Stimuli are drawn with replacement, the same for both sides; pairs of a stimulus with its own copy are
    left out. Where copies inflate a metric all the same (``Metric.copies_inflate``), the interval is moved
    to where the samples' mean is the score.

    Args:
        metric: How the two are compared.
        x: N×D features.
        y: N×D' features, rows paired with ``x``.
        n: Number of bootstrap samples.
        seed: Of the samples.
        level: Coverage, in (0, 1).

    Returns:
        Lower and upper end.

    Raises:
        ValueError: As the metric's ``prepare``, or ``level`` outside (0, 1).
    """
    a, b = metric.prepare(x, "x"), metric.prepare(y, "y")
    check_paired(a, b)
    samples = metric.resampled([a], [b], bootstrap_counts(a.n, n, seed))[:, 0, 0]
    low, high = interval(around(metric, metric.compare(a, b), samples), level)
    return float(low), float(high)


def bootstrap_counts(n_stimuli: int, n: int, seed: int) -> NDArray[np.int64]:
    """Returns how often each stimulus occurs in each of ``n`` samples with replacement, n×N.

    Samples of fewer than four different stimuli, which say nothing, are drawn again.
    """
    generator = np.random.default_rng(seed)
    counts = np.empty((n, n_stimuli), dtype=np.int64)
    for row in range(n):
        while True:
            drawn = np.bincount(generator.integers(0, n_stimuli, n_stimuli), minlength=n_stimuli)
            if (drawn > 0).sum() >= min(4, n_stimuli):
                break
        counts[row] = drawn
    return counts


def around(metric: Metric, score: Any, samples: Array) -> Array:
    """Returns bootstrap scores, their mean moved to the observed score where copies inflate them.

    Args:
        metric: Says whether they do.
        score: Observed, of any shape.
        samples: K samples of it.
    """
    if not metric.copies_inflate:
        return samples
    moved: Array = np.minimum(samples + score - np.nanmean(samples, axis=0), metric.maximum)
    return moved


def interval(samples: Array, level: float) -> tuple[Array, Array]:
    """Returns the central ``level`` of bootstrap scores over their first axis, NaNs left out.

    Raises:
        ValueError: ``level`` is not in (0, 1).
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    low, high = np.nanquantile(samples, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
