"""Intervals over stimuli: what the score might have been with another sample of them (Nili et al. 2014)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.null import CHUNK
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
    samples = bootstrap_scores(metric, [a], [b], np.array([[metric.compare(a, b)]]), n, seed)
    low, high = interval(samples[:, 0, 0], level)
    return float(low), float(high)


def bootstrap_scores(
    metric: Metric,
    a: Sequence[Any],
    b: Sequence[Any],
    scores: Array,
    n: int,
    seed: int,
    advance: Callable[[int], None] = lambda step: None,
) -> Array:
    """Returns what the scores of every pair of states might have been with other stimuli, n×L_a×L_b.

    Where the metric costs a pass over all pairs of stimuli (``Metric.bag``), many stimuli are resampled
    in bags: each holds a random subset of them, its samples are of the full size, and what matters is how
    far they lie from the bag's own score (the bag of little bootstraps, Kleiner et al. 2014).

    Args:
        metric: The metric that prepared the states.
        a: L_a states.
        b: L_b states over the same stimuli.
        scores: Observed, L_a×L_b.
        n: Number of samples.
        seed: Of the samples.
        advance: Called with the number of samples done.
    """
    parts = []
    if metric.bag is not None and a[0].n > 2 * metric.bag:
        for counts in bags(a[0].n, metric.bag, n, seed):
            own, *samples = metric.resampled(a, b, counts)
            parts.append(np.array(samples) - own + scores)
            advance(len(samples))
    else:
        counts = bootstrap_counts(a[0].n, n, seed)
        for start in range(0, n, CHUNK):
            parts.append(metric.resampled(a, b, counts[start : start + CHUNK]))
            advance(len(parts[-1]))
    return around(metric, scores, np.concatenate(parts))


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


def bags(n_stimuli: int, size: int, n: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yields samples of one random subset of the stimuli after another, at most :data:`CHUNK` of each.

    Args:
        n_stimuli: How many there are, and how many each sample counts.
        size: How many different ones a bag holds.
        n: Number of samples in all.
        seed: Of bags and samples.

    Yields:
        (1 + samples)×N counts; the first row is the bag itself, each of its stimuli once.
    """
    generator = np.random.default_rng(seed)
    for start in range(0, n, CHUNK):
        bag = generator.choice(n_stimuli, size, replace=False)
        counts = np.zeros((1 + min(CHUNK, n - start), n_stimuli), dtype=np.int64)
        counts[0, bag] = 1
        counts[1:, bag] = generator.multinomial(n_stimuli, np.full(size, 1 / size), len(counts) - 1)
        yield counts


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
