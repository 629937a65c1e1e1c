"""A run's answer: what its findings say to the question that it asked."""

from __future__ import annotations

import numpy as np

from prh.findings.cast import CAPABILITIES, Cast
from prh.findings.comparing import metric_of_text
from prh.findings.comparison import Comparison
from prh.findings.findings import Findings
from prh.ground.numbers import number
from prh.inference import Trend
from prh.inference.score import p_text
from prh.report.answer import ALPHA, Likeness, Many, answer, answer_of_many
from prh.similarity import Metric, MutualKNN


def answer_of(found: Findings) -> list[str]:
    """Returns what was asked and what came out, in three sentences."""
    shown = f"{len(found.stimuli):,} stimuli of {found.stimuli.name}"
    if found.cast is not None:
        return answer_of_many(shown, _many(found.cast, found.asked.metric))
    across, *against = found.comparisons
    pair = _likeness(across, found.asked.metric, "other stimuli")
    if not against:
        return answer(shown, pair)
    classes = len(found.stimuli.class_names)
    others, read = "other stimuli", "their captions"
    if found.read["text"].rows == "classes":
        others, read = f"{classes} other classes", f"the names of their {classes} classes"
    metric = metric_of_text(found.asked.metric, found.read)
    return answer(shown, pair, [_likeness(one, metric, others) for one in against], read)


def _likeness(comparison: Comparison, metric: Metric, others: str) -> Likeness:
    last = comparison.grid.last
    explained = comparison.further.get("last.explained_by_classes", np.nan)
    images = [comparison.further.get(f"last.ci_images_{end}", np.nan) for end in ("low", "high")]
    return Likeness(
        comparison.a,
        comparison.b,
        last,
        metric.name,
        others,
        _neighbours(metric),
        explained,
        (images[0], images[1]),
    )


def _neighbours(metric: Metric) -> int:
    """Returns how many nearest neighbours a score is a share of; 0 where it is something else."""
    return int(metric.k) if isinstance(metric, MutualKNN) and metric.k >= 1 else 0


def _many(cast: Cast, metric: Metric) -> Many:
    table = cast.table
    once = np.triu(np.ones(table.scores.shape, dtype=bool), 1)
    at = np.argwhere((once if table.symmetric else once | once.T) & np.isfinite(table.scores))
    pairs = [
        Likeness(
            table.names[i],
            table.names[j],
            table.cell(i, j),
            metric.name,
            "other stimuli",
            _neighbours(metric),
        )
        for i, j in at
    ]
    pairs.sort(key=lambda pair: pair.score.value)
    q = table.q[tuple(at.T)]
    return Many(
        encoders=len(table.names),
        pairs=len(pairs),
        judged=int(np.isfinite(q).sum()),
        beyond=int((q < ALPHA).sum()),
        most=pairs[-1] if pairs else None,
        least=pairs[0] if pairs else None,
        trend=_trend(cast),
    )


def _trend(cast: Cast) -> str:
    """Returns what is said of capability: of pairs of trained vision models, by all that is known of it."""
    by_kind = cast.trends.get("pairs", {})
    if not by_kind:
        return ""
    said = "; ".join(f"by {CAPABILITIES[kind]}, {_found(trend)}" for kind, trend in by_kind.items())
    return f"Whether trained vision models are more alike the more capable they are: {said}."


def _found(trend: Trend) -> str:
    if trend.too_few or np.isnan(trend.rho):
        return f"{trend.sample} cannot tell"
    verdict = "yes" if trend.rises else "no rise was found"
    return f"{verdict} (ρ = {number(trend.rho, 2)}, p = {p_text(trend.p)}, {trend.sample})"
