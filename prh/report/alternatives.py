"""What the pictures of a run show, in words and with their main numbers, for whoever cannot see them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import combinations

import numpy as np
from scipy.stats import rankdata

from prh.findings.cast import Cast
from prh.findings.comparison import Comparison
from prh.findings.findings import Findings, class_rdm
from prh.ground.numbers import number
from prh.similarity import cluster_scores

Words = dict[str, str]
_two = partial(number, places=2)


def alternatives(found: Findings) -> Words:
    """Returns a text for each picture of a run, by the name of its file."""
    classes = found.stimuli.class_names
    few = f": {', '.join(classes)}" if len(classes) <= 12 else ""
    said = {
        "stimuli": f"A grid of the first stimuli of each of {len(classes)} classes, a class to a row{few}."
    }
    vision = [role for role in ("model", "reference") if role in found.layouts]
    ends = {role: [_clusters(found, role, layer) for layer in _ends(found, role)] for role in vision}
    last = "; ".join(f"in {found.features[role].encoder} {ends[role][-1]}" for role in vision)
    said["umap_last"] = f"Clouds of dots, a stimulus each, in the colours of their classes. Classes: {last}."
    for role in vision:
        shown = list(found.layouts[role])
        said[f"umap_layers_{role}"] = (
            f"{len(shown)} clouds of dots, one for each layer of {found.features[role].encoder}. Classes: "
            f"{ends[role][0]} at {shown[0]}; {ends[role][-1]} at {shown[-1]}."
        )
    for comparison in found.comparisons:
        said[f"heatmap_{comparison.pair}"] = _heatmap(comparison)
    if len(found.comparisons) > 1:
        said |= _beside_text(found)
    return said | ({} if found.cast is None else alternatives_of_many(found.cast))


def _beside_text(found: Findings) -> Words:
    against = found.comparisons[1:]
    curves = "; ".join(
        f"{one.a} goes from {_two(one.grid.scores[0, -1])} at its first layer to "
        f"{_two(one.grid.last.value)} at its last, its highest score is {_two(_most(one.grid.scores[:, -1]))}"
        for one in against
    )
    said = {"score_by_depth": f"Likeness to {against[0].b} from first to last layer: {curves}."}
    for role, one in zip(("model", "reference"), against, strict=True):
        score = _two(one.grid.last.value)
        said[f"rsa_scatter_{role}"] = _scatter(found, role, one, score)
        said[f"neighbours_{role}"] = (
            f"Some stimuli, each beside its nearest neighbours for {one.a} and for {one.b}; those that both "
            f"agree on are marked. The score of the two is {score}."
        )
    return said


def alternatives_of_many(cast: Cast) -> Words:
    """Returns a text for each picture of all pairs of many encoders, by the name of its file."""
    names, scores = cast.table.names, cast.table.scores
    said = f"{len(names)} encoders: {', '.join(names)}. {_extremes(names, scores)}"
    found = {
        "pairs": f"A matrix with a score for each pair of {said}",
        "map": f"A map of {said}",
    }
    if (best := cast.best_table) is not None:
        found["pairs_best"] = f"A matrix of the best layers' scores. {_extremes(best.names, best.scores)}"
    if cast.layers is not None:
        found["layer_paths"] = f"A map of all layers: a path for each of {len(cast.layers.paths)} encoders."
    if trends := cast.trends.get("text"):
        rho = ", ".join(f"by {kind} ρ = {_two(trend.rho)}" for kind, trend in trends.items())
        found["capability"] = f"Likeness of each model to the text encoder against its capability: {rho}."
    return found


def _scatter(found: Findings, role: str, comparison: Comparison, score: str) -> str:
    """Says which pair of classes two encoders agree on least, of which a scatter plot names some."""
    names = found.stimuli.class_names
    pairs = list(combinations(names, 2))
    said = (
        f"{len(pairs)} dots, a pair of classes each: its distance in {comparison.a} against its distance in "
        f"{comparison.b}, with a line through them. The score of the two is {score}."
    )
    if found.read["text"].rows != "classes":
        return said
    seen = class_rdm(found, role, found.read[role].last, found.asked.metric.geometry)
    read = class_rdm(found, "text", found.read["text"].last, "cosine")
    if not (np.isfinite(seen).all() and np.isfinite(read).all()):
        return said
    apart = rankdata(seen) - rankdata(read)
    a, b = pairs[int(np.argmax(np.abs(apart)))]
    farther = comparison.a if apart[int(np.argmax(np.abs(apart)))] > 0 else comparison.b
    return f"{said} They agree least on {a} and {b}, which by rank lie farther apart in {farther}."


def _extremes(names: tuple[str, ...], scores: np.ndarray) -> str:
    pairs = np.where(np.eye(len(names), dtype=bool), np.nan, scores)
    if np.isnan(pairs).all():
        return "No pair has a score."

    def at(place: Callable[..., np.intp]) -> str:
        i, j = np.unravel_index(place(pairs), pairs.shape)
        return f"{names[i]} and {names[j]}, {_two(pairs[i, j])}"

    return f"Most alike: {at(np.nanargmax)}; least: {at(np.nanargmin)}."


def _heatmap(comparison: Comparison) -> str:
    grid = comparison.grid
    size = f"A grid of scores, {len(grid.a)} layers of {comparison.a} by {len(grid.b)} of {comparison.b}"
    if (best := grid.best_at) is None:
        return f"{size}, none of which has one."
    return (
        f"{size}, from {_two(np.nanmin(grid.scores))} to {_two(grid.scores[best])}, the highest at "
        f"{grid.a[best[0]]} and {grid.b[best[1]]}; the last layers have {_two(grid.last.value)}."
    )


def _ends(found: Findings, role: str) -> list[str]:
    layers = list(found.layouts[role])
    return [layers[0], layers[-1]]


def _clusters(found: Findings, role: str, layer: str) -> str:
    """Says how the classes of the stimuli that figures show cluster in a layer."""
    layout = found.layouts[role][layer]
    shown = found.features[role][layer][: 0 if layout is None else len(layout)]
    # Undefined for a degenerate layer, and where all stimuli are of one class or each of its own.
    with suppress(ValueError):
        scores = cluster_scores(shown, found.stimuli.labels[: len(shown)], found.asked.metric.geometry)
        return f"silhouette {_two(scores.silhouette)}, purity {_two(scores.purity)}"
    return "clusters undefined"


def _most(scores: np.ndarray) -> float:
    return float(np.nan if np.isnan(scores).all() else np.nanmax(scores))
