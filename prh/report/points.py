"""The dots of a run that say what they are: stimuli in UMAP, pairs of them or of classes by distances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from prh.findings.findings import Findings, class_rdm
from prh.report.plots import Panel, Plot, Tiles, View
from prh.similarity import RSA, DegenerateFeatures, rdm
from prh.similarity.arrays import Array
from prh.stimuli.duplicates import SIDE, Thumbnails

VISION = ("model", "reference")
Pictures = Sequence[tuple[Path, str]]
MOST = 2000
"""Stimuli that are shown as small pictures."""
FEW = 60
"""Stimuli of which all pairs are shown."""


def tiles_of(found: Findings, small: Thumbnails) -> Tiles | None:
    """Returns small pictures of the first stimuli, N×h×w×3, those in gray dark on light as in figures.

    Args:
        found: Of the run.
        small: A thumbnail of every stimulus, as :func:`prh.stimuli.duplicates.thumbnails` makes them.

    Returns:
        None where what was shown are no pictures.
    """
    channels, *sides = found.stimuli.images.shape[1:]
    if channels not in (1, 3):
        return None
    pixels = small[:MOST].reshape(-1, channels, *(min(side, SIDE) for side in sides)).transpose(0, 2, 3, 1)
    return pixels if channels == 3 else np.repeat(255 - pixels, 3, axis=3)


def plots(found: Findings, folder: Path, alternatives: Mapping[str, str]) -> list[Plot]:
    """Returns the plots of a run: the layers of all networks side by side, and distances against distances.

    Args:
        found: Of the run.
        folder: Where its figures were drawn.
        alternatives: What these show, in words, by name.
    """

    def drawn(*names: str) -> list[tuple[Path, str]]:
        return [(folder / f"{name}.png", alternatives.get(name, "")) for name in names]

    shown = [_layers(found, drawn("umap_last"))]
    if "text" in found.read and found.read["text"].rows == "classes":
        shown.append(_classes(found, drawn(*(f"rsa_scatter_{role}" for role in VISION))))
    if isinstance(found.asked.metric, RSA):
        shown.append(_stimuli(found))
    return [plot for plot in shown if plot is not None]


def _layers(found: Findings, pictures: Pictures) -> Plot | None:
    panels, count = [], 0
    for role, layouts in found.layouts.items():
        views = [
            View(layer, layout[:MOST])
            for layer, layout in layouts.items()
            # A layer that tells nothing apart has no places for its stimuli.
            if layout is not None and np.isfinite(layout).all()
        ]
        if views:
            count = len(views[0].at)
            panels.append(Panel(found.features[role].encoder, views))
    if not panels:
        return None
    n = len(found.stimuli)
    first = f", the first {count} of {n} stimuli" if count < n else ""
    return Plot(
        panels,
        [_name(found, place) for place in range(count)],
        [[place] for place in range(count)],
        [[int(label)] for label in found.stimuli.labels[:count]],
        _colours(found),
        f"{count} dots, each a stimulus, near to those that its layer holds for similar.",
        f"UMAP of the last layers{first}; others can be chosen; what is pointed at in one is marked in all",
        pictures,
    )


def _classes(found: Findings, pictures: Pictures) -> Plot | None:
    distance, text, names = found.asked.metric.geometry, found.read["text"], found.stimuli.class_names
    read = class_rdm(found, "text", text.last, "cosine")
    panels = [
        _distances(
            f"{found.read[role].encoder} and {text.encoder}",
            (class_rdm(found, role, found.read[role].last, distance), read),
            (f"{distance} distance in {found.read[role].encoder}", f"cosine distance in {text.encoder}"),
            role,
        )
        for role in VISION
    ]
    firsts = [int(np.argmax(found.stimuli.labels == label)) for label in range(len(names))]
    pairs = list(combinations(range(len(names)), 2))
    plot = Plot(
        [panel for panel in panels if panel is not None],
        [f"{names[i]} – {names[j]}" for i, j in pairs],
        [[place for place in (firsts[i], firsts[j]) if place < MOST] for i, j in pairs],
        pairs,
        _colours(found),
        f"{len(pairs)} dots, each a pair of classes, by its distance in one and in the other.",
        f"Distances between classes at the last layers and in {text.encoder}",
        pictures,
    )
    return plot if plot.panels else None


def _stimuli(found: Findings) -> Plot | None:
    model, reference = (found.features[role] for role in VISION)
    distance, n = found.asked.metric.geometry, min(FEW, len(found.stimuli))
    try:
        x, y = (rdm(one[one.last][:n], distance) for one in (model, reference))
    except DegenerateFeatures:
        return None
    axes = f"{distance} distance in {model.encoder}", f"{distance} distance in {reference.encoder}"
    panel = _distances(f"{model.encoder} and {reference.encoder}", (x, y), axes, "model")
    if panel is None:
        return None
    pairs = list(combinations(range(n), 2))
    which = "all stimuli" if n == len(found.stimuli) else f"the first {n} stimuli"
    names, labels = [_name(found, place) for place in range(n)], found.stimuli.labels
    return Plot(
        [panel],
        [f"{names[i]} – {names[j]}" for i, j in pairs],
        pairs,
        [sorted({int(labels[i]), int(labels[j])}) for i, j in pairs],
        _colours(found),
        f"{len(pairs)} dots, each a pair of stimuli, by its distance in one and in the other.",
        f"Distances between {which} at the last layers of {model.encoder} and of {reference.encoder}",
    )


def _distances(title: str, distances: tuple[Array, Array], axes: tuple[str, str], role: str) -> Panel | None:
    """Returns a panel of pairs by their distances in two encoders; None where one is not known."""
    from prh.figures.themes import PAPER

    at = np.stack(distances, axis=1)
    if not np.isfinite(at).all():
        return None
    colour = {"model": PAPER.model, "reference": PAPER.reference}[role]
    return Panel(title, [View("last", at)], axes, colour)


def _name(found: Findings, place: int) -> str:
    """Returns what a stimulus is called: its caption or own name, and its class."""
    shown = found.stimuli
    own = shown.captions[place] if shown.captions else shown.names[place] if shown.names else ""
    of_class = shown.class_names[shown.labels[place]]
    return f"{own} ({of_class})" if own else f"{of_class}, no. {shown.ids[place]}"


def _colours(found: Findings) -> list[tuple[str, str]]:
    from prh.figures.style import class_colours

    names = found.stimuli.class_names
    return list(zip(names, class_colours(len(names)), strict=True))
