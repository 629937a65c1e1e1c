"""The best of many pairs of layers, judged against the best of as many by chance (Westfall & Young 1993)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from prh.inference.null import critical_values, excess, null_scores, p_values
from prh.similarity.metric import Metric, check_paired


@dataclass(frozen=True)
class LayersTest:
    """The aggregate of a grid of layers and its null.

    Attributes:
        value: The best or the mean score of the grid.
        at: Row and column of the best score.
        p: Share of permutations whose aggregate is at least as high, the observed one counted in.
        null_mean: Mean aggregate of permuted stimuli.
        null_sd: Their standard deviation.
        critical: The aggregate that a share α of permutations exceeds at most.
        excess: max(0, (value − critical) / (maximum − critical)) (Gröger et al. 2026).
    """

    value: float
    at: tuple[int, int]
    p: float
    null_mean: float
    null_sd: float
    critical: float
    excess: float


def max_over_layers_test(
    metric: Metric,
    states_a: Sequence[Any],
    states_b: Sequence[Any],
    n: int = 1000,
    seed: int = 0,
    alpha: float = 0.05,
    aggregate: Literal["max", "mean"] = "max",
) -> LayersTest:
    """Tests whether the best pair of layers is more alike than the best pair with stimuli shuffled.

    Each permutation is applied to all layers of one side alike, so what layers share stays shared.

    Args:
        metric: The metric that prepared the states.
        states_a: L_a states, one network's layers.
        states_b: L_b states, the other's; their stimuli are permuted.
        n: Number of permutations; if all N! are no more than that, they are enumerated.
        seed: Of the permutations.
        alpha: Level of the critical value.
        aggregate: ``max`` of the grid, or its ``mean``.

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
    permuted = null_scores(metric, states_a, states_b, n, seed)
    over = np.max if aggregate == "max" else np.mean
    null, value = over(permuted, axis=(1, 2)), float(over(scores))
    critical = float(critical_values(value, null, alpha))
    row, column = np.unravel_index(np.argmax(scores), scores.shape)
    return LayersTest(
        value=value,
        at=(int(row), int(column)),
        p=float(p_values(value, null)),
        null_mean=float(null.mean()),
        null_sd=float(null.std(ddof=1)),
        critical=critical,
        excess=float(excess(value, critical, metric.maximum)),
    )
