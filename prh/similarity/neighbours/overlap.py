"""Similarity of neighbourhoods: which stimuli are closest to which (Huh et al. 2024, appendix A)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from prh.similarity.arrays import Array
from prh.similarity.metric import STRICT, Kind
from prh.similarity.neighbours.metric import NeighborMetric, with_next
from prh.similarity.neighbours.neighborhoods import Indices, Neighborhoods, named


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
