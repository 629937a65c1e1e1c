"""The cast: what a run found of any number of encoders, all shown the same stimuli, in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from prh.ground.numbers import interval, number, significant
from prh.inference import MixedTrend, PairTable, Trend
from prh.inference.crossfit import CrossFit
from prh.inference.score import p_text

CAPABILITIES = {"parameters": "parameters", "accuracy": "ImageNet top-1 accuracy (%)"}
"""What models may be better at, by the field of :class:`Member` that holds it."""
STEPS = {"parameters": "ten times the parameters", "accuracy": "a point of ImageNet accuracy"}
"""What one unit of capability is in a mixed model, which is linear in the logarithm of parameters."""
SAID_OF_TREND = ("rho", "p", "least_p", "detectable")
JUDGED = ("p", "p_se", "ci_low", "ci_high", "null_mean", "critical", "calibrated")


@dataclass(frozen=True)
class Member:
    """One encoder of the cast.

    Attributes:
        role: ``model``, ``reference``, ``text``, or what ``also`` calls it.
        name: What tables and figures call it.
        sense: ``images``, ``signals`` or ``words``.
        family: Members of one are not independent of each other in a trend over models.
        control: Whether it is untrained, or no network at all.
        parameters: How many it has; NaN where that is not known.
        accuracy: Published on ImageNet, in percent; NaN where there is none.
    """

    role: str
    name: str
    sense: str
    family: str
    control: bool
    parameters: float
    accuracy: float


@dataclass(frozen=True)
class LayerPaths:
    """The layers of all encoders with each other, over stimuli.

    Attributes:
        table: Pairs of layers with calibrated scores, without p.
        paths: Encoder to the places of its layers in the table, shallow to deep.
        n: How many stimuli they were compared over, the first of the sample.
    """

    table: PairTable
    paths: dict[str, tuple[int, ...]]
    n: int


@dataclass(frozen=True)
class Cast:
    """What a run found of all pairs of its encoders, at their last layers.

    Attributes:
        members: The encoders, in the order of the table.
        table: Their pairs, judged, over stimuli.
        trends: How alignment rises with capability, by its kind: of pairs of trained vision models, and of
            each of them with the text encoder.
        mixed: By how much pairs of trained vision models are more alike, by the kind of capability; empty of
            few models, or without statsmodels.
        unfitted: Why there is no mixed model, where there might be one.
        layers: All layers with each other; None where no encoder has more than one.
        best: Places of two encoders to the score of their best layers, chosen on other stimuli; empty where
            no encoder has more than one layer, or stimuli are too many.
    """

    members: tuple[Member, ...]
    table: PairTable
    trends: dict[str, dict[str, Trend]]
    mixed: dict[str, MixedTrend] = field(default_factory=dict)
    unfitted: str = ""
    layers: LayerPaths | None = None
    best: dict[tuple[int, int], CrossFit] = field(default_factory=dict)

    @property
    def best_table(self) -> PairTable | None:
        """The scores of the best layers as a table without nulls; None where there are none."""
        if not self.best:
            return None
        empty = {
            name: np.full(self.table.scores.shape, np.nan)
            for name, kind in PairTable.__annotations__.items()
            if kind == "Array"
        }
        np.fill_diagonal(empty["scores"], np.diag(self.table.scores))
        for (i, j), fitted in self.best.items():
            empty["scores"][i, j] = empty["scores"][j, i] = fitted.value
        return replace(self.table, **empty, symmetric=True, influence=None)  # type: ignore[arg-type]

    def rows(self) -> list[dict[str, str | float]]:
        """Returns one flat record per pair, with the score of its best layers where that is known."""
        place = {one.name: index for index, one in enumerate(self.members)}
        found = self.table.rows()
        for row in found if self.best else ():
            fitted = self.best.get((place[str(row["a"])], place[str(row["b"])]))
            row["best_crossfit"] = np.nan if fitted is None else fitted.value
            row["best_crossfit_sd"] = np.nan if fitted is None else fitted.sd
        return found

    def sentences(self) -> list[str]:
        """Returns what the trends say, a sentence each, and what so many models can find."""
        found = []
        for of, by_kind in self.trends.items():
            what = "Pairs of trained vision models" if of == "pairs" else "Likeness to the text model"
            found += [f"{what} by {CAPABILITIES[kind]}: {_said(trend)}." for kind, trend in by_kind.items()]
        for kind, model in self.mixed.items():
            found.append(
                f"Mixed model of {model.n_scores} pairs of trained vision models: {STEPS[kind]} of both adds "
                f"{significant(model.slope)} [{significant(model.ci_low)}, {significant(model.ci_high)}], "
                f"p = {significant(model.p, 2)}."
            )
        return [*found, self.unfitted] if self.unfitted else found

    def metrics(self, known: Sequence[str]) -> list[tuple[str, float, int]]:
        """Returns (name, value, step) of every pair that is not among the ``known`` ones."""
        found = []
        for (i, a), (j, b) in combinations(enumerate(self.members), 2):
            pair, score = f"{a.role}_vs_{b.role}", float(self.table.scores[i, j])
            if pair in known or not np.isfinite(score):
                continue
            found.append((f"{pair}.last.score", score, 0))
            judged = ((name, float(getattr(self.table, name)[i, j])) for name in JUDGED)
            found += [(f"{pair}.last.{name}", value, 0) for name, value in judged if np.isfinite(value)]
            if (fitted := self.best.get((i, j))) is not None and np.isfinite(fitted.value):
                found += [(f"{pair}.best.crossfit", fitted.value, 0)]
        for of, by_kind in self.trends.items():
            for kind, trend in by_kind.items():
                numbers = {name: getattr(trend, name) for name in SAID_OF_TREND}
                numbers |= {"n": trend.n_models, "families": trend.n_families}
                finite = ((name, float(v)) for name, v in numbers.items() if np.isfinite(v))
                found += [(f"trend.{of}.{kind}.{name}", value, 0) for name, value in finite]
        for kind, model in self.mixed.items():
            chosen = ("slope", "ci_low", "ci_high", "p")
            found += [(f"mixed.pairs.{kind}.{name}", float(getattr(model, name)), 0) for name in chosen]
        return found


def _said(trend: Trend) -> str:
    """Returns a trend with what so many models can find, or that they cannot tell."""
    if trend.too_few or np.isnan(trend.rho):
        return f"{trend.sample} cannot tell (no p below {significant(trend.least_p, 2)})"
    between = f" {interval(trend.ci_low, trend.ci_high, 2)}" if np.isfinite(trend.ci_low) else ""
    p = p_text(trend.p, trend.p_se, trend.exact)
    return f"ρ = {number(trend.rho, 2)}{between}, p = {p}; {trend.sample} {trend.power}"
