"""Orthogonal Procrustes: how near a rotation brings one representation to another (Williams et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass as plain_dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from prh.similarity.arrays import Array, DegenerateFeatures
from prh.similarity.influence import Influence
from prh.similarity.linear.overlaps import gathered, permuted_overlaps
from prh.similarity.metric import STRICT, Metric
from prh.similarity.states import check_paired


@dataclass(frozen=True, config=STRICT)
class Procrustes(Metric):
    """One minus the distance that is left after the best rotation, as a share of the largest, in [0, 1].

    Both sides are centred and scaled to Frobenius norm one, X and Y; the distance min_Q ‖X − Y Q‖ is
    √(2 − 2‖XᵀY‖₊) with the nuclear norm ‖·‖₊, at most √2. So the score is 1 − √(1 − ‖XᵀY‖₊). Blind to
    rotation, shift and isotropic scale. ``prepare`` costs O(N D), ``compare`` O(N D D') and an SVD.
    """

    LAYERS_AT_ONCE = 0

    @property
    def name(self) -> str:
        """``Procrustes``."""
        return "Procrustes"

    @property
    def geometry(self) -> Literal["euclidean"]:
        """Distances after rotation are Euclidean."""
        return "euclidean"

    @property
    def width_inflates(self) -> bool:
        """Wider features are easier to map onto each other."""
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

    def influence(self, a: Sequence[Shape], b: Sequence[Shape], signs: Array) -> Influence:
        """Returns what each stimulus contributes; see :meth:`Metric.influence`.

        With the rotation Q, the overlap ‖XᵀY‖₊ is Σ xᵢᵀ Q yᵢ, which stimulus i moves by
        xᵢᵀ Q yᵢ − ‖XᵀY‖₊ (|xᵢ|² + |yᵢ|²) / 2.
        """
        n = a[0].n
        values = np.empty((n, len(a), len(b)))
        for (i, left), (j, right) in product(enumerate(a), enumerate(b)):
            into, overlap, back = np.linalg.svd(left.x.T @ right.x, full_matrices=False)
            total = float(overlap.sum())
            along = np.einsum("nd,nd->n", left.x @ into, right.x @ back.T)
            sizes = (left.x**2).sum(axis=1) + (right.x**2).sum(axis=1)
            moved = n * (along - total / 2 * sizes)
            values[:, i, j] = moved / (2 * np.sqrt(max(1 - total, 1e-12)))
        return Influence(values, np.zeros((1, len(a), len(b))), 0.0)


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

    def among(self, rows: NDArray[np.int64]) -> Shape:
        """Returns the shape of some of the stimuli.

        Raises:
            DegenerateFeatures: They are equal.
        """
        some = self.x[rows] - self.x[rows].mean(axis=0)
        norm = np.linalg.norm(some)
        if norm <= 1e-12:
            raise DegenerateFeatures("some of the stimuli are equal: they have no shape")
        return Shape(some / norm)


def procrustes(x: Any, y: Any, outliers: float | None = None) -> float:
    """Returns one minus the normalised Procrustes distance of paired rows; see :class:`Procrustes`."""
    return Procrustes(outliers=outliers)(x, y)
