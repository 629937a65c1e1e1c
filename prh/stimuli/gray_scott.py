"""The Gray–Scott model (Pearson 1993): two substances that react and spread, and what becomes of them."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Field = NDArray[np.float32]


def initial(n: int, size: int, seed: int) -> tuple[Field, Field]:
    """Returns n fields of each substance, n×size×size: the first everywhere, a dozen drops of the second."""
    generator = np.random.default_rng(seed)
    u, v = np.ones((n, size, size), np.float32), np.zeros((n, size, size), np.float32)
    drop = max(2, size // 10)
    for field_u, field_v in zip(u, v, strict=True):
        for top, left in generator.integers(0, size - drop, (12, 2)):
            field_u[top : top + drop, left : left + drop] = 0.5
            field_v[top : top + drop, left : left + drop] = 0.25
    u += generator.normal(0, 0.01, u.shape).astype(np.float32)
    return u, v


@njit(parallel=True, fastmath=True, cache=True)
def run(u, v, feed, kill, spread_u, spread_v, steps, every):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Moves fields on in place, and returns what a probe in their middle sees of the second substance.

    Explicit Euler steps of length one on a square whose edges meet, five-point Laplacian.

    Args:
        u: First substance, n×size×size, float32.
        v: Second substance, likewise.
        feed: How fast the first is supplied, n.
        kill: How fast the second is removed, n.
        spread_u: Diffusion of the first.
        spread_v: Diffusion of the second.
        steps: How many.
        every: Steps between two looks of the probe.

    Returns:
        n×(steps // every), float32.
    """
    n, size, _ = u.shape
    seen = np.zeros((n, steps // every), np.float32)
    for i in prange(n):
        a, b = np.empty((size + 2, size + 2), np.float32), np.empty((size + 2, size + 2), np.float32)
        next_a, next_b = np.empty_like(a), np.empty_like(b)
        a[1:-1, 1:-1], b[1:-1, 1:-1] = u[i], v[i]
        for step in range(steps):
            _meet(a)
            _meet(b)
            _react(a, b, next_a, next_b, feed[i], kill[i], spread_u, spread_v)
            a, next_a = next_a, a
            b, next_b = next_b, b
            if step % every == every - 1:
                seen[i, step // every] = b[1 + size // 2, 1 + size // 2]
        u[i], v[i] = a[1:-1, 1:-1], b[1:-1, 1:-1]
    return seen


@njit
def _meet(field):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Makes each edge of a field continue in the one across."""
    field[0, :], field[-1, :] = field[-2, :], field[1, :]
    field[:, 0], field[:, -1] = field[:, -2], field[:, 1]


@njit(fastmath=True)
def _react(a, b, next_a, next_b, feed, kill, spread_u, spread_v):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    four, one = np.float32(4), np.float32(1)
    for y in range(1, a.shape[0] - 1):
        for x in range(1, a.shape[1] - 1):
            around_a = a[y - 1, x] + a[y + 1, x] + a[y, x - 1] + a[y, x + 1] - four * a[y, x]
            around_b = b[y - 1, x] + b[y + 1, x] + b[y, x - 1] + b[y, x + 1] - four * b[y, x]
            reaction = a[y, x] * b[y, x] * b[y, x]
            next_a[y, x] = a[y, x] + spread_u * around_a - reaction + feed * (one - a[y, x])
            next_b[y, x] = b[y, x] + spread_v * around_b + reaction - (feed + kill) * b[y, x]
