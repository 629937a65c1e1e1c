"""Canonical correlations: SVCCA (Raghu et al. 2017) and projection-weighted CCA (Morcos et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from prh.ground.values import Count
from prh.similarity.arrays import Array
from prh.similarity.linear.directions import Directions, directions, unfit
from prh.similarity.linear.overlaps import gathered, permuted_overlaps
from prh.similarity.metric import STRICT, Kind, Metric, Unfit
from prh.similarity.states import check_paired


@dataclass(frozen=True, config=STRICT)
class _Canonical(Metric):
    """What both have: directions of each side, and correlations between them.

    Attributes:
        dim: Directions of largest variance kept; all where None.
        dim_classes: Directions kept of class centroids, of which there are few.
    """

    dim: Count | None = None
    dim_classes: Count = 3

    def for_classes(self) -> Self:
        """Returns the metric with ``dim_classes`` directions."""
        return replace(self, dim=self.dim_classes)

    @property
    def kind(self) -> Kind:
        """A mean of correlations; it varies less the nearer it is to one."""
        return "correlation"

    @property
    def width_inflates(self) -> bool:
        """More directions are easier to map onto each other."""
        return True

    def unfit(self, n: int) -> Unfit | None:
        """Refuses as many directions as stimuli have."""
        return unfit(self.dim, n)

    def spent(self, state: Directions) -> bool:
        """Returns whether the directions are all that centred stimuli have, and correlate with any."""
        return bool(state.u.shape[1] >= state.n - 1)


@dataclass(frozen=True, config=STRICT)
class SVCCA(_Canonical):
    """Mean canonical correlation of the ``dim`` directions of largest variance, in [0, 1].

    Columns are z-scored first, so a rotation of the features is not the same representation. Blind to how
    much of the variance each direction explains. Exact, not by randomised SVD. ``prepare`` costs O(N D²),
    ``compare`` O(N dim²).

    Attributes:
        dim: Directions kept; fewer where the features have fewer.
    """

    LAYERS_AT_ONCE = 24

    dim: Count = 10

    @property
    def name(self) -> str:
        """E.g. ``SVCCA (10)``."""
        return f"SVCCA ({self.dim})"

    def twice_left_out(self, few: bool) -> tuple[float, float]:
        """More than where scores move smoothly: directions change their order."""
        return 0.25, 1 / 3

    def prepare(self, x: Any, name: str = "x") -> Directions:
        """Returns the directions of largest variance of N×D features.

        Raises:
            DegenerateFeatures: NaN or infinite values, or all rows are equal.
        """
        matrix = self.matrix(x, name)
        spread = matrix.std(axis=0, ddof=1)
        varied = spread > 1e-12 * max(float(np.abs(matrix).max()), np.finfo(float).tiny)
        return directions((matrix - matrix.mean(axis=0))[:, varied] / spread[varied], self.dim, name)

    def compare(self, a: Directions, b: Directions) -> float:
        """Returns the mean canonical correlation."""
        check_paired(a, b)
        return float(self._score(a.u.T @ b.u))

    def permuted(self, a: Sequence[Directions], b: Sequence[Directions], orders: NDArray[np.int64]) -> Array:
        """Returns K×L_a×L_b scores under permutations of ``b``; see :meth:`Metric.permuted`."""
        overlaps = permuted_overlaps([s.u for s in a], [s.u for s in b], orders)
        return gathered(((at, self._score(overlap)) for at, overlap in overlaps), len(orders), a, b)

    def _score(self, overlaps: Array) -> Array:
        mean: Array = np.clip(np.linalg.svd(overlaps, compute_uv=False), 0, 1).mean(axis=-1)
        return mean


@dataclass(frozen=True, config=STRICT)
class PWCCA(_Canonical):
    """Canonical correlations weighted by how much of the features each direction accounts for, in [0, 1].

    The weights are sums over the single columns of the side with fewer dimensions (``x`` where equal), so
    a rotation of the features moves them. Where the two sides together have as many dimensions as stimuli,
    some directions correlate perfectly whatever they are, and how they share their weight is arbitrary:
    only far more stimuli than dimensions, or ``dim``, make a score worth reading.
    ``prepare`` and ``compare`` cost O(N D²).
    """

    LAYERS_AT_ONCE = 0

    @property
    def name(self) -> str:
        """E.g. ``PWCCA``."""
        return "PWCCA" if self.dim is None else f"PWCCA ({self.dim})"

    def twice_left_out(self, few: bool) -> tuple[float, float]:
        """More than where scores move smoothly: directions change their order."""
        return (0.25, 1 / 3) if few else (0.1, 0.7)

    def prepare(self, x: Any, name: str = "x") -> Directions:
        """Returns the directions of N×D features and what they account for.

        Raises:
            DegenerateFeatures: NaN or infinite values, or all rows are equal.
        """
        matrix = self.matrix(x, name)
        largest = max(float(np.abs(matrix).max()), np.finfo(float).tiny)
        return directions((matrix - matrix.mean(axis=0)) / largest, self.dim, name)

    def compare(self, a: Directions, b: Directions) -> float:
        """Returns Σ α_i ρ_i / Σ α_i with α_i = Σ_j |h_i · x_j| over the columns x_j."""
        check_paired(a, b)
        return float(self._score(a, b, a.u.T @ b.u))

    def permuted(self, a: Sequence[Directions], b: Sequence[Directions], orders: NDArray[np.int64]) -> Array:
        """Returns K×L_a×L_b scores under permutations of ``b``; see :meth:`Metric.permuted`."""
        overlaps = permuted_overlaps([s.u for s in a], [s.u for s in b], orders)
        scored = ((at, self._score(a[at[1]], b[at[2]], overlap)) for at, overlap in overlaps)
        return gathered(scored, len(orders), a, b)

    def _score(self, a: Directions, b: Directions, overlaps: Array) -> Array:
        left, correlations, right = np.linalg.svd(overlaps, full_matrices=False)
        narrow = a.u.shape[1] <= b.u.shape[1]
        variates, loads = (left.swapaxes(-1, -2), a.loads) if narrow else (right, b.loads)
        weights = np.abs(variates @ loads).sum(axis=-1)
        mean: Array = np.clip((weights * correlations).sum(axis=-1) / weights.sum(axis=-1), 0, 1)
        return mean


def svcca(x: Any, y: Any, dim: int = 10, outliers: float | None = None) -> float:
    """Returns the mean canonical correlation of the directions of largest variance; see :class:`SVCCA`."""
    return SVCCA(dim, outliers=outliers)(x, y)


def pwcca(x: Any, y: Any, outliers: float | None = None) -> float:
    """Returns the projection-weighted mean of the canonical correlations; see :class:`PWCCA`."""
    return PWCCA(outliers=outliers)(x, y)
