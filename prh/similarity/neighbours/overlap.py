"""Similarity of neighbourhoods: which stimuli are closest to which (Huh et al. 2024, appendix A).

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
from prh.similarity.metric import PAIRS_TWICE, STRICT, Kind, Metric, Unfit, check_paired
from prh.similarity.neighbours.neighborhoods import (
    Indices,
    Neighborhoods,
    Neighbours,
    named,
    neighbourhoods,
    unfit,
)

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


@dataclass(frozen=True, config=STRICT)
class MutualKNN(NeighborMetric):
    """Share of common neighbours, in [0, 1]; k / (N − 1) by chance. The PRH paper's main metric."""

    @property
    def name(self) -> str:
        """E.g. ``mutual 10-NN``."""
        return f"mutual {named(self.k)}"

    @property
    def kind(self) -> Kind:
        """A share: near 0, where few neighbours are common, it varies upwards more than downwards."""
        return "share"

    def each(self, a: Indices, b: Indices) -> Array:
        """Returns |A ∩ B| / k."""
        shares: Array = common(a, b) / a.shape[1]
        return shares

    def contributions(self, a: Neighborhoods, b: Neighborhoods, signs: Array) -> tuple[Array, Array, Array]:
        """Returns them as :meth:`NeighborMetric.contributions` says."""
        k = a.indices.shape[1]
        return _overlaps(a, b, np.arange(k + 1) / k, signs)

    def permuted(
        self, a: Sequence[Neighborhoods], b: Sequence[Neighborhoods], orders: NDArray[np.int64]
    ) -> Array:
        """Returns K×L_a×L_b scores under permutations of ``b``; see :meth:`Metric.permuted`."""
        from prh.similarity.neighbours.lists import permuted_overlaps

        left, right = np.stack([s.indices for s in a]), np.stack([s.indices for s in b])
        shares: Array = permuted_overlaps(left, right, orders) / (left.shape[2] * left.shape[1])
        return shares

    def terms(self, state: Neighborhoods) -> Array:
        """Returns who is a neighbour of whom, N×N; see :meth:`Metric.terms`."""
        n, k = state.indices.shape
        graph = np.zeros((n, n))
        np.put_along_axis(graph, state.indices, 1 / np.sqrt(n * k), axis=1)
        return graph


@dataclass(frozen=True, config=STRICT)
class JaccardKNN(NeighborMetric):
    """Common neighbours over all neighbours of either side, in [0, 1].

    Beside the share of common neighbours s/k it is s/(2k − s), which is half as much where few are
    common: overlaps by chance, which come one or two at a time, weigh half of what they do there.
    """

    @property
    def name(self) -> str:
        """E.g. ``Jaccard 10-NN``."""
        return f"Jaccard {named(self.k)}"

    @property
    def kind(self) -> Kind:
        """A share: near 0, where few neighbours are common, it varies upwards more than downwards."""
        return "share"

    def each(self, a: Indices, b: Indices) -> Array:
        """Returns |A ∩ B| / |A ∪ B|."""
        jaccard: Array = self._of_shared(common(a, b), a.shape[1])
        return jaccard

    def contributions(self, a: Neighborhoods, b: Neighborhoods, signs: Array) -> tuple[Array, Array, Array]:
        """Returns them as :meth:`NeighborMetric.contributions` says."""
        k = a.indices.shape[1]
        return _overlaps(a, b, self._of_shared(np.arange(k + 1), k), signs)

    @staticmethod
    def _of_shared(shared: Any, k: int) -> Any:
        return shared / (2 * k - shared)


@dataclass(frozen=True, config=STRICT)
class CycleKNN(NeighborMetric):
    """Share of stimuli that come back to themselves, in [0, 1]: to neighbours in y, and on to theirs in x.

    Not symmetric.
    """

    @property
    def name(self) -> str:
        """E.g. ``cycle 10-NN``."""
        return f"cycle {named(self.k)}"

    @property
    def kind(self) -> Kind:
        """The share of stimuli that come back."""
        return "share"

    @property
    def twice(self) -> float:
        """Most: one neighbour less may change a whole list."""
        return 0.9

    def each(self, a: Indices, b: Indices) -> Array:
        """Returns 1 where some neighbour in ``b`` has the stimulus for a neighbour in ``a``."""
        from prh.similarity.neighbours.lists import returns

        return returns(a, b)

    def contributions(self, a: Neighborhoods, b: Neighborhoods, signs: Array) -> tuple[Array, Array, Array]:
        """Returns them as :meth:`NeighborMetric.contributions` says."""
        from prh.similarity.neighbours.contributions import of_returns

        return of_returns(with_next(a), with_next(b), signs)


def _overlaps(
    a: Neighborhoods, b: Neighborhoods, likeness: Array, signs: Array
) -> tuple[Array, Array, Array]:
    from prh.similarity.neighbours.contributions import of_overlaps

    return of_overlaps(a.indices, a.successors, b.indices, b.successors, likeness, signs)


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


def common(a: Indices, b: Indices) -> Array:
    """Returns |A ∩ B| for each stimulus, by sorting the two lists into one: a common index stands twice."""
    both = np.sort(np.concatenate([a, b], axis=1), axis=1)
    shared: Array = (both[:, 1:] == both[:, :-1]).sum(axis=1).astype(float)
    return shared


def mutual_knn(x: Any, y: Any, k: float = 10, outliers: float | None = None) -> float:
    """Returns the mean share of common k nearest neighbours of paired rows; see :class:`MutualKNN`."""
    return MutualKNN(k, outliers=outliers)(x, y)


def cycle_knn(x: Any, y: Any, k: float = 10, outliers: float | None = None) -> float:
    """Returns the share of stimuli that come back to themselves; see :class:`CycleKNN`."""
    return CycleKNN(k, outliers=outliers)(x, y)


def jaccard_knn(x: Any, y: Any, k: float = 10, outliers: float | None = None) -> float:
    """Returns the mean Jaccard index of neighbourhoods; see :class:`JaccardKNN`."""
    return JaccardKNN(k, outliers=outliers)(x, y)
