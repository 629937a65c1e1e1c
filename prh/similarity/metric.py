"""The protocol that every similarity metric follows, and that all inference is written against."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass as plain_dataclass
from itertools import product
from typing import Annotated, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, PositiveFloat
from pydantic.dataclasses import dataclass

from prh.similarity.arrays import Array, DegenerateFeatures, as_matrix, without_outliers
from prh.similarity.rdm import Distance

STRICT = ConfigDict(extra="forbid")
"""Metrics are built from configs, and refuse keys that they do not have."""


class State(Protocol):
    """What a metric keeps of one representation."""

    @property
    def n(self) -> int:
        """Number of stimuli."""

    def permute(self, order: NDArray[np.int64]) -> Self:
        """Returns the state of the same features with rows taken in ``order``, without recomputing it."""

    def resample(self, counts: NDArray[np.int64]) -> Self:
        """Returns the state in which stimulus i occurs ``counts[i]`` times.

        Pairs of a stimulus with itself are left out: they are similar in every representation (Nili 2014).
        """


@plain_dataclass(frozen=True)
class Rows:
    """The simplest state: the features themselves, for metrics with nothing to prepare.

    Attributes:
        x: N×D.
    """

    x: Array

    @property
    def n(self) -> int:
        """Number of stimuli."""
        return len(self.x)

    def permute(self, order: NDArray[np.int64]) -> Rows:
        """Returns the rows in ``order``."""
        return Rows(self.x[order])

    def resample(self, counts: NDArray[np.int64]) -> Rows:
        """Returns the rows, row i ``counts[i]`` times."""
        return Rows(np.repeat(self.x, counts, axis=0))


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Metric(ABC):
    """A similarity between two representations of the same stimuli.

    Attributes:
        outliers: Clamps features at the mean of the rows' quantiles of |x| at this share and scales rows to
            length one, as the PRH paper does at 0.95; None leaves features as they are.
        device: Where large products are computed: ``cuda``, ``auto`` for CUDA if there is one, else the CPU.
        memory_gb: What the N×N numbers that exist at a time may take, in GiB; more stimuli are passed over
            in blocks.
    """

    outliers: Annotated[float, Field(gt=0, le=1)] | None = None
    device: str = "cpu"
    memory_gb: PositiveFloat = 1.0

    @property
    def maximum(self) -> float:
        """The score of a representation with itself."""
        return 1.0

    @property
    @abstractmethod
    def name(self) -> str:
        """What tables and figures call the metric."""

    @property
    def geometry(self) -> Distance:
        """The distance in which figures show what this metric sees."""
        return "cosine"

    @property
    def copies_inflate(self) -> bool:
        """Whether stimuli drawn twice make a bootstrap sample's score too high."""
        return False

    @property
    def bag(self) -> int | None:
        """How many stimuli a bootstrap sample of more than twice as many is drawn from; None for all.

        For metrics whose samples each cost a pass over all pairs of stimuli.
        """
        return None

    @property
    def few_draws(self) -> int:
        """How many permutations of a few stimuli, such as class centroids, to draw at least."""
        return 100_000

    def exact(self, n: int) -> bool:
        """Returns whether scores over ``n`` stimuli are exact, not from a histogram."""
        return True

    def matrix(self, x: Any, name: str) -> Array:
        """Returns features as float64, checked, and without outliers where that is asked.

        Raises:
            ValueError: As :func:`prh.similarity.arrays.as_matrix`.
        """
        matrix = as_matrix(x, name)
        return matrix if self.outliers is None else without_outliers(matrix, self.outliers, name)

    def block_rows(self, n: int) -> int:
        """Returns how many rows of an N×N matrix to hold at a time, several such blocks being held."""
        return max(1, int(self.memory_gb * 2**30 / 8 / (8 * n)))

    def squares(self, n: int) -> int:
        """Returns how many N×N float32 matrices fit the memory."""
        return int(self.memory_gb * 2**30 / (4 * n * n))

    def keeps_squares(self, n: int) -> bool:
        """Returns whether N×N matrices are so small that every layer may keep its own."""
        return self.squares(n) >= 64

    def by_groups(
        self,
        a: Sequence[Any],
        b: Sequence[Any],
        draws: NDArray[np.int64],
        score: Callable[[Sequence[Any], Sequence[Any]], Array],
    ) -> Array:
        """Returns K×L_a×L_b scores, as many states at a time as fit the memory with an N×N matrix each.

        Args:
            a: L_a states.
            b: L_b states.
            draws: K of them.
            score: Scores some states of ``a`` with some of ``b`` under all draws.
        """
        scores = np.empty((len(draws), len(a), len(b)))
        size = max(1, self.squares(a[0].n) // 2)
        for i, j in product(range(0, len(a), size), range(0, len(b), size)):
            scores[:, i : i + size, j : j + size] = score(a[i : i + size], b[j : j + size])
        return scores

    @abstractmethod
    def prepare(self, x: Any, name: str = "x") -> Any:
        """Returns the state of one representation, N×D; costs once per layer."""

    @abstractmethod
    def compare(self, a: Any, b: Any) -> float:
        """Returns the similarity of two states over the same stimuli; cheap, once per pair."""

    def for_classes(self) -> Metric:
        """Returns the metric that suits class centroids, of which there are far fewer than stimuli."""
        return self

    def for_text(self) -> Metric:
        """Returns the metric whose ``prepare`` suits text embeddings; its states compare with this one's."""
        return self

    def __call__(self, x: Any, y: Any) -> float:
        """Returns the similarity of two representations, N×D and N×D', rows paired."""
        a, b = self.prepare(x, "x"), self.prepare(y, "y")
        check_paired(a, b)
        return self.compare(a, b)

    def permuted(self, a: Sequence[Any], b: Sequence[Any], orders: NDArray[np.int64]) -> Array:
        """Returns the scores of every pair of states with the stimuli of ``b`` reordered.

        Args:
            a: L_a states.
            b: L_b states.
            orders: K×N, a permutation of the stimuli per row; all of ``b`` is permuted alike.

        Returns:
            K×L_a×L_b scores.
        """
        return np.array([self._grid(a, [state.permute(order) for state in b]) for order in orders])

    def shifted(
        self, a: Sequence[Any], b: Sequence[Any], order: NDArray[np.int64], shifts: NDArray[np.int64]
    ) -> Array:
        """Returns the scores of every pair of states with the stimuli of ``b`` moved on along an order.

        A metric that costs a pass over all pairs of stimuli may have all shifts for little more than one.

        Args:
            a: L_a states.
            b: L_b states.
            order: All N stimuli, in random order.
            shifts: K numbers of places, each in [0, N).

        Returns:
            K×L_a×L_b scores, those of :meth:`permuted` with :func:`prh.similarity.shifts.shift_orders`.
        """
        from prh.similarity.shifts import shift_orders

        return self.permuted(a, b, shift_orders(order, shifts))

    def terms(self, state: Any) -> Array | None:
        """Returns the N×N numbers M by which a state's scores are sums, Σ_ij M_ij M'_ij, at any order of M'.

        Where there are such, all permutations of a few stimuli cost a second
        (:func:`prh.similarity.walk.walked_products`). None where scores are no such sums.
        """
        return None

    def resampled(self, a: Sequence[Any], b: Sequence[Any], counts: NDArray[np.int64]) -> Array:
        """Returns the scores of every pair of states over bootstrap samples of the stimuli.

        Args:
            a: L_a states.
            b: L_b states.
            counts: K×N, how often each stimulus occurs in each sample.

        Returns:
            K×L_a×L_b scores; NaN where a sample leaves nothing to correlate.
        """
        scores = np.full((len(counts), len(a), len(b)), np.nan)
        for sample, count in zip(scores, counts, strict=True):
            with suppress(DegenerateFeatures):
                sample[:] = self._grid([s.resample(count) for s in a], [s.resample(count) for s in b])
        return scores

    def _grid(self, a: Sequence[Any], b: Sequence[Any]) -> list[list[float]]:
        return [[self.compare(left, right) for right in b] for left in a]


def check_paired(a: State, b: State) -> None:
    """Refuses states over different numbers of stimuli.

    Raises:
        ValueError: The numbers differ.
    """
    if a.n != b.n:
        raise ValueError(f"rows must be paired, but x has {a.n} rows and y has {b.n}")
