"""The compiled inner loops of permuting and resampling RDMs and kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit, prange
from numba.typed import List
from numpy.typing import NDArray

from prh.similarity.arrays import Array

SHARES = 16
"""Into how many parts the rows are dealt, whatever the number of cores, so that sums never depend on it."""


def permuted_products(
    a: Sequence[NDArray[np.float32]], b: NDArray[np.float32], orders: NDArray[np.int64]
) -> Array:
    """Returns Σ_{i<j} a[:, i, j] ⊗ b[:, π_i, π_j] for each permutation π.

    Args:
        a: L_a condensed vectors of N(N−1)/2 pairs i < j, row after row.
        b: L_b×N×N, symmetric; reading it in another order is what costs, so give the side with fewer layers.
        orders: K×N.

    Returns:
        K×L_a×L_b; a reference in plain NumPy is ``Metric.permuted``.
    """
    products: Array = _permuted_products(List(a), b, np.ascontiguousarray(orders))
    return products


@njit(parallel=True, cache=True, fastmath={"reassoc", "nsz", "contract"})
def _permuted_products(a, b, orders):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_a, n_b, n = len(a), b.shape[0], b.shape[1]
    partial = np.zeros((SHARES, len(orders), n_a, n_b))
    for share in prange(SHARES):
        shuffled = np.zeros(n, dtype=np.float32)
        rows = np.zeros((n_a, n), dtype=np.float32)
        for i in range(share, n - 1, SHARES):
            start, width = i * n - i * (i + 1) // 2, n - 1 - i
            # Row i of every a, copied: it stays in the processor's cache while all permutations pass over it,
            # and no thread counts references to what another reads.
            for left in range(n_a):
                rows[left, :width] = a[left][start : start + width]
            for k in range(len(orders)):
                order = orders[k]
                for right in range(n_b):
                    b_row = b[right, order[i]]
                    for j in range(width):
                        shuffled[j] = b_row[order[i + 1 + j]]
                    for left in range(n_a):
                        partial[share, k, left, right] += _dot(rows[left, :width], shuffled[:width])
    return partial.sum(axis=0)


@njit(cache=True, fastmath={"reassoc", "nsz", "contract"})
def _dot(a, b):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Returns a · b, summed in float32: a row is short enough; float64 gathers the rows."""
    row = np.float32(0.0)
    for j in range(len(a)):
        row += a[j] * b[j]
    return row
