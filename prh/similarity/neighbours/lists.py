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


def largest(values: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Returns where in each row the ``k`` largest values stand, largest first, of equals the first, B×k."""
    places: NDArray[np.int64] = _largest(values, k)
    return places


@njit(parallel=True, cache=True)
def _largest(values, k):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    places = np.empty((len(values), k), dtype=np.int64)
    for row in prange(len(values)):
        heap = places[row]
        for size in range(1, k + 1):
            heap[k - size] = k - size
            _sink(values[row], heap, k - size, k)
        for place in range(k, values.shape[1]):
            if values[row, place] > values[row, heap[0]]:
                heap[0] = place
                _sink(values[row], heap, 0, k)
        for size in range(k - 1, 0, -1):
            heap[0], heap[size] = heap[size], heap[0]
            _sink(values[row], heap, 0, size)
    return places


@njit(cache=True)
def _sink(values, heap, top, size):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Puts the heap in order below ``top``: each place holds what is smaller, or later, than both below."""
    while 2 * top + 1 < size:
        below = 2 * top + 1
        if below + 1 < size and _smaller(values, heap[below + 1], heap[below]):
            below += 1
        if not _smaller(values, heap[below], heap[top]):
            return
        heap[top], heap[below] = heap[below], heap[top]
        top = below


@njit(cache=True)
def _smaller(values, one, other):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    return values[one] < values[other] or (values[one] == values[other] and one > other)


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
