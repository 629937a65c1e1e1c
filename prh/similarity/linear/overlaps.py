"""XᵀPY for many permutations P at once: what canonical correlations and Procrustes are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array

NUMBERS = 1 << 22
"""About so many numbers of reordered features exist at a time."""
Place = tuple[slice, int, int]


def permuted_overlaps(
    a: Sequence[Array], b: Sequence[Array], orders: NDArray[np.int64]
) -> Iterator[tuple[Place, Array]]:
    """Yields XᵀPY of every pair of matrices, some permutations at a time.

    Args:
        a: L_a matrices N×D.
        b: L_b matrices N×D', whose rows are permuted.
        orders: K×N.

    Yields:
        Where in the K×L_a×L_b scores, and the products there, B×D×D'.
    """
    for j, right in enumerate(b):
        size = max(1, NUMBERS // right.size)
        for start in range(0, len(orders), size):
            some = slice(start, start + size)
            reordered = right[orders[some]]
            for i, left in enumerate(a):
                yield (some, i, j), left.T @ reordered


def gathered(scored: Iterable[tuple[Place, Array]], n: int, a: Sequence[Any], b: Sequence[Any]) -> Array:
    """Returns ``n`` scores of every pair of states, n×L_a×L_b, each put in its place."""
    scores = np.empty((n, len(a), len(b)))
    for at, values in scored:
        scores[at] = values
    return scores
