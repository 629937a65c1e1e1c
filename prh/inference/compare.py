"""Which of two representations is nearer to a third: a paired bootstrap (Nili et al. 2014)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from prh.inference.bootstrap import bootstrap_counts, interval
from prh.similarity.metric import Metric, check_paired


@dataclass(frozen=True)
class Difference:
    """The difference of two scores.

    Attributes:
        value: First score less the second.
        ci_low: Lower end of the bootstrap interval.
        ci_high: Upper end.
        p: Two-sided: how often a bootstrap difference has the other sign, doubled; in (0, 1].
    """

    value: float
    ci_low: float
    ci_high: float
    p: float


def compare_scores(
    metric: Metric, x1: Any, x2: Any, y: Any, n: int = 1000, seed: int = 0, level: float = 0.95
) -> Difference:
    """Returns how much nearer ``x1`` is to ``y`` than ``x2`` is, e.g. two vision models to one text model.

    Every bootstrap sample of the stimuli scores both, so what they share cancels.

    Args:
        metric: How representations are compared.
        x1: N×D₁ features.
        x2: N×D₂ features.
        y: N×D features, rows paired with both.
        n: Number of bootstrap samples.
        seed: Of the samples.
        level: Coverage of the interval.

    Raises:
        ValueError: As the metric's ``prepare``; rows are not paired; ``level`` outside (0, 1).
    """
    both, target = [metric.prepare(x1, "x1"), metric.prepare(x2, "x2")], metric.prepare(y, "y")
    for state in both:
        check_paired(state, target)
    samples = metric.resampled(both, [target], bootstrap_counts(target.n, n, seed))[:, :, 0]
    differences = samples[:, 0] - samples[:, 1]
    differences = differences[np.isfinite(differences)]
    low, high = interval(differences, level)
    tail = min((differences <= 0).sum(), (differences >= 0).sum())
    value = metric.compare(both[0], target) - metric.compare(both[1], target)
    p = min(1.0, 2 * (1 + float(tail)) / (1 + len(differences)))
    return Difference(value, float(low), float(high), p)
