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


@njit(parallel=True, cache=True, fastmath={"reassoc", "nsz", "contract"})
def _permuted_products(a, b, orders):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_a, n_b, n = len(a), b.shape[0], b.shape[1]
    partial = np.zeros((SHARES, len(orders), n_a, n_b))
    for share in prange(SHARES):
        shuffled = np.zeros(n, dtype=np.float32)
        # Row i of every a stays in the processor's cache while all permutations pass over it.
        for i in range(share, n - 1, SHARES):
            start = i * n - i * (i + 1) // 2
            for k in range(len(orders)):
                order = orders[k]
                for right in range(n_b):
                    b_row = b[right, order[i]]
                    for j in range(i + 1, n):
                        shuffled[j] = b_row[order[j]]
                    for left in range(n_a):
                        partial[share, k, left, right] += _dot(
                            a[left][start : start + n - 1 - i], shuffled[i + 1 :]
                        )
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
