"""The best of many pairs of layers, judged against the best of as many by chance (Westfall & Young 1993)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from prh.inference.exchange import FREE, Exchange
from prh.inference.null import Null, enough, null_parts
from prh.inference.significance import critical_values, excess, moments, p_errors, p_values
from prh.similarity.arrays import Array
from prh.similarity.metric import Metric
from prh.similarity.states import check_paired


@dataclass(frozen=True)
class LayersTest:
    """The aggregate of a grid of layers and its null.

    Attributes:
        value: The best or the mean score of the grid.
        at: Row and column of the best score.
        p: Share of permutations whose aggregate is at least as high, the observed one counted in.
        p_se: Its Monte-Carlo standard error, 0 where it is exact.
        exact: Whether the permutations were all that there are.
        null_mean: Mean aggregate of permuted stimuli.
        null_sd: Their standard deviation.
        critical: The aggregate that a share α of permutations exceeds at most.
        excess: max(0, (value − critical) / (maximum − critical)) (Gröger et al. 2026).
    """

    value: float
    at: tuple[int, int]
    p: float
    p_se: float
    exact: bool
    null_mean: float
    null_sd: float
    critical: float
    excess: float


def max_over_layers_test(
    metric: Metric,
    states_a: Sequence[Any],
    states_b: Sequence[Any],
    n: int | None = None,
    seed: int = 0,
    alpha: float = 0.05,
    aggregate: Literal["max", "mean"] = "max",
    exchange: Exchange = FREE,
) -> LayersTest:
    """Tests whether the best pair of layers is more alike than the best pair with stimuli shuffled.

    Each permutation is applied to all layers of one side alike, so what layers share stays shared.

    Args:
        metric: The metric that prepared the states.
        states_a: L_a states, one network's layers.
        states_b: L_b states, the other's; their stimuli are permuted.
        n: Number of permutations; None as in :func:`prh.inference.permutation_test`.
        seed: Of the permutations.
        alpha: Level of the critical value.
        aggregate: ``max`` of the grid, or its ``mean``; of the cells that have a score.
        exchange: Which stimuli may take each other's place.

    Raises:
        ValueError: States are over different numbers of stimuli, or an argument is out of range.
    """
    if aggregate not in ("max", "mean"):
        raise ValueError(f"aggregate must be max or mean, not {aggregate!r}")
    if not states_a or not states_b:
        raise ValueError("each side needs at least one layer")
    for state in (*states_a, *states_b):
        check_paired(states_a[0], state)
    scores = np.array([[metric.compare(left, right) for right in states_b] for left in states_a])
    null = _aggregated(metric, states_a, states_b, n, seed, aggregate, exchange)
    value = float(np.nanmax(scores) if aggregate == "max" else np.nanmean(scores))
    permuted = null.scores
    critical, (mean, sd) = float(critical_values(value, permuted, alpha)), moments(permuted)
    p = float(p_values(value, permuted))
    row, column = np.unravel_index(np.nanargmax(scores), scores.shape)
    return LayersTest(
        value=value,
        at=(int(row), int(column)),
        p=p,
        p_se=float(p_errors(p, len(permuted), null.exact)),
        exact=null.exact,
        null_mean=float(mean),
        null_sd=float(sd),
        critical=critical,
        excess=float(excess(value, critical, metric.maximum)),
    )


def _aggregated(
    metric: Metric,
    states_a: Sequence[Any],
    states_b: Sequence[Any],
    n: int | None,
    seed: int,
    aggregate: Literal["max", "mean"],
    exchange: Exchange,
) -> Null:
    """Returns the aggregate of every permuted grid, K; cells without a score are left out."""
    draws = n or enough(metric, states_a[0].n, 1000)
    best: list[Array] = []
    sums: list[Array] = []
    counts: list[Array] = []
    for _, null in null_parts(metric, states_a, states_b, draws, seed, exchange=exchange):
        best.append(np.fmax.reduce(null.scores, axis=(1, 2)))
        if aggregate == "mean":
            sums.append(np.nansum(null.scores, axis=(1, 2), dtype=float))
            counts.append(np.isfinite(null.scores).sum(axis=(1, 2)))
    if aggregate == "max":
        return Null(np.fmax.reduce(best), null.exact)
    with np.errstate(invalid="ignore"):
        return Null(np.sum(sums, axis=0) / np.sum(counts, axis=0), null.exact)
