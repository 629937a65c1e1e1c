"""An RDM as RSA keeps it: standardised once, compared and permuted often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import DegenerateFeatures
from prh.similarity.distances import as_square

Comparison = Literal["spearman", "pearson", "kendall", "cosine"]
FLOAT64_PAIRS = 8_000_000
"""Pairs of 4,000 stimuli. Beyond, a state is kept in half the memory."""


@dataclass(frozen=True)
class RDMState:
    """A condensed RDM, standardised so that the correlation with another is a dot product.

    Attributes:
        vector: N(N−1)/2 centred ranks (Spearman, Kendall), centred distances (Pearson) or distances (cosine),
            scaled to length one; float64, or float32 beyond :data:`FLOAT64_PAIRS`. Some of the
            stimuli standardise it anew, which needs no more than its order or its spacing.
        n: Number of stimuli.
        compare: How it was standardised.
    """

    vector: NDArray[np.floating]
    n: int
    compare: Comparison

    @classmethod
    def standardised(
        cls, distances: NDArray[np.floating], n: int, compare: Comparison, name: str = "x"
    ) -> RDMState:
        """Returns distances, centred as the correlation asks and of length one.

        Raises:
            DegenerateFeatures: All distances are equal, so there is nothing to correlate.
        """
        spread = np.ptp(distances) if compare != "cosine" else distances.max()
        if spread <= 1e-12 * float(np.abs(distances).max()):
            raise DegenerateFeatures(
                f"{name} has the same distance between all pairs of rows: nothing to rank"
            )
        from prh.similarity.rdms.ranks import midranks

        ranked = compare in ("spearman", "kendall")
        values = midranks(distances) if ranked else distances
        vector = values if compare == "cosine" else values - values.mean()
        vector = vector / np.linalg.norm(vector)
        return cls(vector if len(vector) <= FLOAT64_PAIRS else vector.astype(np.float32), n, compare)

    def permute(self, order: NDArray[np.int64]) -> RDMState:
        """Returns the state of the rows taken in ``order``."""
        return replace(self, vector=reordered(self.vector, order))

    def among(self, rows: NDArray[np.int64]) -> RDMState:
        """Returns the state of some of the stimuli, their distances ranked anew.

        Raises:
            DegenerateFeatures: All of their distances are equal.
        """
        return self.standardised(reordered(self.vector, rows), len(rows), self.compare)

    def square(self, keep: bool) -> NDArray[np.float32]:
        """Returns the vector as a symmetric N×N matrix, and keeps it if asked."""
        return self._square if keep else self._squared()

    @cached_property
    def _square(self) -> NDArray[np.float32]:
        return self._squared()

    def _squared(self) -> NDArray[np.float32]:
        square: NDArray[np.float32] = as_square(self.vector.astype(np.float32))
        return square

    def coded(self, exact: int, classes: int) -> NDArray[np.uint16]:
        """Returns N×N places of the distances in their own order, of more than ``exact`` in ``classes``."""
        from prh.similarity.rdms.ranks import midranks

        ranks = midranks(self.vector)
        different, places = np.unique(ranks[: 1 << 16], return_inverse=True)
        if len(ranks) > len(places) or len(different) > exact:
            places = ((ranks - 0.5) * (classes / len(ranks))).astype(np.int64)
        square: NDArray[np.uint16] = as_square(places.astype(np.uint16))
        return square


def reordered(condensed: NDArray[np.floating], order: NDArray[np.int64]) -> NDArray[np.floating]:
    """Returns the distances between the stimuli in ``order``, R(R−1)/2, from those of all N."""
    n = round((1 + np.sqrt(1 + 8 * len(condensed))) / 2)
    first, second = np.triu_indices(len(order), k=1)
    low, high = np.minimum(order[first], order[second]), np.maximum(order[first], order[second])
    reordered: NDArray[np.floating] = condensed[low * n - low * (low + 1) // 2 + high - low - 1]
    return reordered
