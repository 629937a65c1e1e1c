"""Centred kernel nearest-neighbour alignment: CKA among mutual neighbours (Huh et al. 2024, appendix A)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass as plain_dataclass
from dataclasses import replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from prh.ground.values import Count
from prh.similarity.arrays import Array, DegenerateFeatures
from prh.similarity.influence import Influence, spread_out
from prh.similarity.metric import PAIRS_TWICE, STRICT, Metric, Unfit
from prh.similarity.neighbours.neighborhoods import Indices, Neighbours, named, neighbourhoods, unfit
from prh.similarity.states import check_paired

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DENSE = 64
"""Up to so many stimuli, whole kernels are quicker than sparse ones."""
NUMBERS = 1 << 20
"""About so many kernel values of permuted stimuli exist at a time."""


@dataclass(frozen=True, config=STRICT)
class CKNNA(Metric):
    """Unbiased linear CKA that counts only pairs (i, j) where j is a neighbour of i in both representations.

    The kernel is the cosine similarity. Mostly in [0, 1], and 1 for representations that differ by
    rotation and scale; unlike CKA it sees the local arrangement alone. ``prepare`` costs O(N² D),
    ``compare`` O(N k), since kernels restricted to neighbours are sparse.

    Attributes:
        k: Neighbours among stimuli; below 1, as a share of the stimuli.
        k_classes: Neighbours among class centroids, of which there are few.
    """

    k: Neighbours = 10
    k_classes: Count = 3

    @property
    def name(self) -> str:
        """E.g. ``CKNNA (10-NN)``."""
        return f"CKNNA ({named(self.k)})"

    def for_classes(self) -> Self:
        """Returns the metric with ``k_classes`` neighbours."""
        return replace(self, k=self.k_classes)

    def unfit(self, n: int) -> Unfit | None:
        """Refuses more neighbours than there are other stimuli; as many make it CKA."""
        return unfit(self.k, n, n - 1)

    def prepare(self, x: Any, name: str = "x") -> NeighborKernel:
        """Returns the cosine similarities of N×D features with their k nearest neighbours.

        Raises:
            ValueError: ``k`` is not less than N.
            DegenerateFeatures: Some rows are zero, or hold NaN or infinite values.
        """
        matrix = self.matrix(x, name)
        block = self.block_rows(len(matrix))
        directions, found = neighbourhoods(matrix, self.k, block, self.device, name)
        indices = np.concatenate([found.indices, found.beyond], axis=1)
        values = np.array([directions[near] @ row for near, row in zip(indices, directions, strict=True)])
        return NeighborKernel(indices, values, found.indices.shape[1])

    def compare(self, a: NeighborKernel, b: NeighborKernel) -> float:
        """Returns s(K, L) / √(s(K, K) s(L, L)), s the unbiased HSIC over mutual neighbours."""
        check_paired(a, b)
        return float(_ratio(_restricted(a, b), a.own, b.own))

    @property
    def minimum(self) -> float:
        """Pairs that are neighbours in both may be few, and few pairs may point anywhere."""
        return -np.inf

    def twice_left_out(self, few: bool) -> tuple[float, float]:
        """More than where scores move smoothly: who is a neighbour changes all at once."""
        return 0.25, 1 / 3

    @property
    def enough(self) -> None:
        """All: contributions cost no more than the comparison."""

    def influence(self, a: Sequence[NeighborKernel], b: Sequence[NeighborKernel], signs: Array) -> Influence:
        """Returns what each stimulus contributes; see :meth:`Metric.influence`.

        The sums of single kernels in the unbiased HSIC, small beside the sum of their products where few
        pairs are neighbours, are taken as given.
        """
        own_a, own_b = ([state.contributions(state, signs) for state in states] for states in (a, b))
        values, sums = np.empty((a[0].n, len(a), len(b))), np.empty((signs.shape[1], len(a), len(b)))
        for (i, left), (j, right) in product(enumerate(a), enumerate(b)):
            score, cross = self.compare(left, right), left.contributions(right, signs)
            size_a, size_b = own_a[i][2], own_b[j][2]
            for into, part in ((values, 0), (sums, 1)):
                of_norms = own_a[i][part] / size_a + own_b[j][part] / size_b
                into[:, i, j] = cross[part] / np.sqrt(size_a * size_b) - score / 2 * of_norms
        return Influence(a[0].n * (values - values.mean(axis=0)), spread_out(sums), PAIRS_TWICE)

    def permuted(
        self, a: Sequence[NeighborKernel], b: Sequence[NeighborKernel], orders: NDArray[np.int64]
    ) -> Array:
        """Returns K×L_a×L_b scores under permutations of ``b``; see :meth:`Metric.permuted`.

        The kernels of a few stimuli are not sparse, and many permutations of them are compared at once.
        """
        n = a[0].n
        if n > DENSE:
            return super().permuted(a, b, orders)
        scores = np.empty((len(orders), len(a), len(b)))
        size = max(1, NUMBERS // n**2)
        for start in range(0, len(orders), size):
            some = slice(start, start + size)
            at = orders[some, :, None], orders[some, None, :]
            for j, right in enumerate(b):
                kernel, mask = right.kernel.toarray()[at], right.mask.toarray()[at]
                for i, left in enumerate(a):
                    cross = _hsic(left.kernel.toarray() * mask, kernel * left.mask.toarray())
                    scores[some, i, j] = _ratio(cross, left.own, right.own)
        return scores


@plain_dataclass(frozen=True)
class NeighborKernel:
    """A kernel restricted to the nearest neighbours of each stimulus.

    Attributes:
        indices: N×(k+h), nearest first; the first k are neighbours, the others would follow them.
        values: Their kernel values.
        k: How many are neighbours.
    """

    indices: Indices
    values: Array
    k: int

    @property
    def n(self) -> int:
        """Number of stimuli."""
        return len(self.indices)

    @cached_property
    def kernel(self) -> csr_array:
        """The kernel, N×N, sparse; not symmetric, since a neighbour need not be one in return."""
        return self._sparse(self.values[:, : self.k])

    @cached_property
    def mask(self) -> csr_array:
        """Ones for neighbours, N×N, sparse."""
        return self._sparse(np.ones((self.n, self.k)))

    @cached_property
    def own(self) -> float:
        """The unbiased HSIC of the kernel with itself."""
        return _restricted(self, self)

    def permute(self, order: NDArray[np.int64]) -> NeighborKernel:
        """Returns the kernel of the rows taken in ``order``; its HSIC with itself does not change."""
        state = NeighborKernel(np.argsort(order)[self.indices[order]], self.values[order], self.k)
        state.__dict__["own"] = self.own
        return state

    def among(self, rows: NDArray[np.int64]) -> NeighborKernel:
        """Returns the kernel of some stimuli, all but two of them at least.

        Raises:
            DegenerateFeatures: Fewer than k neighbours are left.
        """
        place = np.full(self.n, -1)
        place[rows] = np.arange(len(rows))
        known, values = place[self.indices[rows]], self.values[rows]
        left = int((known >= 0).sum(axis=1).min())
        if left < self.k:
            raise DegenerateFeatures(f"{len(rows)} rows leave fewer than {self.k} neighbours")
        kept = np.argsort(known < 0, axis=1, kind="stable")[:, :left]
        return NeighborKernel(
            np.take_along_axis(known, kept, axis=1), np.take_along_axis(values, kept, axis=1), self.k
        )

    def contributions(self, other: NeighborKernel, signs: Array) -> tuple[Array, Array, float]:
        """Returns what each stimulus adds to the sum over mutual neighbours, signed sums, and the sum."""
        from prh.similarity.neighbours.contributions import of_kernels

        h = min(max(1, self.k // 2), self.indices.shape[1] - self.k, other.indices.shape[1] - self.k)
        added, sums = of_kernels(
            self.indices, self.values, other.indices, other.values, self.k, max(h, 0), signs
        )
        left, right = self.kernel * other.mask, other.kernel * self.mask
        return added, sums, float((left * right.T).sum())

    def _sparse(self, values: Array) -> csr_array:
        from scipy.sparse import csr_array

        n, k = self.n, self.k
        columns = self.indices[:, :k].ravel()
        return csr_array((values.ravel(), columns, np.arange(0, n * k + 1, k)), shape=(n, n))


def _restricted(a: NeighborKernel, b: NeighborKernel) -> float:
    """Returns the unbiased HSIC over mutual neighbours."""
    n, left, right = a.n, a.kernel * b.mask, b.kernel * a.mask
    pairs = float((left * right.T).sum())
    sums = float(left.sum() * right.sum())
    # The kernel is not symmetric: a path goes into k by the one and out of k by the other.
    paths = float(left.sum(axis=0) @ right.sum(axis=1))
    return float(_unbiased(np.array(pairs), np.array(sums), np.array(paths), n))


def _hsic(left: Array, right: Array) -> Array:
    """Returns the same of K pairs of dense kernels, K×N×N, over mutual neighbours alone."""
    pairs = np.einsum("kij,kji->k", left, right)
    sums = left.sum(axis=(1, 2)) * right.sum(axis=(1, 2))
    paths = (left.sum(axis=1) * right.sum(axis=2)).sum(axis=1)
    return _unbiased(pairs, sums, paths, left.shape[1])


def _unbiased(pairs: Array, sums: Array, paths: Array, n: int) -> Array:
    hsic: Array = (pairs + sums / ((n - 1) * (n - 2)) - 2 * paths / (n - 2)) / (n * (n - 3))
    return hsic


def _ratio(cross: Any, own_a: float, own_b: float) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Array = cross / np.sqrt(own_a * own_b)
    return np.where(np.isfinite(ratio), ratio, np.nan)


def cknna(x: Any, y: Any, k: float = 10, outliers: float | None = None) -> float:
    """Returns the alignment of two kernels among mutual nearest neighbours; see :class:`CKNNA`."""
    return CKNNA(k, outliers=outliers)(x, y)
