"""Centred kernel alignment (Kornblith et al. 2019), biased, or unbiased after Song et al. (2012)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from prh.similarity.arrays import Array, DegenerateFeatures
from prh.similarity.distances import rdm
from prh.similarity.influence import Influence, of_pairs
from prh.similarity.kernels.state import Kernel, KernelState, hsic
from prh.similarity.metric import PAIRS_TWICE, STRICT, Kind, Metric
from prh.similarity.states import check_paired

MEDIAN_STIMULI = 4096
"""The median distance is that between so many evenly spaced stimuli; they have eight million pairs."""
FLOAT64_VALUES = 1 << 20
"""Larger matrices of features are multiplied in float32."""


@dataclass(frozen=True, config=STRICT)
class CKA(Metric):
    """Alignment of two kernels over the same stimuli.

    In [0, 1], unbiased in [−1, 1]; 1 for representations that differ by rotation and isotropic scale.
    The biased linear CKA of independent features grows with D/N: look at its null, or use ``unbiased``.
    ``prepare`` costs O(N D²) where D < N and the kernel is linear, else O(N² D); ``compare`` O(N D D') or
    O(N² D).

    Attributes:
        kernel: ``linear`` or ``rbf``, exp(−d² / 2σ²).
        unbiased: Whether HSIC is estimated without bias.
        sigma: Width σ of the RBF kernel, as a share of the median distance between stimuli.
    """

    LAYERS_AT_ONCE = 24

    kernel: Kernel = "linear"
    unbiased: bool = False
    sigma: Annotated[float, Field(ge=1e-3, le=1e3)] = 1.0

    @property
    def name(self) -> str:
        """E.g. ``CKA (linear)``."""
        return f"CKA ({self.kernel}{', unbiased' if self.unbiased else ''})"

    @property
    def geometry(self) -> Literal["euclidean"]:
        """Both kernels see Euclidean distances."""
        return "euclidean"

    @property
    def kind(self) -> Kind:
        """Like a correlation, it varies less the nearer it is to one."""
        return "correlation"

    @property
    def minimum(self) -> float:
        """The biased estimate is a mean of squares; the other may lie on either side of zero."""
        return -1.0 if self.unbiased else 0.0

    @property
    def width_inflates(self) -> bool:
        """The bias grows with the width of the features."""
        return not self.unbiased

    def for_classes(self) -> Self:
        """Returns the unbiased estimate: of ten class centroids, the biased one is mostly bias."""
        return replace(self, unbiased=True)

    def prepare(self, x: Any, name: str = "x") -> KernelState:
        """Returns the kernel of N×D features and its norm.

        Raises:
            DegenerateFeatures: NaN or infinite values, or all rows are equal.
        """
        features = self.matrix(x, name)
        matrix = features - features.mean(axis=0)
        scale = float(np.abs(matrix).max())
        if scale <= 1e-12 * float(np.abs(features).max()):
            raise DegenerateFeatures(f"{name} is the same in all rows: nothing to align")
        if self.kernel == "rbf":
            some = matrix[np.unique(np.linspace(0, len(matrix) - 1, MEDIAN_STIMULI).astype(int))]
            scale = self.sigma * float(np.median(rdm(some, "euclidean", name)))
            if scale == 0:
                raise DegenerateFeatures(f"{name} has mostly equal rows: the RBF kernel has no width")
        matrix /= scale
        state = KernelState(matrix if matrix.size <= FLOAT64_VALUES else matrix.astype(np.float32), self)
        if not state.norm > 0:
            raise DegenerateFeatures(f"{name} has a kernel without variation: nothing to align")
        return state

    def compare(self, a: KernelState, b: KernelState) -> float:
        """Returns HSIC(K, L) / √(HSIC(K, K) HSIC(L, L))."""
        check_paired(a, b)
        return hsic(a, b) / (a.norm * b.norm)

    def permuted(
        self, a: Sequence[KernelState], b: Sequence[KernelState], orders: NDArray[np.int64]
    ) -> Array:
        """Returns K×L_a×L_b scores under permutations of ``b``; see :meth:`Metric.permuted`."""
        if self.squares(a[0].n) < 2:
            return super().permuted(a, b, orders)
        from prh.similarity.products import permuted_products

        def score(left: Sequence[KernelState], right: Sequence[KernelState]) -> Array:
            k, m = (np.stack([state.square() for state in states]) for states in (left, right))
            own_k, own_m = (np.einsum("lii->li", squares).astype(float) for squares in (k, m))
            diagonal: Array = np.einsum("ai,bki->kab", own_k, own_m[:, orders])
            return 2 * permuted_products([_upper(square) for square in k], m, orders) + diagonal

        return self.by_groups(a, b, orders, score)

    def shifted(
        self,
        a: Sequence[KernelState],
        b: Sequence[KernelState],
        order: NDArray[np.int64],
        shifts: NDArray[np.int64],
    ) -> Array:
        """Returns K×L_a×L_b scores with ``b`` moved on along ``order``; see :meth:`Metric.shifted`."""
        if self.squares(a[0].n) < 2:
            return super().shifted(a, b, order, shifts)
        from prh.similarity.shifts import shifted_dots, shifted_products

        def condensed(states: Sequence[KernelState]) -> tuple[list[NDArray[np.float32]], Array]:
            squares = (state.square() for state in states)
            parts = [(_upper(square), np.diagonal(square).astype(float)) for square in squares]
            return [pairs for pairs, _ in parts], np.stack([own for _, own in parts])

        scores = np.empty((len(shifts), len(a), len(b)))
        size = max(1, self.squares(a[0].n) // 2)
        for i in range(0, len(a), size):
            left, own_left = condensed(a[i : i + size])
            for j in range(0, len(b), size):
                right, own_right = condensed(b[j : j + size])
                sums = 2 * shifted_products(left, right, order) + shifted_dots(own_left, own_right, order)
                scores[:, i : i + size, j : j + size] = sums[shifts]
        return scores

    def terms(self, state: KernelState) -> Array:
        """Returns the centred kernel, N×N; see :meth:`Metric.terms`."""
        return state.square().astype(float)

    def influence(self, a: Sequence[KernelState], b: Sequence[KernelState], signs: Array) -> Influence:
        """Returns what each stimulus contributes; see :meth:`Metric.influence`.

        With centred kernels K and L of norm one, CKA is Σ K L, which pair (i, j) moves by
        K_ij L_ij − CKA (K_ij² + L_ij²) / 2.
        """
        n = a[0].n
        found = np.empty((n, len(a), len(b))), np.empty((signs.shape[1], len(a), len(b)))
        size = max(1, self.squares(n) // 4)
        for start in range(0, len(b), size):
            others = [state.square() for state in b[start : start + size]]
            for (i, left), (j, other) in product(enumerate(a), enumerate(others, start)):
                own = left.square()
                products = own * other
                pairs = products - (products.sum() / 2) * (own**2 + other**2)
                diagonal = np.diagonal(pairs).astype(float)
                np.fill_diagonal(pairs, 0.0)
                values, found[1][:, i, j] = of_pairs(pairs, signs, 2.0)
                # A stimulus is paired with itself once, with each other twice; where unbiased, never.
                values = values + n * diagonal
                found[0][:, i, j] = values - values.mean()
        return Influence(*found, PAIRS_TWICE)


def _upper(square: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the pairs i < j, row after row."""
    return np.concatenate([row[i + 1 :] for i, row in enumerate(square)])


def cka(
    x: Any,
    y: Any,
    kernel: Kernel = "linear",
    unbiased: bool = False,
    sigma: float = 1.0,
    outliers: float | None = None,
) -> float:
    """Returns the centred kernel alignment of paired rows; see :class:`CKA`."""
    return CKA(kernel, unbiased, sigma, outliers=outliers)(x, y)
