"""The compiled inner loops of a pass over blocks of distances."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from prh.similarity.arrays import Array
from prh.similarity.products import SHARES


def from_products(
    products: NDArray[np.float32], squares: NDArray[np.float32], distance: str
) -> NDArray[np.float32]:
    """Returns distances in the place of the products that they are computed from.

    Args:
        products: B×M inner products, of the first B of M stimuli with all of them.
        squares: Of the lengths of the stimuli, M.
        distance: Euclidean or its square, or a cosine distance between rows of length one.
    """
    # Between rows of length one, |u − v|² / 2 is 1 − u·v.
    share = np.float32(0.5 if distance in ("cosine", "correlation") else 1.0)
    _from_products(products, squares, share, distance == "euclidean")
    return products


def cityblock(rows: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the sums of absolute differences of B rows and M others, B×M."""
    distances: NDArray[np.float32] = _cityblock(rows, others)
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


@njit(parallel=True, cache=True)
def _from_products(products, squares, share, root):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for i in prange(len(products)):
        for j in range(len(squares)):
            square = squares[i] + squares[j] - np.float32(2) * products[i, j]
            distance = share * max(square, np.float32(0))
            products[i, j] = np.sqrt(distance) if root else distance


@njit(parallel=True, cache=True, fastmath=True)
def _cityblock(rows, others):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    distances = np.empty((len(rows), len(others)), dtype=np.float32)
    for i in prange(len(rows)):
        for j in range(len(others)):
            total = np.float32(0)
            for d in range(rows.shape[1]):
                total += abs(rows[i, d] - others[j, d])
            distances[i, j] = total
    return distances


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
