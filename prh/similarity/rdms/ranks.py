"""The compiled inner loops of ranking and of counting which ranks go together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from prh.similarity.arrays import Array


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


def rank_concordance(
    a: Sequence[NDArray[np.uint16]],
    b: Sequence[NDArray[np.uint16]],
    orders: NDArray[np.int64],
) -> Array:
    """Returns Kendall's τ_b between ordinal codes, from a table of how often which two codes meet.

    Args:
        a: L_a matrices N×N of ordinal codes.
        b: L_b likewise.
        orders: K×N, permutations of the stimuli of ``b``.

    Returns:
        K×L_a×L_b.
    """
    left, right = np.stack(a), np.stack(b)
    codes = int(max(left.max(), right.max())) + 1
    taus: Array = _rank_concordance(left, right, codes, np.ascontiguousarray(orders))
    return taus


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
def _rank_concordance(a, b, codes, orders):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_a, n, _ = a.shape
    taus = np.zeros((len(orders), n_a, len(b)))
    for k in prange(len(orders)):
        order = orders[k]
        for left in range(n_a):
            for right in range(len(b)):
                table = np.zeros((codes, codes), dtype=np.int32)
                for i in range(n - 1):
                    a_row, b_row = a[left, i], b[right, order[i]]
                    for j in range(i + 1, n):
                        table[a_row[j], b_row[order[j]]] += 1
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
