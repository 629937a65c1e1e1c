"""The best layers of many networks, all of their pairs at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from prh.inference.crossfit import UNKNOWN, CrossFit, crossed, grid_of, halves, of_half
from prh.similarity.arrays import MIN_STIMULI, Array
from prh.similarity.metric import Metric


@dataclass(frozen=True)
class Network:
    """The layers of one network.

    Attributes:
        metric: Prepares them; its states compare with those of the others.
        layers: Layer name to N×D features.
        states: Their states over all N stimuli, None for a degenerate one.
    """

    metric: Metric
    layers: Mapping[str, Any]
    states: Sequence[Any]


def crossfit_pairs(
    metric: Metric,
    networks: Sequence[Network],
    scores: Array,
    pairs: Iterable[tuple[int, int]],
    splits: int,
    seed: int = 0,
) -> dict[tuple[int, int], CrossFit]:
    """Returns :func:`prh.inference.crossfit.crossfit` of pairs, each layer of a half prepared once.

    Args:
        metric: How layers are compared.
        networks: M of them, with L layers in all, over the same stimuli.
        scores: Of all layers with all, L×L, networks in their order.
        pairs: Places of two networks; their order is that of the two sides of the metric.
        splits: Number of random splits; of one, the deviation over splits is NaN.
        seed: Of the splits.
    """
    asked = list(pairs)
    n = len(next(iter(networks[0].layers.values())))
    if n < 2 * MIN_STIMULI:
        return dict.fromkeys(asked, UNKNOWN)
    ends = np.cumsum([0, *(len(network.layers) for network in networks)])
    at = [slice(low, high) for low, high in pairwise(ends)]
    found: dict[tuple[int, int], list[Array]] = {pair: [] for pair in asked}
    for rows in halves(n, splits, np.random.default_rng(seed)):
        half = [of_half(one.metric, list(one.layers.values()), one.states, rows) for one in networks]
        for i, j in asked:
            found[i, j].append(grid_of(metric, half[i], half[j]))
    return {(i, j): crossed(scores[at[i], at[j]], np.array(grids)) for (i, j), grids in found.items()}
