"""All cyclic shifts of the stimuli at once: a null over many stimuli for a few Fourier transforms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from prh.similarity.arrays import Array

BLOCK = 1 << 22
"""About so many distances of each side are transformed at a time."""


def shift_orders(order: NDArray[np.int64], shifts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the permutations that move every stimulus on by each shift along ``order``, K×N."""
    n = len(order)
    orders = np.empty((len(shifts), n), dtype=np.int64)
    orders[:, order] = order[(np.arange(n) + shifts[:, None]) % n]
    return orders


def shifted_products(
    a: Sequence[NDArray[np.floating]], b: Sequence[NDArray[np.floating]], order: NDArray[np.int64]
) -> Array:
    """Returns Σ_{i<j} a_ij b_{π_i π_j} for the N permutations π that are shifts along one order.

    Along ``order``, pairs at the same distance d form a circle of N, and a shift turns all circles alike:
    the sum is a circular correlation, which costs O(N² log N) for all N shifts together.

    Args:
        a: L_a condensed vectors of N(N−1)/2 pairs.
        b: L_b condensed vectors.
        order: The stimuli, N, in random order.

    Returns:
        N×L_a×L_b; the first is unshifted.
    """
    from scipy.fft import irfft, rfft

    n = len(order)
    products = np.zeros((n // 2 + 1, len(a), len(b)), dtype=np.complex128)
    size = max(1, BLOCK // n)
    for start in range(1, n // 2 + 1, size):
        steps = np.arange(start, min(start + size, n // 2 + 1))
        left, right = (
            [rfft(_circles(vector, order, steps), workers=-1, overwrite_x=True) for vector in side]
            for side in (a, b)
        )
        if 2 * steps[-1] == n:
            # Half way round, every pair is met from both of its ends.
            for spectrum in left:
                spectrum[-1] /= 2
        for i, x in enumerate(left):
            for j, y in enumerate(right):
                products[:, i, j] += _correlated(x, y)
    shifted: Array = irfft(products, n=n, axis=0)
    return shifted


def shifted_dots(a: Array, b: Array, order: NDArray[np.int64]) -> Array:
    """Returns Σ_i a_i b_{π_i} for the N permutations π that are shifts along one order.

    Args:
        a: L_a×N.
        b: L_b×N.
        order: The stimuli, N, in random order.

    Returns:
        N×L_a×L_b; the first is unshifted.
    """
    from scipy.fft import irfft, rfft

    left, right = rfft(a[:, order]), rfft(b[:, order])
    dots: Array = irfft(np.einsum("af,bf->fab", left.conj(), right), n=len(order), axis=0)
    return dots


@njit(parallel=True, cache=True)
def _circles(vector, order, steps):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Returns the distance of each stimulus to the one ``steps`` further along the order, steps×N."""
    n = len(order)
    circles = np.zeros((len(steps), n), dtype=np.float32)
    for row in prange(len(steps)):
        for place in range(n):
            one, other = order[place], order[(place + steps[row]) % n]
            low, high = min(one, other), max(one, other)
            circles[row, place] = vector[low * n - low * (low + 1) // 2 + high - low - 1]
    return circles


@njit(parallel=True, cache=True)
def _correlated(x, y):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Returns Σ conj(x) y over the rows."""
    products = np.zeros(x.shape[1], dtype=np.complex128)
    width = (x.shape[1] + 15) // 16
    for share in prange(16):
        for row in range(len(x)):
            for column in range(share * width, min((share + 1) * width, x.shape[1])):
                products[column] += np.conj(x[row, column]) * y[row, column]
    return products
