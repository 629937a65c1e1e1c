"""An RDM as RSA keeps it: standardised once, compared, permuted and resampled often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import squareform

from prh.similarity.arrays import Array, DegenerateFeatures

Comparison = Literal["spearman", "pearson", "kendall", "cosine"]
FLOAT64_PAIRS = 8_000_000
"""Pairs of 4,000 stimuli. Beyond, a state is kept in half the memory."""
EXACT_PAIRS = 4096
"""Up to so many different distances, bootstrap samples rank each; beyond, they rank classes of them."""
RANK_CLASSES = 1024
"""So few that counting them stays in the processor's nearest cache."""


@dataclass(frozen=True)
class RDMState:
    """A condensed RDM, standardised so that the correlation with another is a dot product.

    Attributes:
        vector: N(N−1)/2 centred ranks (Spearman, Kendall), centred distances (Pearson) or distances (cosine),
            scaled to length one; float64, or float32 beyond :data:`FLOAT64_PAIRS`. Bootstrap samples
            standardise it anew, which needs no more than its order or its spacing.
        n: Number of stimuli.
        compare: How it was standardised.
    """

    vector: NDArray[np.floating]
    n: int
    compare: Comparison

    @classmethod
    def standardised(
        cls, distances: NDArray[np.floating], weights: Array, n: int, compare: Comparison, name: str = "x"
    ) -> RDMState:
        """Standardises distances that count ``weights`` times each.

        Raises:
            DegenerateFeatures: All distances are equal, so there is nothing to correlate.
        """
        if compare == "kendall":
            # Sorted and counted pair by pair, so every copy is written out.
            distances, weights = np.repeat(distances, weights.astype(int)), np.ones(int(weights.sum()))
        spread = np.ptp(distances) if compare != "cosine" else distances.max()
        if spread <= 1e-12 * float(np.abs(distances).max()):
            raise DegenerateFeatures(
                f"{name} has the same distance between all pairs of rows: nothing to rank"
            )
        ranked = compare in ("spearman", "kendall")
        values = _weighted_midranks(distances, weights) if ranked else distances
        if compare != "cosine":
            values = values - np.average(values, weights=weights)
        vector = values * np.sqrt(weights)
        vector /= np.linalg.norm(vector)
        return cls(vector if len(vector) <= FLOAT64_PAIRS else vector.astype(np.float32), n, compare)

    def permute(self, order: NDArray[np.int64]) -> RDMState:
        """Returns the state of the rows taken in ``order``."""
        return replace(self, vector=reordered(self.vector, order))

    def resample(self, counts: NDArray[np.int64]) -> RDMState:
        """Returns the state in which stimulus i occurs ``counts[i]`` times."""
        kept = np.flatnonzero(counts)
        weights = np.outer(counts[kept], counts[kept])[np.triu_indices(len(kept), k=1)].astype(float)
        return RDMState.standardised(reordered(self.vector, kept), weights, len(kept), self.compare)

    def square(self, keep: bool) -> NDArray[np.float32]:
        """Returns the vector as a symmetric N×N matrix, and keeps it if asked."""
        return self._square if keep else self._squared()

    def codes(self, keep: bool) -> NDArray[np.uint16]:
        """Returns N×N places of the distances in their own order, and keeps them if asked.

        Equal distances are tied, and so are nearly equal ones where they are many.
        """
        return self._codes if keep else self.coded(EXACT_PAIRS, RANK_CLASSES)

    @cached_property
    def _square(self) -> NDArray[np.float32]:
        return self._squared()

    @cached_property
    def _codes(self) -> NDArray[np.uint16]:
        return self.coded(EXACT_PAIRS, RANK_CLASSES)

    def _squared(self) -> NDArray[np.float32]:
        square: NDArray[np.float32] = squareform(self.vector.astype(np.float32), checks=False)
        return square

    def coded(self, exact: int, classes: int) -> NDArray[np.uint16]:
        """Returns N×N places of the distances in their own order, of more than ``exact`` in ``classes``."""
        from prh.similarity.ranks import midranks

        ranks = midranks(self.vector)
        different, places = np.unique(ranks[: 1 << 16], return_inverse=True)
        if len(ranks) > len(places) or len(different) > exact:
            places = ((ranks - 0.5) * (classes / len(ranks))).astype(np.int64)
        square: NDArray[np.uint16] = squareform(places.astype(np.uint16), checks=False)
        return square


def _tied(distances: NDArray[np.floating]) -> NDArray[np.floating]:
    """Returns distances in which those equal but for rounding are equal: noise must not rank them."""
    return np.round(distances / float(np.abs(distances).max()), 12)


def _weighted_midranks(values: NDArray[np.floating], weights: Array) -> Array:
    """Returns the mean rank of each value in a list where value i stands ``weights[i]`` times."""
    if (weights == 1).all():
        from prh.similarity.ranks import midranks

        return midranks(values)
    _, group = np.unique(_tied(values), return_inverse=True)
    totals = np.bincount(group, weights=weights)
    ranks: Array = np.cumsum(totals) - (totals - 1) / 2
    return ranks[group]


def reordered(condensed: NDArray[np.floating], order: NDArray[np.int64]) -> NDArray[np.floating]:
    """Returns the distances between the stimuli in ``order``, R(R−1)/2, from those of all N."""
    n = round((1 + np.sqrt(1 + 8 * len(condensed))) / 2)
    first, second = np.triu_indices(len(order), k=1)
    low, high = np.minimum(order[first], order[second]), np.maximum(order[first], order[second])
    reordered: NDArray[np.floating] = condensed[low * n - low * (low + 1) // 2 + high - low - 1]
    return reordered
