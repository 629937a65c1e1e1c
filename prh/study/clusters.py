"""Claims about how classes cluster in single layers: silhouettes and purities over stimuli."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from prh.ground.numbers import number
from prh.study.claim import LEVEL, SURE, Outcome, Sentence
from prh.study.evidence import Evidence
from prh.study.family import above, both
from prh.study.said import Said

PURE = 0.9
"""Share of ten neighbours from which on a group counts as separate."""
ALIKE = 0.1
"""Silhouettes, which go from −1 to 1, that are nearer than this count as little different."""


def sentences(study: Said, e: Evidence) -> list[Sentence]:
    """Returns claims 1 to 5, which a run by cosine distance judges."""
    model, reference, group = e.names["model"], e.names["reference"], ", ".join(study.group)
    marked = " and ".join(study.marked)
    return [
        Sentence(
            "1",
            f"both networks separate {group} from everything else",
            f"{model} and {reference}, every layer",
            f"in every layer purity of 10 neighbours above {PURE} and silhouette above 0, {SURE}",
            lambda: separates(study, e),
        ),
        Sentence(
            "2",
            f"{e.names['reference']} clusters classes better than {model}",
            "last layers",
            f"{LEVEL:.0%} interval of the difference of silhouettes above 0",
            lambda: reference_clusters_better(e),
        ),
        Sentence(
            "3",
            f"{study.last_stage} clusters worse than the layers before it",
            model,
            f"silhouettes of all layers before it are higher, {SURE}",
            lambda: last_stage_is_worse(study, e),
            ("model",),
        ),
        Sentence(
            "4",
            f"{study.pooled} clusters better than what comes before it",
            f"{model} and {reference}",
            f"its silhouette is higher than that of all layers before it in both networks, {SURE}",
            lambda: pooled_is_better(study, e),
        ),
        Sentence(
            "5a",
            f"{marked} are told apart better than other classes outside {group}",
            f"{reference}, every layer",
            f"purity of each of the two above the mean of the others in every layer, {SURE}",
            lambda: marked_stand_out(study, e),
            ("reference",),
        ),
        Sentence(
            "5b",
            "clustering changes little over depth",
            reference,
            f"silhouettes of any two layers less than {ALIKE} apart, {SURE}",
            lambda: depth_changes_little(e),
            ("reference",),
        ),
    ]


def separates(study: Said, e: Evidence) -> Outcome:
    """Claim 1."""
    inside, columns = e.classes(study.group), {}
    for role in ("model", "reference"):
        for layer in e.layers(role):
            values = e.clusters(role, layer, labels=inside)
            columns[f"{e.names[role]} {layer}, purity"] = values.purity
            columns[f"{e.names[role]} {layer}, silhouette"] = values.silhouette
    family = e.means(columns).at_most(1.0)
    purity = family.where(lambda name: name.endswith("purity")).least()
    silhouette = family.where(lambda name: name.endswith("silhouette")).least()
    chance = inside.mean() ** 2 + (1 - inside.mean()) ** 2
    return Outcome(
        both(above(purity, PURE), above(silhouette)),
        f"least: {purity}, by chance {number(chance, 2)}; {silhouette}",
        family.parts,
    )


def reference_clusters_better(e: Evidence) -> Outcome:
    """Claim 2."""
    last = {role: e.layers(role)[-1] for role in ("model", "reference")}
    model, reference = (e.clusters(role, layer) for role, layer in last.items())
    family = e.means({"silhouette": reference.silhouette - model.silhouette})
    purity = reference.purity.mean() - model.purity.mean()
    return Outcome(above(family.least()), f"{family.least()}; purity {purity:+.3f}", family.parts)


def last_stage_is_worse(study: Said, e: Evidence) -> Outcome:
    """Claim 3."""
    late = e.clusters("model", study.last_stage).silhouette
    layers = e.layers("model")
    before = layers[: layers.index(study.last_stage)]
    family = e.means({f"{layer} − {study.last_stage}": _silhouette(e, layer) - late for layer in before})
    least = family.least()
    return Outcome(above(least), f"least {least}", family.parts)


def _silhouette(e: Evidence, layer: str, role: str = "model") -> np.ndarray:
    return e.clusters(role, layer).silhouette


def pooled_is_better(study: Said, e: Evidence) -> Outcome:
    """Claim 4; layers that hold the very numbers of the pooled one are left out, and named."""
    columns, same = {}, []
    for role in ("model", "reference"):
        pooled = _silhouette(e, study.pooled, role)
        layers = e.layers(role)
        before, distinct = layers[: layers.index(study.pooled)], e.distinct(role, study.pooled)
        same += [f"{e.names[role]} {layer}" for layer in before if layer not in distinct]
        for layer in (layer for layer in before if layer in distinct):
            columns[f"{e.names[role]} {study.pooled} − {layer}"] = pooled - _silhouette(e, layer, role)
    family = e.means(columns)
    note = "".join(f"; {layer}, averaged over positions, is {study.pooled}" for layer in same)
    return Outcome(above(family.least()), f"least {family.least()}{note}", family.parts)


def marked_stand_out(study: Said, e: Evidence) -> Outcome:
    """Claim 5a."""
    others = ~(e.classes(study.group) | e.classes(study.marked))
    columns = {}
    for layer in e.layers("reference"):
        rest = e.clusters("reference", layer, among=others).purity
        for name in study.marked:
            own = e.clusters("reference", layer, among=e.classes([name])).purity
            columns[f"{name}, {layer}"] = own - rest
    family = e.means(columns)
    return Outcome(above(family.least()), f"least {family.least()}", family.parts)


def depth_changes_little(e: Evidence) -> Outcome:
    """Claim 5b."""
    layers = e.layers("reference")
    if len(layers) < 2:
        raise LookupError(f"this run has one layer alone of {e.names['reference']}")
    family = e.means(
        {
            f"{b} − {a}": _silhouette(e, b, "reference") - _silhouette(e, a, "reference")
            for a, b in combinations(layers, 2)
        }
    )
    return Outcome(family.within(ALIKE), f"from {family.least()} to {family.most()}", family.parts)
