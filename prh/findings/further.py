"""Numbers of a pair beyond its grid: an honest best, what controls leave, what images do to centroids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from prh.features import Features
from prh.findings.controls import Controls
from prh.inference import Permutation
from prh.inference.beyond import beyond, class_features, has_partial
from prh.inference.ceilings import of_ceiling
from prh.inference.centroids import over_both, over_images
from prh.inference.compare import compare_pairs
from prh.inference.crossfit import crossfit, crossfit_classes
from prh.inference.layer_grid import LayerGrid
from prh.inference.reliability import noise_ceiling
from prh.similarity import CKA, RSA, DegenerateFeatures, Metric
from prh.stimuli import StimulusSet

Numbers = dict[str, float]


@dataclass(frozen=True)
class Judged:
    """A pair of encoders with its grid, and what the grid was computed from.

    Attributes:
        pair: ``<a>_vs_<b>``, by the roles of the two.
        grid: Their judged layers.
        metric: How layers were compared.
        metric_b: What prepared those of ``b``.
        a: One encoder's features per stimulus, also where the grid is over class centroids.
        b: The other's, per stimulus or per class.
        states: The prepared layers of both.
    """

    pair: str
    grid: LayerGrid
    metric: Metric
    metric_b: Metric
    a: Features
    b: Features
    states: tuple[Mapping[str, Any], Mapping[str, Any]]


def further(judged: Judged, inference: Any, controls: Controls, stimuli: StimulusSet) -> Numbers:
    """Returns what is recorded of a pair beside its grid, by name; what is undefined is left out."""
    if not isinstance(inference, Permutation) or judged.grid.best_at is None:
        return {}
    if judged.b.rows == "classes":
        found = of_classes(judged, inference, stimuli.labels)
    else:
        found = of_stimuli(judged, inference, controls, stimuli.groups)
        found |= of_versions(judged, inference, controls, stimuli.groups)
    return {name: value for name, value in found.items() if np.isfinite(value)}


def of_stimuli(judged: Judged, inference: Permutation, controls: Controls, groups: Any = None) -> Numbers:
    """Returns the cross-fitted best score, and the last layers' score beyond each control and beyond all."""
    found: Numbers = {}
    if judged.grid.scores.size > 1:
        states = tuple(list(side.values()) for side in judged.states)
        fitted = crossfit(
            judged.metric,
            judged.a,
            judged.b,
            judged.grid.scores,
            seed=inference.seed,
            metric_b=judged.metric_b,
            states=(states[0], states[1]),
        )
        found |= {"best.crossfit": fitted.value, "best.crossfit_sd": fitted.sd}
    taken_out: dict[str, Any] = {**controls.of(judged.pair)}
    if controls.labels is not None:
        taken_out["classes"] = class_features(judged.metric, controls.labels, inference.seed)
    plan = {name: [matrix] for name, matrix in taken_out.items()}
    if len(plan) > 1 and has_partial(judged.metric):
        plan["all"] = list(taken_out.values())
    for name, matrices in plan.items():
        found |= _beyond(f"last.beyond_{name}", judged, matrices, inference, groups)
    return found


def _beyond(name: str, judged: Judged, matrices: list[Any], inference: Permutation, groups: Any) -> Numbers:
    x, y = judged.a[judged.a.last], judged.b[judged.b.last]
    try:
        left = beyond(judged.metric, x, y, matrices, inference.level, inference.seed, judged.metric_b, groups)
    except DegenerateFeatures:
        return {}
    return {name: left.value, f"{name}.ci_low": left.ci_low, f"{name}.ci_high": left.ci_high}


def of_versions(judged: Judged, inference: Permutation, controls: Controls, groups: Any = None) -> Numbers:
    """Returns what both share with themselves on other versions of the stimuli, and the score as a share."""
    roles, metrics = judged.pair.split("_vs_"), (judged.metric, judged.metric_b)
    again = [
        None if role not in controls.again else metric.prepare(controls.again[role], role)
        for role, metric in zip(roles, metrics, strict=True)
    ]
    last = judged.states[0][judged.a.last], judged.states[1][judged.b.last]
    if again == [None, None] or None in last:
        return {}
    level, metric = inference.level, metrics[0]
    sides = (metric, last[0]), (metrics[1], last[1])
    of = of_ceiling(sides, (again[0], again[1]), level, groups, inference.seed)
    one_drawing = "text" not in roles and None not in again
    # Two that look at one drawing share more than its subject: what they have of another is no ceiling.
    named: dict[str, Any] = {} if one_drawing else {"last.of_ceiling": of}
    for place, (role, own) in enumerate(zip(roles, of.ceilings, strict=True)):
        if own is not None:
            second = (again[0], last[1]) if place == 0 else (last[0], again[1])
            moved = compare_pairs([((metric, *last), (metric, *second))], level, groups, inference.seed)
            named |= {f"last.{role}_again": own, f"last.less_{role}_again": moved[0]}
    found: Numbers = {}
    for name, number in named.items():
        found |= {name: number.value, f"{name}.ci_low": number.ci_low, f"{name}.ci_high": number.ci_high}
    return found


def of_classes(judged: Judged, inference: Permutation, labels: Any) -> Numbers:
    """Returns what the images do to a score of class centroids: intervals, ceiling, cross-fitted best."""
    if np.bincount(labels)[np.unique(labels)].min() < 2:
        return {}
    found: Numbers = {}
    metric, a, b, grid = judged.metric, judged.a, judged.b, judged.grid
    if grid.scores.size > 1:
        fitted = crossfit_classes(metric, a, b, labels, grid.scores, 10, inference.seed, judged.metric_b)
        found |= {"best.crossfit": fitted.value, "best.crossfit_sd": fitted.sd}
    x, y = a[a.last], b[b.last]
    try:
        for name, over in (("images", over_images), ("both", over_both)):
            spread = over(
                metric, x, y, labels, inference.n_bootstrap, inference.seed, inference.level, judged.metric_b
            )
            found |= {
                f"last.se_{name}": spread.se,
                f"last.ci_{name}_low": spread.ci_low,
                f"last.ci_{name}_high": spread.ci_high,
            }
        if isinstance(metric, RSA | CKA):
            ceiling = noise_ceiling(metric, x, labels, seed=inference.seed)
            found |= {
                "last.ceiling": ceiling.full,
                "last.ceiling_se": ceiling.se,
                "last.ceiling_reliability": ceiling.reliability,
            }
    except DegenerateFeatures:
        return found
    return found
