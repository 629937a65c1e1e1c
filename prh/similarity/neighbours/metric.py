"""What all metrics of neighbourhoods share: who is a neighbour, and what a stimulus adds as one.

Neighbours are the k rows of largest cosine similarity, nearest first, the stimulus itself excluded.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from prh.ground.values import Count
from prh.similarity.arrays import Array
from prh.similarity.influence import Influence, spread_out
from prh.similarity.metric import PAIRS_TWICE, STRICT, Metric, Unfit
from prh.similarity.neighbours.neighborhoods import Indices, Neighborhoods, Neighbours, neighbourhoods, unfit
from prh.similarity.states import check_paired

ROWS = 1 << 17
"""Lists of neighbours that are compared at a time."""


@dataclass(frozen=True, config=STRICT)
class NeighborMetric(Metric):
    """A comparison of neighbourhoods; ``prepare`` costs O(N² D), ``compare`` O(N k) to O(N k²).

    Blind to rotation and scale, and to everything beyond the k nearest.

    Attributes:
        k: Neighbours among stimuli; below 1, as a share of the stimuli.
        k_classes: Neighbours among class centroids, of which there are few.
    """

    k: Neighbours = 10
    k_classes: Count = 3

    def for_classes(self) -> Self:
        """Returns the metric with ``k_classes`` neighbours."""
        return replace(self, k=self.k_classes)

    def unfit(self, n: int) -> Unfit | None:
        """Refuses as many neighbours as there are other stimuli: all sets of neighbours are then the same."""
        return unfit(self.k, n, n - 2)

    def prepare(self, x: Any, name: str = "x") -> Neighborhoods:
        """Returns the k nearest neighbours of every row of N×D features.

        Raises:
            ValueError: ``k`` is not less than N.
            DegenerateFeatures: Some rows are zero, or hold NaN or infinite values.
        """
        matrix = self.matrix(x, name)
        block = self.block_rows(len(matrix))
        return neighbourhoods(matrix, self.k, block, self.device, name)[1]

    def compare(self, a: Neighborhoods, b: Neighborhoods) -> float:
        """Returns the mean over stimuli of how alike their two neighbourhoods are."""
        check_paired(a, b)
        return float(self.each(a.indices, b.indices).mean())

    def permuted(
        self, a: Sequence[Neighborhoods], b: Sequence[Neighborhoods], orders: NDArray[np.int64]
    ) -> Array:
        """Returns K×L_a×L_b scores under permutations of ``b``; see :meth:`Metric.permuted`.

        The graphs of several permutations are compared as one of as many times the stimuli.
        """
        scores = np.empty((len(orders), len(a), len(b)))
        size = max(1, ROWS // a[0].n)
        for start in range(0, len(orders), size):
            some = orders[start : start + size]
            left = [_copies(state.indices, len(some)) for state in a]
            right = [_copies(_reordered(state.indices, some), len(some)) for state in b]
            for i, j in np.ndindex(len(a), len(b)):
                each = self.each(left[i], right[j]).reshape(some.shape)
                scores[start : start + size, i, j] = each.mean(axis=1)
        return scores

    def twice_left_out(self, few: bool) -> tuple[float, float]:
        """More than where scores move smoothly: who is a neighbour changes all at once."""
        return 0.25, 1 / 3

    @property
    def enough(self) -> None:
        """All: contributions cost no more than the comparison."""

    def influence(
        self, a: Sequence[Neighborhoods], b: Sequence[Neighborhoods], signs: Array
    ) -> Influence | None:
        """Returns what each stimulus contributes, as itself and as a neighbour; see :meth:`Metric.influence`.

        If stimulus j were not there, its own neighbourhoods would not be compared, and in every neighbourhood
        that it belongs to the next one would move up. None where everyone is a neighbour and nobody can.
        """
        if any(state.beyond.shape[1] == 0 for state in (*a, *b)):
            return None
        n = a[0].n
        own, values = np.empty((n, len(a), len(b))), np.empty((n, len(a), len(b)))
        sums = np.empty((signs.shape[1], len(a), len(b)))
        for (i, left), (j, right) in product(enumerate(a), enumerate(b)):
            own[:, i, j], values[:, i, j], sums[:, i, j] = self.contributions(left, right, signs)
        values += own
        return Influence(values - values.mean(axis=0), spread_out(sums / n), self.twice, own=own)

    @property
    def twice(self) -> float:
        """The share of what pairs count twice that is taken off; all where contributions are rough."""
        return PAIRS_TWICE

    @abstractmethod
    def contributions(self, a: Neighborhoods, b: Neighborhoods, signs: Array) -> tuple[Array, Array, Array]:
        """Returns how alike each stimulus' neighbourhoods are, what it adds as a neighbour, and signed sums.

        Returns:
            N, N, and K sums over pairs (i, j) of signs_i signs_j times what j adds to i's likeness.
        """

    @abstractmethod
    def each(self, a: Indices, b: Indices) -> Array:
        """Returns how alike the neighbourhoods of each stimulus are, N, from N×k indices of both sides."""


def with_next(state: Neighborhoods) -> Indices:
    """Returns the k neighbours and the one who would move up, N×(k+1)."""
    return np.concatenate([state.indices, state.beyond[:, :1]], axis=1)


def _reordered(indices: Indices, orders: NDArray[np.int64]) -> Indices:
    """Returns the neighbours of each stimulus with stimuli taken in each of K orders, K×N×k."""
    places = np.argsort(orders, axis=1)
    reordered: Indices = np.take_along_axis(places[:, :, None], indices[orders], axis=1)
    return reordered


def _copies(indices: Indices, copies: int) -> Indices:
    """Returns one graph of all copies of N×k neighbours, or of K×N×k, each copy with its own stimuli."""
    n, k = indices.shape[-2:]
    apart = np.arange(0, copies * n, n)[:, None, None]
    return (indices + apart).reshape(copies * n, k)
