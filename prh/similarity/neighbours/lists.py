"""The compiled inner loops over lists of neighbours."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from prh.similarity.arrays import Array


def permuted_overlaps(a: NDArray[np.int64], b: NDArray[np.int64], orders: NDArray[np.int64]) -> Array:
    """Returns how many neighbours two graphs share once the stimuli of one are reordered.

    Args:
        a: L_a×N×k neighbours of each stimulus.
        b: L_b×N×k.
        orders: K×N permutations of the stimuli of ``b``.

    Returns:
        K×L_a×L_b sums over stimuli; a reference in plain NumPy is ``Metric.permuted``.
    """
    shared: Array = _permuted_overlaps(a, b, np.ascontiguousarray(orders))
    return shared


def returns(a: NDArray[np.int64], b: NDArray[np.int64]) -> Array:
    """Returns 1 for each stimulus i that is in ``a[j]`` for some j in ``b[i]``, else 0, N."""
    returned: Array = _returns(a, b)
    return returned


def common_subsequences(a: NDArray[np.int64], b: NDArray[np.int64]) -> Array:
    """Returns the length of the longest common subsequence of each pair of rows, N."""
    lengths: Array = _aligned(a, b, 0)
    return lengths


def edit_distances(a: NDArray[np.int64], b: NDArray[np.int64]) -> Array:
    """Returns the Levenshtein distance of each pair of rows, N."""
    distances: Array = _aligned(a, b, 1)
    return distances


@njit(parallel=True, cache=True)
def _permuted_overlaps(a, b, orders):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_a, n, _ = a.shape
    n_b = b.shape[0]
    shared = np.zeros((len(orders), n_a, n_b))
    for p in prange(len(orders)):
        order = orders[p]
        # Stimulus i of the permuted graph is order[i]; a's neighbour j is that graph's neighbour order[j].
        seen = np.full(n, -1)
        for right in range(n_b):
            for i in range(n):
                mark = right * n + i
                for neighbour in b[right, order[i]]:
                    seen[neighbour] = mark
                for left in range(n_a):
                    for neighbour in a[left, i]:
                        if seen[order[neighbour]] == mark:
                            shared[p, left, right] += 1
    return shared


@njit(parallel=True, cache=True)
def _returns(a, b):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    returned = np.zeros(len(a))
    for i in prange(len(a)):
        for j in b[i]:
            for back in a[j]:
                if back == i:
                    returned[i] = 1.0
    return returned


@njit(parallel=True, cache=True)
def _aligned(a, b, edits):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n, k = a.shape
    result = np.zeros(n)
    for row in prange(n):
        result[row] = aligned(a[row], b[row], edits, np.zeros((k + 1, k + 1), dtype=np.int64))
    return result


@njit(cache=True)
def aligned(a, b, edits, table):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Returns the edit distance of two lists, or the length of their longest common subsequence."""
    for i in range(len(a) + 1):
        table[i, 0] = i * edits
        table[0, i] = i * edits
    for i in range(len(a)):
        for j in range(len(b)):
            same = a[i] == b[j]
            if edits:
                replaced = table[i, j] + (0 if same else 1)
                table[i + 1, j + 1] = min(replaced, table[i, j + 1] + 1, table[i + 1, j] + 1)
            elif same:
                table[i + 1, j + 1] = table[i, j] + 1
            else:
                table[i + 1, j + 1] = max(table[i, j + 1], table[i + 1, j])
    return table[len(a), len(b)]
