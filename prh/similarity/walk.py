"""All permutations of a few stimuli, one swap after another."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from prh.similarity.arrays import Array


def walked_products(a: Array, b: Array) -> NDArray[np.float32]:
    """Returns Σ_ij a_ij b_{π_i π_j} for all N! permutations π but the identity.

    Heap's algorithm (1963) comes from one permutation to the next by a single swap, which changes the terms
    of two rows and two columns: O(N) a permutation, where the whole sum is O(N²).

    Args:
        a: L_a×N×N, symmetric or not; N is at least 3, and 10 take a second.
        b: L_b×N×N.

    Returns:
        L_a×L_b×(N! − 1), summed in float64.
    """
    if len(b) > len(a):
        # The inverses of all permutations are all permutations; the gathered side is the one that costs.
        return walked_products(b, a).transpose(1, 0, 2)
    n = a.shape[1]
    starts = [[*first, *(i for i in range(n) if i not in first)] for first in permutations(range(n), 2)]
    left, right = (np.ascontiguousarray(side, dtype=float) for side in (a, b))
    products: NDArray[np.float32] = _walked(left, right, np.array(starts), factorial(n - 2))
    return products[:, :, 1:]


@njit(parallel=True, cache=True)
def _walked(a, b, starts, block):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_a, n, n_b = len(a), a.shape[1], len(b)
    products = np.empty((n_a, n_b, len(starts) * block), dtype=np.float32)
    rows, columns = np.empty((n, n, n, n_a)), np.empty((n, n, n, n_a))
    for p in range(n):
        for q in range(n):
            rows[p, q] = (a[:, p] - a[:, q]).T
            columns[p, q] = (a[:, :, p] - a[:, :, q]).T
    for start in prange(len(starts)):
        for right in range(n_b):
            _walk(a, b[right], rows, columns, starts[start].copy(), products[:, right], start * block)
    return products


@njit(cache=True, fastmath={"reassoc", "nsz", "contract"})
def _walk(a, b, rows, columns, order, products, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Writes the sums of all permutations that share their first two places with ``order``."""
    n = len(order)
    total = np.zeros(len(a))
    for i in range(n):
        for j in range(n):
            total += a[:, i, j] * b[order[i], order[j]]
    products[:, at] = total
    done = np.zeros(n, dtype=np.int64)
    i = 1
    while i < n - 2:
        if done[i] == i:
            done[i] = 0
            i += 1
            continue
        p, q = 2 + (done[i] if i % 2 else 0), 2 + i
        _swap(b, rows[p, q], columns[p, q], order, p, q, total)
        at += 1
        for left in range(len(total)):
            products[left, at] = total[left]
        done[i] += 1
        i = 1


@njit(cache=True, fastmath={"reassoc", "nsz", "contract"})
def _swap(b, row, column, order, p, q, total):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Swaps places p and q and adds to the sums what that changes."""
    u, v = order[p], order[q]
    for j in range(len(order)):
        w = order[j]
        if j in (p, q):
            continue
        along, across = b[v, w] - b[u, w], b[w, v] - b[w, u]
        for left in range(len(total)):
            total[left] += along * row[j, left] + across * column[j, left]
    own, cross = b[v, v] - b[u, u], b[v, u] - b[u, v]
    for left in range(len(total)):
        # a_pp − a_qq and a_pq − a_qp, from differences of rows and of columns.
        total[left] += own * (row[p, left] + column[q, left]) + cross * (row[q, left] - column[q, left])
    order[p], order[q] = v, u
