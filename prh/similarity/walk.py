"""All permutations of a few stimuli, one swap after another."""

from __future__ import annotations

from math import factorial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from prh.similarity.arrays import Array


def walked_products(a: Array, b: Array) -> NDArray[np.float32]:
    """Returns Σ_ij a_ij b_{π_i π_j} for all N! permutations π but the identity.

    Heap's algorithm (1963) comes from one permutation to the next by a single swap, which changes the terms
    of two rows and two columns: O(N) a permutation, where the whole sum is O(N²).

    Args:
        a: L_a×N×N, symmetric or not; at N = 10, ten layers take half a second.
        b: L_b×N×N.

    Returns:
        L_a×L_b×(N! − 1), summed in float64.
    """
    if len(b) > len(a):
        # The inverses of all permutations are all permutations; the reordered side is the one that costs.
        return walked_products(b, a).transpose(1, 0, 2)
    left, right = (np.ascontiguousarray(side, dtype=float) for side in (a, b))
    products: NDArray[np.float32] = _walked(left, right, factorial(a.shape[1]))
    return products[:, :, 1:]


@njit(cache=True)
def _walked(a, b, n_orders):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_a, n, n_b = len(a), a.shape[1], len(b)
    products = np.empty((n_a, n_b, n_orders), dtype=np.float32)
    # What a swap of places p and q moves: a_pj − a_qj and a_jp − a_jq, and among p and q themselves.
    differences = np.empty((n, n, n, n_a, 2))
    for p in range(n):
        for q in range(n):
            for j in range(n):
                differences[p, q, j, :, 0] = a[:, p, j] - a[:, q, j]
                differences[p, q, j, :, 1] = a[:, j, p] - a[:, j, q]
            differences[p, q, p, :, 0] = a[:, p, p] - a[:, q, q]
            differences[p, q, q, :, 0] = a[:, p, q] - a[:, q, p]
    for right in range(n_b):
        _walk(a, b[right], differences, products[:, right])
    return products


@njit(cache=True, fastmath={"reassoc", "nsz", "contract"})
def _walk(a, b, differences, products):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_a, n = len(a), len(b)
    order, done, total, at = np.arange(n), np.zeros(n, dtype=np.int64), np.zeros(n_a), 0
    for left in range(n_a):
        total[left] = (a[left] * b).sum()
        products[left, at] = total[left]
    i = 1
    while i < n:
        if done[i] == i:
            done[i] = 0
            i += 1
            continue
        p, q = (done[i] if i % 2 else 0), i
        u, v = order[p], order[q]
        for j in range(n):
            w = order[j]
            if j == p:
                row, column = b[v, v] - b[u, u], 0.0
            elif j == q:
                row, column = b[v, u] - b[u, v], 0.0
            else:
                row, column = b[v, w] - b[u, w], b[w, v] - b[w, u]
            for left in range(n_a):
                total[left] += row * differences[p, q, j, left, 0] + column * differences[p, q, j, left, 1]
        order[p], order[q] = v, u
        at += 1
        for left in range(n_a):
            products[left, at] = total[left]
        done[i] += 1
        i = 1
