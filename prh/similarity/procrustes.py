"""Orthogonal Procrustes: how near a rotation brings one representation to another (Williams et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass as plain_dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from prh.similarity.arrays import Array, DegenerateFeatures
from prh.similarity.metric import STRICT, Metric, check_paired
from prh.similarity.overlaps import gathered, permuted_overlaps


@dataclass(frozen=True, config=STRICT)
class Procrustes(Metric):
    """One minus the distance that is left after the best rotation, as a share of the largest, in [0, 1].

    Both sides are centred and scaled to Frobenius norm one, X and Y; the distance min_Q ‖X − Y Q‖ is
    √(2 − 2‖XᵀY‖₊) with the nuclear norm ‖·‖₊, at most √2. So the score is 1 − √(1 − ‖XᵀY‖₊). Blind to
    rotation, shift and isotropic scale. ``prepare`` costs O(N D), ``compare`` O(N D D') and an SVD.
    """

    @property
    def name(self) -> str:
        """``Procrustes``."""
        return "Procrustes"

    @property
    def geometry(self) -> Literal["euclidean"]:
        """Distances after rotation are Euclidean."""
        return "euclidean"

    @property
    def copies_inflate(self) -> bool:
        """Fewer different stimuli are easier to map onto each other."""
        return True

    @property
    def few_draws(self) -> int:
        """10,000: each is the singular values of a matrix as wide as there are stimuli."""
        return 10_000

    def prepare(self, x: Any, name: str = "x") -> Shape:
        """Returns N×D features without position and size.

        Raises:
            DegenerateFeatures: NaN or infinite values, or all rows are equal.
        """
        matrix = self.matrix(x, name)
        centred = matrix - matrix.mean(axis=0)
        scale = float(np.abs(centred).max())
        if scale <= 1e-12 * float(np.abs(matrix).max()):
            raise DegenerateFeatures(f"{name} is the same in all rows: it has no shape")
        if centred.shape[1] > len(centred):
            # A rotation of the features, which changes no score, leaves N columns.
            left, spread, _ = np.linalg.svd(centred / scale, full_matrices=False)
            centred, scale = left * spread, 1.0
        return Shape(centred / scale / np.linalg.norm(centred / scale))

    def compare(self, a: Shape, b: Shape) -> float:
        """Returns 1 − √(1 − ‖XᵀY‖₊)."""
        check_paired(a, b)
        return float(self._score(a.x.T @ b.x))

    def permuted(self, a: Sequence[Shape], b: Sequence[Shape], orders: NDArray[np.int64]) -> Array:
        """Returns K×L_a×L_b scores under permutations of ``b``; see :meth:`Metric.permuted`."""
        overlaps = permuted_overlaps([s.x for s in a], [s.x for s in b], orders)
        return gathered(((at, self._score(overlap)) for at, overlap in overlaps), len(orders), a, b)

    def _score(self, overlaps: Array) -> Array:
        nuclear = np.linalg.svd(overlaps, compute_uv=False).sum(axis=-1)
        score: Array = 1 - np.sqrt(np.clip(1 - nuclear, 0, 1))
        return score


@plain_dataclass(frozen=True)
class Shape:
    """Features without position and size.

    Attributes:
        x: N×D, columns of mean zero, Frobenius norm one.
    """

    x: Array

    @property
    def n(self) -> int:
        """Number of stimuli."""
        return len(self.x)

    def permute(self, order: NDArray[np.int64]) -> Shape:
        """Returns the shape of the rows taken in ``order``."""
        return Shape(self.x[order])

    def resample(self, counts: NDArray[np.int64]) -> Shape:
        """Returns the shape with stimulus i counting ``counts[i]`` times.

        Raises:
            DegenerateFeatures: All stimuli that occur are equal.
        """
        share = np.sqrt(counts / counts.sum())[:, None]
        rows = share * (self.x - (share**2 * self.x).sum(axis=0))
        norm = np.linalg.norm(rows)
        if norm <= 1e-12:
            raise DegenerateFeatures("all stimuli of a sample are equal: they have no shape")
        return Shape(rows / norm)


def procrustes(x: Any, y: Any, outliers: float | None = None) -> float:
    """Returns one minus the normalised Procrustes distance of paired rows; see :class:`Procrustes`."""
    return Procrustes(outliers=outliers)(x, y)
