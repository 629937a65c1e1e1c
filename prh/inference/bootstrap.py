"""Samples with replacement, and the quantiles of what they give."""

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array


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


def interval(samples: Array, level: float) -> tuple[Array, Array]:
    """Returns the central ``level`` of bootstrap scores over their first axis, NaNs left out.

    Raises:
        ValueError: ``level`` is not in (0, 1).
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    low, high = np.nanquantile(samples, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
