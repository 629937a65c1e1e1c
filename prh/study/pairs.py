"""Differences between pairs of representations by a paired bootstrap, one by one and all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.bootstrap import bootstrap_counts
from prh.inference.means import t_intervals
from prh.similarity.arrays import Array
from prh.similarity.metric import Metric

Side = tuple[Metric, Any, Any]
SAMPLES = 500


@dataclass(frozen=True)
class Difference:
    """How much nearer one pair is than another; see :func:`prh.inference.means.mean_intervals`."""

    value: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    p_corrected: float
    sim_low: float
    sim_high: float


def compare_pairs(
    metric: Metric | None,
    pairs: Sequence[tuple[Side, Side]],
    level: float = 0.95,
    seed: int = 0,
    groups: NDArray[np.int64] | None = None,
) -> list[Difference]:
    """Returns how much nearer the first pair of each item is than the second.

    Args:
        metric: Unused where every side names its own.
        pairs: ((metric, a, b), (metric, a, b)) of prepared states, all over the same N stimuli.
        level: Coverage of the intervals.
        seed: Of the samples.
        groups: Not used by this bootstrap.
    """
    sides = [side for pair in pairs for side in pair]
    counts = bootstrap_counts(sides[0][1].n, SAMPLES, seed)
    scores, samples = np.empty(len(sides)), np.empty((len(counts), len(sides)))
    by_metric: dict[Metric, list[int]] = {}
    for place, side in enumerate(sides):
        by_metric.setdefault(side[0], []).append(place)
    for used, places in by_metric.items():
        _score(used, [sides[i] for i in places], counts, places, scores, samples)
    value = scores[::2] - scores[1::2]
    covariance = np.atleast_2d(np.cov(samples[:, ::2] - samples[:, 1::2], rowvar=False))
    found = t_intervals(value, covariance, sides[0][1].n - 1, level, seed)
    rows = np.column_stack(list(vars(found).values()))
    return [Difference(*map(float, row)) for row in rows]


def _score(
    metric: Metric,
    sides: list[Side],
    counts: NDArray[np.int64],
    places: list[int],
    scores: Array,
    samples: Array,
) -> None:
    left = {id(a): a for _, a, _ in sides}
    right = {id(b): b for _, _, b in sides}
    grid = metric.resampled(list(left.values()), list(right.values()), counts)
    rows, columns = list(left), list(right)
    for place, (_, a, b) in zip(places, sides, strict=True):
        scores[place] = metric.compare(a, b)
        samples[:, place] = grid[:, rows.index(id(a)), columns.index(id(b))]
