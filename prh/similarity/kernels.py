"""The inner loops that NumPy has no word for, compiled: permutations, bootstraps, ordered lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from prh.similarity.arrays import Array

SHARES = 16
"""Into how many parts the rows are dealt, whatever the number of cores, so that sums never depend on it."""


def midranks(values: NDArray[np.floating]) -> Array:
    """Returns the rank of each value from 1, tied values sharing their mean rank; as SciPy's ``rankdata``.

    Values are told apart to one part in 10¹² of the largest, less where they are more than eight million:
    noise must not rank equal distances. Each value and its place share 64 bits, which sort several times
    faster than an index does.
    """
    bits = len(values).bit_length()
    levels = min(10**12, 2 ** (63 - bits))
    low, largest = float(values.min()), float(np.abs(values).max()) or 1.0
    keys = np.rint((values - low) * (levels / (2 * largest if low < 0 else largest))).astype(np.uint64)
    packed = (keys << np.uint64(bits)) | np.arange(len(values), dtype=np.uint64)
    packed.sort()
    ranks: Array = _midranks(packed, np.uint64(bits))
    return ranks


def permuted_products(a: NDArray[np.float32], b: NDArray[np.float32], orders: NDArray[np.int64]) -> Array:
    """Returns Σ_{i<j} a[:, i, j] ⊗ b[:, π_i, π_j] for each permutation π.

    Args:
        a: L_a×N×N, symmetric.
        b: L_b×N×N, symmetric.
        orders: K×N.

    Returns:
        K×L_a×L_b; a reference in plain NumPy is ``Metric.permuted``.
    """
    products: Array = _permuted_products(a, b, np.ascontiguousarray(orders))
    return products


def resampled_rank_correlations(
    a: Sequence[NDArray[np.uint16]], b: Sequence[NDArray[np.uint16]], counts: NDArray[np.int64]
) -> Array:
    """Returns Spearman correlations over bootstrap samples, each ranked anew by a weighted count of codes.

    Args:
        a: L_a matrices N×N of ordinal codes.
        b: L_b likewise.
        counts: K×N, how often each stimulus occurs in each sample.

    Returns:
        K×L_a×L_b; a reference in plain NumPy is ``Metric.resampled``.
    """
    codes = np.stack([*a, *b])
    correlations: Array = _resampled(codes, len(a), int(codes.max()) + 1, np.ascontiguousarray(counts))
    return correlations


def rank_concordance(
    a: Sequence[NDArray[np.uint16]],
    b: Sequence[NDArray[np.uint16]],
    orders: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> Array:
    """Returns Kendall's τ_b between ordinal codes, from a table of how often which two codes meet.

    Args:
        a: L_a matrices N×N of ordinal codes.
        b: L_b likewise.
        orders: K×N, permutations of the stimuli of ``b``.
        counts: K×N, how often each stimulus occurs.

    Returns:
        K×L_a×L_b.
    """
    left, right = np.stack(a), np.stack(b)
    codes = int(max(left.max(), right.max())) + 1
    taus: Array = _rank_concordance(left, right, codes, np.ascontiguousarray(orders), counts)
    return taus


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


def histogram(
    distances: NDArray[np.float32], weights: NDArray[np.float32], low: float, step: float, bins: int
) -> Array:
    """Returns how many pairs of stimuli lie at which distance, by steps; beyond both ends, at the ends.

    Args:
        distances: B×M, from the first B of M stimuli to all of them; pairs (i, j) with i < j count.
        weights: How often each stimulus occurs, M; a pair occurs as often as the product.
        low: Where the first step begins.
        step: Width of each.
        bins: Number of steps.
    """
    tally: Array = _histogram(distances, weights, np.float32(low), np.float32(1 / step), bins)
    return tally


def rank_products(
    a: NDArray[np.float32],
    b: NDArray[np.float32],
    weights: NDArray[np.float32],
    ranks_a: NDArray[np.float32],
    ranks_b: NDArray[np.float32],
    scales: NDArray[np.float32],
) -> float:
    """Returns the weighted sum over pairs i < j of the product of what their distances' steps are worth.

    Args:
        a: B×M distances, as in :func:`histogram`.
        b: B×M distances between the same stimuli.
        weights: How often each stimulus occurs, M.
        ranks_a: What each step of ``a`` is worth.
        ranks_b: What each step of ``b`` is worth.
        scales: Low end and step of ``a``, then of ``b``.
    """
    scales = np.array([scales[0], 1 / scales[1], scales[2], 1 / scales[3]], dtype=np.float32)
    return float(_rank_products(a, b, weights, ranks_a, ranks_b, scales).sum())


def moments(
    a: NDArray[np.float32],
    b: NDArray[np.float32],
    weights: NDArray[np.float32],
    shifts: NDArray[np.float32],
) -> Array:
    """Returns Σ w, Σ w a, Σ w b, Σ w a², Σ w b² and Σ w a b over pairs i < j, less their shifts.

    Args:
        a: B×M distances, as in :func:`histogram`.
        b: B×M distances between the same stimuli.
        weights: How often each stimulus occurs, M.
        shifts: Taken from every ``a`` and every ``b`` first.
    """
    sums: Array = _moments(a, b, weights, shifts).sum(axis=0)
    return sums


@njit(cache=True)
def _midranks(packed, bits):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    ranks = np.empty(len(packed))
    place = (np.uint64(1) << bits) - np.uint64(1)
    start = 0
    while start < len(packed):
        end = start
        while end < len(packed) and packed[end] >> bits == packed[start] >> bits:
            end += 1
        for tied in range(start, end):
            ranks[packed[tied] & place] = (start + 1 + end) / 2
        start = end
    return ranks


@njit(parallel=True, cache=True)
def _histogram(distances, weights, low, scale, bins):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    tally = np.zeros((SHARES, bins))
    for share in prange(SHARES):
        for i in range(share, len(distances), SHARES):
            for j in range(i + 1, len(weights)):
                place = int((distances[i, j] - low) * scale)
                tally[share, min(max(place, 0), bins - 1)] += weights[i] * weights[j]
    return tally.sum(axis=0)


@njit(parallel=True, cache=True)
def _rank_products(a, b, weights, ranks_a, ranks_b, scales):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    last = len(ranks_a) - 1
    sums = np.zeros(len(a))
    for i in prange(len(a)):
        for j in range(i + 1, len(weights)):
            left = min(max(int((a[i, j] - scales[0]) * scales[1]), 0), last)
            right = min(max(int((b[i, j] - scales[2]) * scales[3]), 0), last)
            sums[i] += weights[i] * weights[j] * ranks_a[left] * ranks_b[right]
    return sums


@njit(parallel=True, cache=True)
def _moments(a, b, weights, shifts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    sums = np.zeros((len(a), 6))
    for i in prange(len(a)):
        for j in range(i + 1, len(weights)):
            weight = np.float64(weights[i] * weights[j])
            left, right = a[i, j] - shifts[0], b[i, j] - shifts[1]
            sums[i, 0] += weight
            sums[i, 1] += weight * left
            sums[i, 2] += weight * right
            sums[i, 3] += weight * left * left
            sums[i, 4] += weight * right * right
            sums[i, 5] += weight * left * right
    return sums


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
        table = np.zeros((k + 1, k + 1), dtype=np.int64)
        for i in range(k + 1):
            table[i, 0] = i * edits
            table[0, i] = i * edits
        for i in range(k):
            for j in range(k):
                same = a[row, i] == b[row, j]
                if edits:
                    replaced = table[i, j] + (0 if same else 1)
                    table[i + 1, j + 1] = min(replaced, table[i, j + 1] + 1, table[i + 1, j] + 1)
                elif same:
                    table[i + 1, j + 1] = table[i, j] + 1
                else:
                    table[i + 1, j + 1] = max(table[i, j + 1], table[i + 1, j])
        result[row] = table[k, k]
    return result


@njit(parallel=True, cache=True, fastmath={"reassoc", "nsz", "contract"})
def _permuted_products(a, b, orders):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_a, n_b, n = a.shape[0], b.shape[0], a.shape[1]
    partial = np.zeros((SHARES, len(orders), n_a, n_b))
    for share in prange(SHARES):
        shuffled = np.zeros(n, dtype=np.float32)
        # Row i of every a stays in the processor's cache while all permutations pass over it.
        for i in range(share, n - 1, SHARES):
            for k in range(len(orders)):
                order = orders[k]
                for right in range(n_b):
                    b_row = b[right, order[i]]
                    for j in range(i + 1, n):
                        shuffled[j] = b_row[order[j]]
                    for left in range(n_a):
                        partial[share, k, left, right] += _dot(a[left, i, i + 1 :], shuffled[i + 1 :])
    return partial.sum(axis=0)


@njit(parallel=True, cache=True, fastmath={"reassoc", "nsz", "contract"})
def _resampled(codes, n_a, n_codes, counts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_b = len(codes) - n_a
    correlations = np.zeros((len(counts), n_a, n_b))
    for k in prange(len(counts)):
        kept = np.flatnonzero(counts[k])
        weights = counts[k][kept].astype(np.float32)
        ranks = _unit_midranks(codes, n_codes, kept, weights)
        left = np.zeros(len(kept), dtype=np.float32)
        right = np.zeros((n_b, len(kept)), dtype=np.float32)
        for i in range(len(kept) - 1):
            for layer in range(n_b):
                row, rank = codes[n_a + layer, kept[i]], ranks[n_a + layer]
                for j in range(i + 1, len(kept)):
                    right[layer, j] = weights[i] * weights[j] * rank[row[kept[j]]]
            for a in range(n_a):
                row, rank = codes[a, kept[i]], ranks[a]
                for j in range(i + 1, len(kept)):
                    left[j] = rank[row[kept[j]]]
                for b in range(n_b):
                    correlations[k, a, b] += _dot(left[i + 1 :], right[b, i + 1 :])
    return correlations


@njit(parallel=True, cache=True)
def _rank_concordance(a, b, codes, orders, counts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_a, n, _ = a.shape
    taus = np.zeros((len(orders), n_a, len(b)))
    for k in prange(len(orders)):
        order, weights = orders[k], counts[k].astype(np.int32)
        for left in range(n_a):
            for right in range(len(b)):
                table = np.zeros((codes, codes), dtype=np.int32)
                for i in range(n - 1):
                    a_row, b_row = a[left, i], b[right, order[i]]
                    for j in range(i + 1, n):
                        table[a_row[j], b_row[order[j]]] += weights[i] * weights[j]
                taus[k, left, right] = _tau(table)
    return taus


@njit(cache=True)
def _tau(table):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Returns τ_b of a table of counts, NaN where one side is all one code."""
    smaller = np.zeros(table.shape[1])
    balance, rows_squared = 0.0, 0.0
    for row in range(len(table)):
        above, before, here = smaller.sum(), 0.0, 0.0
        for column in range(table.shape[1]):
            count = float(table[row, column])
            # Concordant with smaller codes on both sides, discordant with smaller here and larger there.
            balance += count * (before - (above - before - smaller[column]))
            before += smaller[column]
            here += count
        for column in range(table.shape[1]):
            smaller[column] += table[row, column]
        rows_squared += here**2
    untied = (smaller.sum() ** 2 - rows_squared) * (smaller.sum() ** 2 - (smaller**2).sum())
    return 2 * balance / np.sqrt(untied) if untied > 0 else np.nan


@njit(cache=True)
def _unit_midranks(codes, n_codes, kept, weights):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Returns what each code of each layer is worth in a sample, NaN where all pairs of it are tied."""
    tally = np.zeros((len(codes), n_codes))
    for i in range(len(kept) - 1):
        for layer in range(len(codes)):
            row, here = codes[layer, kept[i]], tally[layer]
            for j in range(i + 1, len(kept)):
                here[row[kept[j]]] += weights[i] * weights[j]
    ranks = np.zeros((len(codes), n_codes))
    for layer in range(len(codes)):
        whole, below, squares = tally[layer].sum(), 0.0, 0.0
        for code in range(n_codes):
            here = tally[layer, code]
            # The midrank of all pairs with this code, less the mean midrank, which is half of all.
            ranks[layer, code] = below + here / 2 - whole / 2
            squares += here * ranks[layer, code] ** 2
            below += here
        ranks[layer] /= np.sqrt(squares) if squares > 0 else np.nan
    return ranks.astype(np.float32)


@njit(cache=True, fastmath={"reassoc", "nsz", "contract"})
def _dot(a, b):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Returns a · b, summed in float32: a row is short enough; float64 gathers the rows."""
    row = np.float32(0.0)
    for j in range(len(a)):
        row += a[j] * b[j]
    return row
