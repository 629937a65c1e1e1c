"""Every encoder against every other, judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from prh.inference.score import Score
from prh.inference.significance import benjamini_hochberg, calibrated
from prh.similarity.arrays import Array
from prh.similarity.influence import Influence
from prh.similarity.metric import Metric


@dataclass(frozen=True)
class PairTable:
    """Scores of pairs of M encoders with their nulls and intervals; NaN where a pair was not asked for.

    Row i and column j hold what ``metric.compare(i, j)`` and its judgement are; arrays are symmetric if the
    metric is. On the diagonal scores are the metric's maximum, calibrated ones 1, and the rest is NaN.

    Attributes:
        names: The M encoders.
        scores: M×M, in units of the metric.
        p: One-sided permutation p of each pair on its own, in (0, 1].
        p_se: Its Monte-Carlo standard error, 0 where exact.
        q: False discovery rate of each pair among all that were judged (Benjamini & Hochberg 1995).
        null_mean: Mean score with the stimuli of one side permuted.
        null_sd: Their standard deviation.
        calibrated: (score − null mean) / (maximum − null mean).
        critical: What a score must exceed to be significant on its own.
        se: Standard error over other samples of stimuli.
        ci_low: Lower end of the interval.
        ci_high: Upper end.
        exact: Whether the permutations were all that there are.
        symmetric: Whether the metric is; if not, [i, j] and [j, i] are two numbers.
        influence: On the scores of pairs i < j, row after row, N×M(M−1)/2, NaN where not judged; where the
            metric is not symmetric, on the mean of both directions. None without intervals.
    """

    names: tuple[str, ...]
    scores: Array
    p: Array
    p_se: Array
    q: Array
    null_mean: Array
    null_sd: Array
    calibrated: Array
    critical: Array
    se: Array
    ci_low: Array
    ci_high: Array
    exact: bool = False
    symmetric: bool = True
    influence: Influence | None = None

    @classmethod
    def of(
        cls, names: tuple[str, ...], metric: Metric, scores: Array, symmetric: bool, **judged: Any
    ) -> Self:
        """Returns the table of scores, M×M, and what else was found; everything not given stays NaN."""
        unknown = [name for name, kind in cls.__annotations__.items() if kind == "Array"]
        fields: dict[str, Any] = {name: np.full(scores.shape, np.nan) for name in unknown}
        fields |= judged | {"scores": scores}
        once = np.triu(np.ones(scores.shape, dtype=bool), 1) if symmetric else np.ones(scores.shape, bool)
        fields["q"] = np.full(scores.shape, np.nan)
        fields["q"][once] = benjamini_hochberg(fields["p"][once])
        if symmetric:
            fields["q"] = np.where(once, fields["q"], fields["q"].T)
        fields["calibrated"] = calibrated(scores, fields["null_mean"], metric.maximum)
        own = np.eye(len(names), dtype=bool) & np.isfinite(scores)
        fields["calibrated"][own] = 1.0
        return cls(names, symmetric=symmetric, **fields)

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Which pairs have a p, M×M."""
        return np.isfinite(self.p)

    @property
    def condensed(self) -> Array:
        """Scores of pairs i < j, row after row; where the metric is not symmetric, both directions' mean."""
        mean: Array = ((self.scores + self.scores.T) / 2)[np.triu_indices(len(self.names), k=1)]
        return mean

    def cell(self, row: int, column: int) -> Score:
        """Returns one pair; its excess over the critical value is not kept."""
        kept = ("p", "p_se", "null_mean", "null_sd", "calibrated", "critical", "se", "ci_low", "ci_high")
        numbers = {name: float(getattr(self, name)[row, column]) for name in kept}
        return Score(value=float(self.scores[row, column]), exact=self.exact, **numbers)

    def rows(self) -> list[dict[str, str | float]]:
        """Returns one flat record per pair that has a score, for tables; both directions if they differ."""
        at = np.argwhere(np.isfinite(self.scores) & ~np.eye(len(self.names), dtype=bool))
        numbers = [name for name, kind in type(self).__annotations__.items() if kind == "Array"]
        return [
            {"a": self.names[i], "b": self.names[j], "score": float(self.scores[i, j])}
            | {name: float(getattr(self, name)[i, j]) for name in numbers if name != "scores"}
            | {"exact": self.exact}
            for i, j in at
            if i < j or not self.symmetric
        ]
