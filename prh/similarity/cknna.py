"""Centred kernel nearest-neighbour alignment: CKA among mutual neighbours (Huh et al. 2024, appendix A)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass as plain_dataclass
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import PositiveInt
from pydantic.dataclasses import dataclass

from prh.similarity.arrays import Array
from prh.similarity.metric import STRICT, Metric, check_paired
from prh.similarity.neighborhoods import Count, Indices, named, neighbourhoods

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

    k: Count = 10
    k_classes: PositiveInt = 3

    @property
    def name(self) -> str:
        """E.g. ``CKNNA (10-NN)``."""
        return f"CKNNA ({named(self.k)})"

    def for_classes(self) -> Self:
        """Returns the metric with ``k_classes`` neighbours."""
        return replace(self, k=self.k_classes)

    def prepare(self, x: Any, name: str = "x") -> NeighborKernel:
        """Returns the cosine similarities of N×D features with their k nearest neighbours.

        Raises:
            ValueError: ``k`` is not less than N.
            DegenerateFeatures: Some rows are zero, or hold NaN or infinite values.
        """
        matrix = self.matrix(x, name)
        block = self.block_rows(len(matrix))
        directions, indices = neighbourhoods(matrix, self.k, block, self.device, name)
        values = np.array([directions[near] @ row for near, row in zip(indices, directions, strict=True)])
        return NeighborKernel(indices, values)

    def compare(self, a: NeighborKernel, b: NeighborKernel) -> float:
        """Returns s(K, L) / √(s(K, K) s(L, L)), s the unbiased HSIC over mutual neighbours."""
        check_paired(a, b)
        return float(_ratio(_restricted(a, b, np.ones((a.n, 1))), a.own, b.own)[0])

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

    def resampled(
        self, a: Sequence[NeighborKernel], b: Sequence[NeighborKernel], counts: NDArray[np.int64]
    ) -> Array:
        """Returns K×L_a×L_b scores; neighbourhoods stay those of the full sample, as in ``Neighborhoods``."""
        weights = counts.T.astype(float)
        own_a, own_b = ([_restricted(state, state, weights) for state in states] for states in (a, b))
        scores = [
            [
                _ratio(_restricted(left, right, weights), own_left, own_right)
                for right, own_right in zip(b, own_b, strict=True)
            ]
            for left, own_left in zip(a, own_a, strict=True)
        ]
        return np.moveaxis(np.array(scores), -1, 0)


@plain_dataclass(frozen=True)
class NeighborKernel:
    """A kernel restricted to the nearest neighbours of each stimulus.

    Attributes:
        indices: N×k, nearest first.
        values: N×k kernel values.
    """

    indices: Indices
    values: Array

    @property
    def n(self) -> int:
        """Number of stimuli."""
        return len(self.indices)

    @cached_property
    def kernel(self) -> csr_array:
        """The kernel, N×N, sparse; not symmetric, since a neighbour need not be one in return."""
        return self._sparse(self.values)

    @cached_property
    def mask(self) -> csr_array:
        """Ones for neighbours, N×N, sparse."""
        return self._sparse(np.ones_like(self.values))

    @cached_property
    def own(self) -> Array:
        """The unbiased HSIC of the kernel with itself, one value."""
        return _restricted(self, self, np.ones((self.n, 1)))

    def permute(self, order: NDArray[np.int64]) -> NeighborKernel:
        """Returns the kernel of the rows taken in ``order``; its HSIC with itself does not change."""
        state = NeighborKernel(np.argsort(order)[self.indices[order]], self.values[order])
        state.__dict__["own"] = self.own
        return state

    def resample(self, counts: NDArray[np.int64]) -> NeighborKernel:
        """Not defined for a kernel alone; see :meth:`CKNNA.resampled`."""
        raise NotImplementedError("CKNNA is resampled pair by pair: use CKNNA.resampled")

    def _sparse(self, values: Array) -> csr_array:
        from scipy.sparse import csr_array

        n, k = self.indices.shape
        return csr_array((values.ravel(), self.indices.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))


def _restricted(a: NeighborKernel, b: NeighborKernel, weights: Array) -> Array:
    """Returns the unbiased HSIC over mutual neighbours where stimulus i occurs ``weights[i]`` times, K."""
    n, left, right = a.n, a.kernel * b.mask, b.kernel * a.mask
    pairs = (weights * ((left * right.T) @ weights)).sum(axis=0)
    into_left, from_left, from_right = left.T @ weights, left @ weights, right @ weights
    sums = (weights * from_left).sum(axis=0) * (weights * from_right).sum(axis=0)
    # The kernel is not symmetric: a path goes into k by the one and out of k by the other.
    paths = (weights * into_left * from_right).sum(axis=0)
    return _unbiased(pairs, sums, paths, n)


def _hsic(left: Array, right: Array) -> Array:
    """Returns the same of K pairs of dense kernels, K×N×N, over mutual neighbours alone."""
    pairs = np.einsum("kij,kji->k", left, right)
    sums = left.sum(axis=(1, 2)) * right.sum(axis=(1, 2))
    paths = (left.sum(axis=1) * right.sum(axis=2)).sum(axis=1)
    return _unbiased(pairs, sums, paths, left.shape[1])


def _unbiased(pairs: Array, sums: Array, paths: Array, n: int) -> Array:
    hsic: Array = (pairs + sums / ((n - 1) * (n - 2)) - 2 * paths / (n - 2)) / (n * (n - 3))
    return hsic


def _ratio(cross: Array, own_a: Array, own_b: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Array = cross / np.sqrt(own_a * own_b)
    return np.where(np.isfinite(ratio), ratio, np.nan)


def cknna(x: Any, y: Any, k: float = 10, outliers: float | None = None) -> float:
    """Returns the alignment of two kernels among mutual nearest neighbours; see :class:`CKNNA`."""
    return CKNNA(k, outliers=outliers)(x, y)
