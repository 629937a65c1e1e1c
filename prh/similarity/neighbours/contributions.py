"""What each stimulus adds to scores of neighbourhoods, as a neighbour of others.

Without stimulus j, each list that holds it loses one entry and the next one moves up. What that changes is
what j adds. Who moves up is one entry of many that might have: where the change is the same for all entries
(overlaps, kernels), the mean over the next k/2 is taken, which is steadier.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from prh.similarity.arrays import Array
from prh.similarity.neighbours.lists import aligned

Lists = NDArray[np.int64]
Contributions = tuple[Array, Array, Array]
"""How alike each stimulus' own neighbourhoods are, N; what it adds as a neighbour, N; K signed sums."""


def of_overlaps(
    a: Lists, next_a: Lists, b: Lists, next_b: Lists, likeness: Array, signs: Array
) -> Contributions:
    """Returns contributions to a likeness that is a function of how many neighbours two lists share.

    Args:
        a: N×k neighbours in one representation.
        next_a: N×h, who follows.
        b: N×k in the other.
        next_b: N×h.
        likeness: Of lists that share 0 … k neighbours, k+1 values.
        signs: N×K, ±1.
    """
    found: Contributions = _of_overlaps(a, next_a, b, next_b, likeness, signs)
    return found


def of_orders(a: Lists, b: Lists, signs: Array, edits: bool, start: float, scale: float) -> Contributions:
    """Returns contributions to ``start + scale`` × common subsequence, or edit distance, of ordered lists.

    Args:
        a: N×(k+1) neighbours, of which the last is who moves up.
        b: Likewise.
        signs: N×K, ±1.
        edits: Edit distance rather than the longest common subsequence.
        start: Likeness where that is zero.
        scale: What one more of it is worth.
    """
    own, added, sums = _of_orders(a, b, signs, int(edits))
    return start + scale * own, scale * added, scale * sums


def of_returns(a: Lists, b: Lists, signs: Array) -> Contributions:
    """Returns contributions to the share of stimuli i that are in ``a[j]`` for some j in ``b[i]``.

    Args:
        a: N×(k+1) neighbours, of which the last is who moves up.
        b: Likewise.
        signs: N×K, ±1.
    """
    found: Contributions = _of_returns(a, b, signs)
    return found


def of_kernels(
    a: Lists, values_a: Array, b: Lists, values_b: Array, k: int, h: int, signs: Array
) -> tuple[Array, Array]:
    """Returns contributions to Σ K_ij L_ij over pairs that are neighbours of each other in both.

    Args:
        a: N×(k+h) neighbours, nearest first.
        values_a: Their kernel values.
        b: Likewise in the other representation.
        values_b: Likewise.
        k: How many of them are neighbours.
        h: Over how many of those that follow the mean is taken.
        signs: N×K, ±1.

    Returns:
        What each stimulus adds, N, and K signed sums over pairs.
    """
    found: tuple[Array, Array] = _of_kernels(a, values_a, b, values_b, k, h, signs)
    return found


@njit(cache=True)
def _add(added, sums, signs, i, j, amount):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    added[j] += amount
    for draw in range(len(sums)):
        sums[draw] += amount * signs[i, draw] * signs[j, draw]


@njit(cache=True)
def _of_overlaps(a, next_a, b, next_b, likeness, signs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n, k = a.shape
    own, added, sums = np.zeros(n), np.zeros(n), np.zeros(signs.shape[1])
    in_a, in_b = np.full(n, -1), np.full(n, -1)
    for i in range(n):
        for t in range(k):
            in_a[a[i, t]] = i
            in_b[b[i, t]] = i
        shared = 0
        for j in a[i]:
            shared += in_b[j] == i
        gain_a, gain_b = 0.0, 0.0
        for j in next_a[i]:
            gain_a += (in_b[j] == i) / next_a.shape[1]
        for j in next_b[i]:
            gain_b += (in_a[j] == i) / next_b.shape[1]
        own[i] = likeness[shared]
        low, high = max(shared - 1, 0), min(shared + 1, k)
        slope = (likeness[high] - likeness[low]) / (high - low)
        for j in a[i]:
            lost = likeness[shared] - likeness[shared - 1] if in_b[j] == i else 0.0
            _add(added, sums, signs, i, j, lost - slope * gain_a)
        for j in b[i]:
            _add(added, sums, signs, i, j, -slope * gain_b)
    return own, added, sums


@njit(cache=True)
def _of_orders(a, b, signs, edits):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n, k = len(a), a.shape[1] - 1
    own, added, sums = np.zeros(n), np.zeros(n), np.zeros(signs.shape[1])
    table = np.zeros((k + 1, k + 1), dtype=np.int64)
    for i in range(n):
        own[i] = aligned(a[i, :k], b[i, :k], edits, table)
        for j in a[i, :k]:
            changed = aligned(_without(a[i], j), _without(b[i], j), edits, table)
            _add(added, sums, signs, i, j, own[i] - changed)
        for j in b[i, :k]:
            if not (a[i, :k] == j).any():
                changed = aligned(_without(a[i], j), _without(b[i], j), edits, table)
                _add(added, sums, signs, i, j, own[i] - changed)
    return own, added, sums


@njit(cache=True)
def _without(entries, j):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Returns the first k of k + 1 entries once j is left out."""
    kept = np.empty(len(entries) - 1, dtype=entries.dtype)
    place = 0
    for entry in entries:
        if entry != j and place < len(kept):
            kept[place] = entry
            place += 1
    return kept


@njit(cache=True)
def _of_returns(a, b, signs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n, k = len(a), a.shape[1] - 1
    own, added, sums = np.zeros(n), np.zeros(n), np.zeros(signs.shape[1])
    ways = np.zeros(n, dtype=np.int64)
    for i in range(n):
        for j in b[i, :k]:
            ways[i] += (a[j, :k] == i).any()
        own[i] = ways[i] > 0
    for i in range(n):
        through_next = (a[b[i, k], :k] == i).any()
        for j in b[i, :k]:
            left = ways[i] - (a[j, :k] == i).any() + through_next
            _add(added, sums, signs, i, j, own[i] - (left > 0))
        # If i's list in a loses j, the next one comes to be reached from i.
        reached = a[i, k]
        if ways[reached] == 0 and (b[reached, :k] == i).any():
            for j in a[i, :k]:
                _add(added, sums, signs, reached, j, -1.0)
    return own, added, sums


@njit(cache=True)
def _place(entries, j, k):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for t in range(k):
        if entries[t] == j:
            return t
    return -1


@njit(cache=True)
def _of_kernels(a, values_a, b, values_b, k, h, signs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n = len(a)
    added, sums = np.zeros(n), np.zeros(signs.shape[1])
    for i in range(n):
        for t in range(k):
            j = a[i, t]
            place = _place(b[i], j, k)
            if place >= 0 and _place(a[j], i, k) >= 0 and _place(b[j], i, k) >= 0:
                value = values_a[i, t] * values_b[i, place]
                added[i] += value
                _add(added, sums, signs, i, j, value)
        for lists, others, mine, its in ((a, b, values_a, values_b), (b, a, values_b, values_a)):
            gain = 0.0
            for t in range(k, k + h):
                j = lists[i, t]
                place = _place(others[i], j, k)
                if place >= 0 and _place(lists[j], i, k) >= 0 and _place(others[j], i, k) >= 0:
                    gain += 2 * mine[i, t] * its[i, place] / h
            for t in range(k):
                _add(added, sums, signs, i, lists[i, t], -gain)
    return added, sums
