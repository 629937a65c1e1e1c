"""A kernel over the stimuli, as the features it is of: its sums, its norm, some rows of it at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass as plain_dataclass
from dataclasses import replace
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array, DegenerateFeatures, multiplied

Kernel = Literal["linear", "rbf"]
Floats = NDArray[np.floating]


class Estimate(Protocol):
    """What a state knows of the metric that made it."""

    @property
    def kernel(self) -> Kernel:
        """Which kernel."""

    @property
    def unbiased(self) -> bool:
        """Whether HSIC is estimated without bias."""

    @property
    def device(self) -> str:
        """Where matrices are multiplied."""

    def block_rows(self, n: int) -> int:
        """Returns how many rows of an N×N matrix may exist at a time."""

    def keeps_squares(self, n: int) -> bool:
        """Returns whether N×N matrices are kept."""


@plain_dataclass(frozen=True)
class KernelState:
    """A kernel over the stimuli, as the features it is of.

    Attributes:
        x: N×D centred features, divided by σ for the RBF kernel; float32 where they are many.
        metric: Says which kernel and which estimate.
    """

    x: Floats
    metric: Estimate

    @property
    def n(self) -> int:
        """Number of stimuli."""
        return len(self.x)

    @cached_property
    def diagonal(self) -> Array:
        """Each stimulus' kernel value with itself, N."""
        if self.metric.kernel == "rbf":
            return np.ones(self.n)
        squares: Array = np.einsum("ij,ij->i", self.x, self.x, dtype=float)
        return squares

    @cached_property
    def sums(self) -> Array:
        """Each stimulus' kernel values summed, N; where unbiased, over the others."""
        if self.metric.kernel == "linear":
            whole = self.x @ self.x.sum(axis=0, dtype=float)
        else:
            whole = np.concatenate([rows.sum(axis=1, dtype=float) for _, rows in self.blocks()])
        sums: Array = whole - self.diagonal if self.metric.unbiased else whole
        return sums

    @cached_property
    def norm(self) -> float:
        """√HSIC of the kernel with itself."""
        return float(np.sqrt(max(hsic(self, self), 0.0)))

    def square(self) -> NDArray[np.float32]:
        """Returns the N×N kernel, centred as the estimate asks, such that scores are sums of products."""
        return self._square if self.metric.keeps_squares(self.n) else self._squared()

    @cached_property
    def _square(self) -> NDArray[np.float32]:
        return self._squared()

    def _squared(self) -> NDArray[np.float32]:
        squares = [centred(self, start, rows).astype(np.float32) for start, rows in self.blocks()]
        scale = self.norm * (np.sqrt(self.n * (self.n - 3)) if self.metric.unbiased else 1.0)
        square: NDArray[np.float32] = np.concatenate(squares) / np.float32(scale)
        return square

    def permute(self, order: NDArray[np.int64]) -> KernelState:
        """Returns the kernel of the rows taken in ``order``; sums and norm move along."""
        state = replace(self, x=self.x[order])
        state.__dict__.update(norm=self.norm, sums=self.sums[order], diagonal=self.diagonal[order])
        return state

    def among(self, rows: NDArray[np.int64]) -> KernelState:
        """Returns the kernel of some of the stimuli, centred among them.

        Raises:
            DegenerateFeatures: It does not vary.
        """
        some = self.x[rows]
        state = replace(self, x=some - some.mean(axis=0))
        if not state.norm > 0:
            raise DegenerateFeatures("some of the stimuli have a kernel without variation")
        return state

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        """Yields the kernel a few rows at a time, with the index of the first."""
        size = self.metric.block_rows(self.n)
        for start in range(0, self.n, size):
            yield start, self.rows(slice(start, start + size))

    def rows(self, some: slice) -> Floats:
        """Returns some rows of the kernel, not centred."""
        inner: Floats = multiplied(self.x[some], self.x.T, self.metric.device)
        if self.metric.kernel == "linear":
            return inner
        halves = np.einsum("ij,ij->i", self.x, self.x) / 2
        inner -= halves[some, None]
        inner -= halves
        np.exp(np.minimum(inner, 0, out=inner), out=inner)
        return inner


def centred(state: KernelState, start: int, rows: Floats) -> Floats:
    """Returns rows of a kernel centred twice; where unbiased, without the diagonal (Székely & Rizzo 2014)."""
    n, sums, total = state.n, state.sums, float(state.sums.sum())
    some = slice(start, start + len(rows))
    if not state.metric.unbiased:
        result: Floats = rows - (sums[some, None] + sums) / n + total / n**2
        return result
    result = rows - (sums[some, None] + sums) / (n - 2) + total / ((n - 1) * (n - 2))
    own = np.arange(len(rows))
    result[own, own + start] = 0.0
    return result


def hsic(a: KernelState, b: KernelState) -> float:
    """Returns the Hilbert–Schmidt independence criterion, biased up to a factor of N² alone."""
    n, wide_a, wide_b = a.n, a.x.shape[1], b.x.shape[1]
    if a.metric.kernel == "rbf" or wide_a * wide_b > n * (wide_a + wide_b):
        blocks = zip(a.blocks(), b.blocks(), strict=True)
        total = sum(
            float(np.einsum("ij,ij->", centred(a, start, left), centred(b, start, right), dtype=float))
            for (start, left), (_, right) in blocks
        )
        return total / (n * (n - 3)) if a.metric.unbiased else total
    inner = float((np.asarray(multiplied(a.x.T, b.x, a.metric.device), dtype=float) ** 2).sum())
    if not a.metric.unbiased:
        return inner
    inner -= float(a.diagonal @ b.diagonal)
    sums = float(a.sums.sum() * b.sums.sum()) / ((n - 1) * (n - 2))
    return (inner + sums - 2 / (n - 2) * float(a.sums @ b.sums)) / (n * (n - 3))
