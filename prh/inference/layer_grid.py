"""Every layer of one network against every layer of another, judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from prh.inference.score import Score
from prh.inference.significance import benjamini_hochberg
from prh.similarity.arrays import Array


@dataclass(frozen=True)
class LayerGrid:
    """Scores of all pairs of layers with their nulls and intervals; NaN where a layer is degenerate.

    Attributes:
        a: Layer names of the rows, shallow to deep.
        b: Layer names of the columns.
        scores: L_a×L_b.
        p: One-sided permutation p of each cell on its own.
        p_se: Its Monte-Carlo standard error, 0 where p is exact.
        p_corrected: p of each cell against the best cell of each permuted grid: the chance that any cell
            of the grid would score as high (Westfall & Young 1993). For the best cell it is the p that
            is honest about having looked at all of them.
        p_corrected_se: Its Monte-Carlo standard error.
        null_mean: Mean score of permuted stimuli, per cell.
        null_sd: Their standard deviation.
        critical: What a score must exceed to be significant on its own; see :class:`Score`.
        excess: How far it does, from 0 to 1; see :class:`Score`.
        calibrated: (score − null mean) / (maximum − null mean).
        se: Standard error of the score over other samples of stimuli, per cell.
        ci_low: Lower end of the interval, per cell.
        ci_high: Upper end.
        exact: Whether the permutations were all that there are.
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    scores: Array
    p: Array
    p_se: Array
    p_corrected: Array
    p_corrected_se: Array
    null_mean: Array
    null_sd: Array
    critical: Array
    excess: Array
    calibrated: Array
    se: Array
    ci_low: Array
    ci_high: Array
    exact: bool = False

    @classmethod
    def unjudged(cls, a: Sequence[str], b: Sequence[str], scores: Array) -> LayerGrid:
        """Returns scores of which nothing else is known: NaN everywhere else, each array of its own."""
        unknown = [name for name, kind in cls.__annotations__.items() if kind == "Array"]
        empty: dict[str, Any] = {name: np.full(scores.shape, np.nan) for name in unknown}
        return cls(tuple(a), tuple(b), **(empty | {"scores": scores}))

    def cell(self, row: int, column: int) -> Score:
        """Returns one pair of layers."""
        at = (row, column)
        return Score(
            value=float(self.scores[at]),
            p=float(self.p[at]),
            p_se=float(self.p_se[at]),
            exact=self.exact,
            null_mean=float(self.null_mean[at]),
            null_sd=float(self.null_sd[at]),
            calibrated=float(self.calibrated[at]),
            critical=float(self.critical[at]),
            excess=float(self.excess[at]),
            se=float(self.se[at]),
            ci_low=float(self.ci_low[at]),
            ci_high=float(self.ci_high[at]),
        )

    def corrected(self, row: int, column: int) -> Score:
        """Returns one pair of layers with the p that is corrected for choosing among all of them."""
        at = (row, column)
        return replace(self.cell(*at), p=float(self.p_corrected[at]), p_se=float(self.p_corrected_se[at]))

    @property
    def last(self) -> Score:
        """The deepest layer of each side."""
        return self.cell(-1, -1)

    @property
    def best_at(self) -> tuple[int, int] | None:
        """Row and column of the highest score; None where every cell is NaN."""
        if np.isnan(self.scores).all():
            return None
        row, column = np.unravel_index(np.nanargmax(self.scores), self.scores.shape)
        return int(row), int(column)

    @property
    def q(self) -> Array:
        """False discovery rate of each cell among all cells, L_a×L_b (Benjamini & Hochberg 1995)."""
        return benjamini_hochberg(self.p)

    def rows(self) -> list[dict[str, str | float]]:
        """Returns one flat record per pair of layers, for tables."""
        q = self.q
        return [
            {
                "layer_a": name_a,
                "layer_b": name_b,
                "score": float(self.scores[i, j]),
                "se": float(self.se[i, j]),
                "ci_low": float(self.ci_low[i, j]),
                "ci_high": float(self.ci_high[i, j]),
                "p": float(self.p[i, j]),
                "p_se": float(self.p_se[i, j]),
                "p_corrected": float(self.p_corrected[i, j]),
                "p_corrected_se": float(self.p_corrected_se[i, j]),
                "exact": self.exact,
                "q": float(q[i, j]),
                "null_mean": float(self.null_mean[i, j]),
                "null_sd": float(self.null_sd[i, j]),
                "calibrated": float(self.calibrated[i, j]),
                "critical": float(self.critical[i, j]),
                "excess": float(self.excess[i, j]),
            }
            for i, name_a in enumerate(self.a)
            for j, name_b in enumerate(self.b)
        ]
