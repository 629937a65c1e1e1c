"""What metrics keep of a representation, so that it is prepared once and compared often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array


class State(Protocol):
    """What a metric keeps of one representation."""

    @property
    def n(self) -> int:
        """Number of stimuli."""

    def permute(self, order: NDArray[np.int64]) -> Self:
        """Returns the state of the same features with rows taken in ``order``, without recomputing it."""

    def among(self, rows: NDArray[np.int64]) -> State:
        """Returns the state of some of the stimuli alone, each at most once."""


@dataclass(frozen=True)
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

    def among(self, rows: NDArray[np.int64]) -> Rows:
        """Returns some of the rows."""
        return Rows(self.x[rows])


def check_paired(a: State, b: State) -> None:
    """Refuses states over different numbers of stimuli.

    Raises:
        ValueError: The numbers differ.
    """
    if a.n != b.n:
        raise ValueError(f"rows must be paired, but x has {a.n} rows and y has {b.n}")
