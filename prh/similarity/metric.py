"""The protocol that every similarity metric follows, and that all inference is written against."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass as plain_dataclass
from itertools import product
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from prh.ground.values import Device, Gigabytes
from prh.similarity.arrays import Array, as_matrix, without_outliers
from prh.similarity.distances import Distance
from prh.similarity.influence import Influence
from prh.similarity.states import check_paired

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
"""Metrics are built from configs, and refuse keys that they do not have and numbers that are none."""
PAIRS_TWICE = 0.75
"""How much of what pairs count twice is taken off a variance: all of it leaves too little."""
Kind = Literal["score", "share", "correlation"]
ENOUGH = 2048
"""Of more stimuli, standard errors of metrics over all pairs come from so many of them, drawn at random."""


@plain_dataclass(frozen=True)
class Unfit:
    """An attribute of a metric that does not suit a number of stimuli.

    Attributes:
        field: Its name.
        problem: What is wrong with its value.
        most: The largest value that suits; None where it is too small.
    """

    field: str
    problem: str
    most: int | None


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

    LAYERS_AT_ONCE: ClassVar[int] = 64
    """So many layers take seconds to compare all with all; 0 where every pair costs a fit."""

    outliers: Annotated[float, Field(ge=0.5, le=1)] | None = None
    device: Device = "cpu"
    memory_gb: Gigabytes = 1.0

    @property
    def maximum(self) -> float:
        """The highest score that there can be, for most metrics that of a representation with itself."""
        return 1.0

    @property
    def kind(self) -> Kind:
        """What a score is: near their ends, shares and correlations have intervals that are not symmetric."""
        return "score"

    @property
    def minimum(self) -> float:
        """No score lies below; where no end is known, −∞."""
        return 0.0

    @property
    @abstractmethod
    def name(self) -> str:
        """What tables and figures call the metric."""

    @property
    def geometry(self) -> Distance:
        """The distance in which figures show what this metric sees."""
        return "cosine"

    @property
    def width_inflates(self) -> bool:
        """Whether wide features score high even if unrelated, so that only calibrated scores compare."""
        return False

    @property
    def few_draws(self) -> int:
        """How many permutations of a few stimuli, such as class centroids, to draw at least."""
        return 100_000

    def exact(self, n: int) -> bool:
        """Returns whether scores over ``n`` stimuli are exact, not from a histogram."""
        return True

    def unfit(self, n: int) -> Unfit | None:
        """Returns what of the metric cannot be with ``n`` stimuli; None where all can."""
        return None

    def spent(self, state: Any) -> bool:
        """Returns whether a state scores the maximum with any other, so that nothing is left to measure."""
        return False

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

    def twice_left_out(self, few: bool) -> tuple[float, float]:
        """Returns how much of what pairs count twice is taken off where stimuli are left out, and what stays.

        Measured from pairs that are left out together, it is badly known; see docs/calibration.md.

        Args:
            few: Whether single stimuli are left out, not parts of many.
        """
        return 0.15, 0.5

    @property
    def enough(self) -> int | None:
        """How many stimuli :meth:`influence` is asked of at most; None for all."""
        return ENOUGH

    def influence(self, a: Sequence[Any], b: Sequence[Any], signs: Array) -> Influence | None:
        """Returns what each stimulus contributes to the score of every pair of states.

        None where a metric does not say; :func:`prh.inference.uncertainty.influences` then leaves stimuli out
        and compares again.

        Args:
            a: L_a states over N stimuli.
            b: L_b states over the same.
            signs: N×K, ±1 at random, alike for stimuli that are taken as one; see
                :func:`prh.similarity.influence.of_pairs`.

        Returns:
            Values N×L_a×L_b, pairs K×L_a×L_b.
        """
        return None

    def _grid(self, a: Sequence[Any], b: Sequence[Any]) -> list[list[float]]:
        return [[self.compare(left, right) for right in b] for left in a]
