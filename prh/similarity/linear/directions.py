"""The directions along which features vary most, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array, DegenerateFeatures
from prh.similarity.metric import Unfit

TOLERANCE = 1e-10
"""Directions whose spread is a smaller share of the largest are rounding noise."""
RESERVE = 4
"""So many times the directions that are compared are kept."""


@dataclass(frozen=True)
class Directions:
    """Centred features in coordinates along their directions of largest variance: X ≈ x · axes.

    Attributes:
        x: N×R, columns of mean zero; more directions than are compared, so that some of the stimuli, whose
            directions are others, can be compared too.
        axes: R×D, orthonormal rows.
        dim: How many directions are compared; None for all.
    """

    x: Array
    axes: Array
    dim: int | None

    @property
    def n(self) -> int:
        """Number of stimuli."""
        return len(self.x)

    @cached_property
    def _parts(self) -> tuple[Array, Array]:
        if self.dim is None:
            u, spread, turn = np.linalg.svd(self.x, full_matrices=False)
            kept = slice(0, _rank(spread, self.x.size))
            return u[:, kept], spread[kept, None] * turn[kept] @ self.axes
        # The first of many directions stand far above rounding, and the square is small.
        squares, turned = np.linalg.eigh(self.x.T @ self.x)
        spread = np.sqrt(np.maximum(squares[::-1], 0))
        kept = slice(0, min(_rank(spread, self.x.size), self.dim))
        along = self.x @ turned[:, ::-1][:, kept]
        return along / spread[kept], along.T @ self.x / spread[kept, None] @ self.axes

    @property
    def u(self) -> Array:
        """The directions that are compared, N×dim, orthonormal columns of mean zero."""
        return self._parts[0]

    @property
    def loads(self) -> Array:
        """What each column of the features has of them, dim×D."""
        return self._parts[1]

    def permute(self, order: NDArray[np.int64]) -> Directions:
        """Returns the directions of the rows taken in ``order``."""
        state = replace(self, x=self.x[order])
        state.__dict__["_parts"] = self.u[order], self.loads
        return state

    def among(self, rows: NDArray[np.int64]) -> Directions:
        """Returns the directions of some of the stimuli, found anew within those that are kept.

        Raises:
            DegenerateFeatures: They are equal.
        """
        some = self.x[rows] - self.x[rows].mean(axis=0)
        if not _rank(np.linalg.norm(some, axis=0), some.size):
            raise DegenerateFeatures("some of the stimuli are equal: nothing to correlate")
        return replace(self, x=some)


def unfit(dim: int | None, n: int) -> Unfit | None:
    """Returns what is wrong with ``dim`` directions of ``n`` stimuli, which have n − 1 once centred."""
    if dim is None or dim < n - 1:
        return None
    problem = f"{n} stimuli have {n - 1} directions, and with all of them any two networks score 1"
    return Unfit("dim", f"{problem}: nothing is left to measure", n - 2)


def directions(centred: Array, dim: int | None, name: str) -> Directions:
    """Returns at most ``dim`` directions of largest variance of centred N×D features of a size about one.

    Raises:
        DegenerateFeatures: There are none.
    """
    u, spread, axes = np.linalg.svd(centred, full_matrices=False) if centred.size else (centred,) * 3
    rank = _rank(spread, centred.size) if centred.size else 0
    if not rank:
        raise DegenerateFeatures(f"{name} is the same in all rows: nothing to correlate")
    kept = slice(0, rank if dim is None else min(RESERVE * dim, rank))
    return Directions(u[:, kept] * spread[kept], axes[kept], dim)


def _rank(spread: Array, size: int) -> int:
    return int((spread > max(TOLERANCE * spread.max(), 1e-12 * np.sqrt(size))).sum())
