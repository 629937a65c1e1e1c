"""How much of a likeness is that both sides see the same classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from prh.inference.design import Labels
from prh.inference.exchange import Exchange
from prh.inference.null import permuted_null
from prh.similarity.metric import Metric

MOST = 200
"""Permutations; their mean is then known to a fourteenth of their standard deviation."""
ALONE = 0.1
"""At most this share of the stimuli may have nobody to change places with."""
STIMULI = 200_000
"""Of all permutations together: many stimuli take longer to permute, and differ less when permuted."""


def explained(metric: Metric, a: Any, b: Any, labels: Labels, n: int = MOST, seed: int = 0) -> float:
    """Returns the share of a score above chance that is left when stimuli are permuted within classes.

    (mean within − mean of the free null) / (score − mean of the free null): 0 if permuting stimuli within
    their classes destroys all likeness, 1 if it destroys none, so that the classes are all that both see.

    Args:
        metric: The metric that prepared the states.
        a: State of one representation.
        b: State of the other; its stimuli are permuted.
        labels: The class of each stimulus, N integers.
        n: Number of permutations of either kind, at most 200, and fewer of more than 1,000 stimuli.
        seed: Of the permutations.

    Returns:
        About 0 to 1; NaN where the score is not above two standard deviations of its null, so that there is
        nothing to explain, and where all stimuli are of one class, or more than a tenth are alone in theirs
        and would stay where they are.
    """
    _, sizes = np.unique(labels, return_counts=True)
    if len(sizes) == 1 or (sizes == 1).sum() > ALONE * a.n:
        return float("nan")
    draws = min(n, MOST, max(10, STIMULI // a.n))
    free, within = (
        permuted_null(metric, [a], [b], draws, seed, exchange=Exchange(some)).scores[:, 0, 0]
        for some in (None, labels)
    )
    chance, score = np.nanmean(free), metric.compare(a, b)
    if not score > chance + 2 * np.nanstd(free):
        return float("nan")
    return float((np.nanmean(within) - chance) / (score - chance))
