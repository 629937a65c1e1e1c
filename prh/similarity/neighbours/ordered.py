"""Similarity of neighbourhoods as ordered lists, nearest first (Huh et al. 2024, appendix A)."""

from __future__ import annotations

from typing import Any

from pydantic.dataclasses import dataclass

from prh.similarity.arrays import Array
from prh.similarity.metric import STRICT
from prh.similarity.neighbours.metric import NeighborMetric, with_next
from prh.similarity.neighbours.neighborhoods import Indices, Neighborhoods, named


@dataclass(frozen=True, config=STRICT)
class LCSKNN(NeighborMetric):
    """Length of the longest common subsequence of the two ordered lists of neighbours.

    In [0, k], as in the PRH paper; in [0, 1] with ``normalised``.
    """

    normalised: bool = False

    def __post_init__(self) -> None:
        if self.k < 1 and not self.normalised:
            raise ValueError("k as a share of the stimuli needs normalised=true: lengths grow with them")

    @property
    def name(self) -> str:
        """E.g. ``LCS 10-NN``."""
        return f"LCS {named(self.k)}"

    @property
    def maximum(self) -> float:
        """The length of the lists, or 1."""
        return 1.0 if self.normalised else float(self.k)

    def each(self, a: Indices, b: Indices) -> Array:
        """Returns the lengths."""
        from prh.similarity.neighbours.lists import common_subsequences

        return common_subsequences(a, b) / (a.shape[1] if self.normalised else 1)

    def contributions(self, a: Neighborhoods, b: Neighborhoods, signs: Array) -> tuple[Array, Array, Array]:
        """Returns them as :meth:`NeighborMetric.contributions` says; costs O(N k³)."""
        from prh.similarity.neighbours.contributions import of_orders

        scale = 1 / a.indices.shape[1] if self.normalised else 1.0
        return of_orders(with_next(a), with_next(b), signs, False, 0.0, scale)


@dataclass(frozen=True, config=STRICT)
class EditKNN(NeighborMetric):
    """1 − Levenshtein distance of the two ordered lists of neighbours / k, in [0, 1]."""

    @property
    def name(self) -> str:
        """E.g. ``edit 10-NN``."""
        return f"edit {named(self.k)}"

    @property
    def twice(self) -> float:
        """Most: one neighbour less may change a whole list."""
        return 0.9

    def each(self, a: Indices, b: Indices) -> Array:
        """Returns the shares of the lists that need no edit."""
        from prh.similarity.neighbours.lists import edit_distances

        untouched: Array = 1 - edit_distances(a, b) / a.shape[1]
        return untouched

    def contributions(self, a: Neighborhoods, b: Neighborhoods, signs: Array) -> tuple[Array, Array, Array]:
        """Returns them as :meth:`NeighborMetric.contributions` says; costs O(N k³)."""
        from prh.similarity.neighbours.contributions import of_orders

        return of_orders(with_next(a), with_next(b), signs, True, 1.0, -1 / a.indices.shape[1])


def lcs_knn(x: Any, y: Any, k: float = 10, normalised: bool = False, outliers: float | None = None) -> float:
    """Returns the mean longest common subsequence of neighbours; see :class:`LCSKNN`."""
    return LCSKNN(k, normalised=normalised, outliers=outliers)(x, y)


def edit_knn(x: Any, y: Any, k: float = 10, outliers: float | None = None) -> float:
    """Returns one minus the mean edit distance of neighbours over k; see :class:`EditKNN`."""
    return EditKNN(k, outliers=outliers)(x, y)
