"""Representational similarity analysis: the correlation of two RDMs (Kriegeskorte et al. 2008)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from prh.similarity.arrays import Array
from prh.similarity.distances import Distance, as_square, rdm
from prh.similarity.influence import Influence, of_pairs
from prh.similarity.metric import PAIRS_TWICE, STRICT, Kind, Metric
from prh.similarity.rdms.state import Comparison, RDMState
from prh.similarity.rdms.streaming import StreamedRDM, streamed, streamed_correlation
from prh.similarity.states import check_paired

KENDALL_CLASSES = 512
"""So few that counting how often which two of them meet stays in the processor's nearest cache."""


def rsa(
    x: Any,
    y: Any,
    distance: Distance | tuple[Distance, Distance] = "cosine",
    compare: Comparison = "spearman",
    outliers: float | None = None,
) -> float:
    """Returns how alike two representations arrange the same stimuli.

    Args:
        x: N×D features.
        y: N×D' features, rows paired with ``x``.
        distance: Of the RDMs; a pair gives each side its own.
        compare: ``spearman`` (ranks), ``pearson`` (centred), ``kendall`` (τ_b, which costs a sort) or
            ``cosine`` correlation of the two RDMs.
        outliers: See :class:`prh.similarity.Metric`.

    Returns:
        A score in [−1, 1] (``cosine``: [0, 1]); 1 for representations that differ by what the distance
        is blind to: rotation and scale for ``cosine``, also shifts for ``euclidean`` under ``spearman``.

    Raises:
        ValueError: Rows are not paired, or an argument is not what it should be.
        DegenerateFeatures: NaN or infinite values, or an RDM without variation.
    """
    left, right = (distance, distance) if isinstance(distance, str) else distance
    metric, metric_y = RSA(left, compare, outliers=outliers), RSA(right, compare, outliers=outliers)
    return metric.compare(metric.prepare(x, "x"), metric_y.prepare(y, "y"))


@dataclass(frozen=True, config=STRICT)
class RSA(Metric):
    """Correlation of RDMs; ``prepare`` costs O(N² D) and, for Spearman, a sort; ``compare`` O(N²).

    Where an N×N matrix does not fit ``memory_gb``, no RDM is kept: distances are computed again, block by
    block, whenever they are needed; Spearman then ranks them by a fine histogram, which moves a score by
    less than 1e-3.
    """

    distance: Distance = "cosine"
    compare_by: Comparison = "spearman"

    @property
    def name(self) -> str:
        """E.g. ``RSA (cosine, spearman)``."""
        return f"RSA ({self.distance}, {self.compare_by})"

    @property
    def kind(self) -> Kind:
        """A correlation, but for the cosine of distances, which is far from zero for any two."""
        return "score" if self.compare_by == "cosine" else "correlation"

    @property
    def minimum(self) -> float:
        """Opposite arrangements; distances themselves are never negative."""
        return 0.0 if self.compare_by == "cosine" else -1.0

    @property
    def geometry(self) -> Distance:
        """The distance of the RDMs."""
        return self.distance

    def for_text(self) -> RSA:
        """Returns the same comparison over cosine distances, which sentence encoders are trained for."""
        return replace(self, distance="cosine")

    def exact(self, n: int) -> bool:
        """Returns whether the RDM of ``n`` stimuli fits the memory, or is not ranked."""
        return self.squares(n) >= 1 or self.compare_by in ("pearson", "cosine")

    def prepare(self, x: Any, name: str = "x") -> RDMState | StreamedRDM:
        """Returns the standardised RDM of one representation, N×D."""
        matrix = self.matrix(x, name)
        if self.squares(len(matrix)) < 1:
            return streamed(
                matrix, self.distance, self.compare_by, self.block_rows(len(matrix)), self.device, name
            )
        distances = rdm(matrix, self.distance, name)
        n = round((1 + np.sqrt(1 + 8 * len(distances))) / 2)
        return RDMState.standardised(distances, n, self.compare_by, name)

    def compare(self, a: RDMState | StreamedRDM, b: RDMState | StreamedRDM) -> float:
        """Returns the correlation of two prepared RDMs."""
        check_paired(a, b)
        if isinstance(a, StreamedRDM) or isinstance(b, StreamedRDM):
            return streamed_correlation(a, b)  # type: ignore[arg-type]
        if self.compare_by == "kendall":
            from scipy.stats import kendalltau

            return float(kendalltau(a.vector, b.vector).statistic)
        return float(np.clip(_dot(a.vector, b.vector), -1.0, 1.0))

    def permuted(self, a: Sequence[RDMState], b: Sequence[RDMState], orders: NDArray[np.int64]) -> Array:
        """Returns K×L_a×L_b scores under permutations of ``b``; see :meth:`Metric.permuted`."""
        if self.squares(a[0].n) < 1:
            return super().permuted(a, b, orders)
        if self.compare_by == "kendall":
            return self._concordance(a, b, orders)
        if len(b) > len(a):
            return self.permuted(b, a, np.argsort(orders, axis=1)).transpose(0, 2, 1)
        from prh.similarity.products import permuted_products

        left = [state.vector.astype(np.float32, copy=False) for state in a]
        keep, size = self.keeps_squares(a[0].n), self.squares(a[0].n)
        groups = [np.stack([s.square(keep) for s in b[i : i + size]]) for i in range(0, len(b), size)]
        return np.concatenate([permuted_products(left, group, orders) for group in groups], axis=2)

    def shifted(
        self,
        a: Sequence[RDMState],
        b: Sequence[RDMState],
        order: NDArray[np.int64],
        shifts: NDArray[np.int64],
    ) -> Array:
        """Returns K×L_a×L_b scores with ``b`` moved on along ``order``; see :meth:`Metric.shifted`."""
        if self.squares(a[0].n) < 1 or self.compare_by == "kendall":
            return super().shifted(a, b, order, shifts)
        from prh.similarity.shifts import shifted_products

        return shifted_products([s.vector for s in a], [s.vector for s in b], order)[shifts]

    def terms(self, state: RDMState | StreamedRDM) -> Array | None:
        """Returns the RDM, N×N; see :meth:`Metric.terms`. Kendall's τ is no sum over pairs."""
        if isinstance(state, StreamedRDM) or self.compare_by == "kendall":
            return None
        halves: Array = as_square(state.vector / np.sqrt(2.0))
        return halves

    def influence(self, a: Sequence[RDMState], b: Sequence[RDMState], signs: Array) -> Influence:
        """Returns what each stimulus contributes; see :meth:`Metric.influence`.

        A correlation of RDMs is a mean over pairs of stimuli of z z' − r (z² + z'²) / 2; Spearman's ranks add
        how every pair moves the ranks of all others.
        """
        from prh.similarity.rdms.influence import pair_contributions

        n = a[0].n
        found = np.empty((n, len(a), len(b))), np.empty((signs.shape[1], len(a), len(b)))
        for (i, left), (j, right) in product(enumerate(a), enumerate(b)):
            pairs = pair_contributions(left.vector, right.vector, self.compare_by)
            square = as_square(pairs.astype(np.float32))
            found[0][:, i, j], found[1][:, i, j] = of_pairs(square, signs, 1 / len(pairs))
        return Influence(*found, PAIRS_TWICE)

    def _concordance(self, a: Sequence[RDMState], b: Sequence[RDMState], orders: NDArray[np.int64]) -> Array:
        """Returns Kendall's τ of permuted stimuli; beyond 512 different distances to 2e-3."""
        from prh.similarity.rdms.ranks import rank_concordance

        def score(left: Sequence[RDMState], right: Sequence[RDMState]) -> Array:
            codes = [[s.coded(KENDALL_CLASSES, KENDALL_CLASSES) for s in some] for some in (left, right)]
            return rank_concordance(codes[0], codes[1], orders)

        return self.by_groups(a, b, orders, score)


def _dot(a: NDArray[np.floating], b: NDArray[np.floating], size: int = 1 << 20) -> float:
    """Returns Σ a b; float32 is summed a million terms at a time, and float64 gathers the sums."""
    return float(sum(float(a[i : i + size] @ b[i : i + size]) for i in range(0, len(a), size)))
