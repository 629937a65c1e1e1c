"""Layouts of the stimuli, one panel per layer, classes named where they lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from prh.figures.labels import halo, headed, titled
from prh.figures.placing import keep_apart
from prh.figures.style import (
    COLUMN,
    PAGE,
    class_colours,
    class_markers,
    legend_shape,
    look,
    pt,
    spot,
    subplots,
    theme,
)
from prh.figures.text import CLASS, LAYER, TITLE, brief
from prh.ground.numbers import number
from prh.similarity.clusters import ClusterScores


@dataclass(frozen=True)
class Panel:
    """One layer's layout and how well its classes cluster in the features themselves.

    Attributes:
        title: The layer, or the network.
        subtitle: The layer, where the title is the network.
        layout: N×2; None where the layer has no layout.
        clusters: Scores of the features, not of the layout; None where undefined.
    """

    title: str
    layout: NDArray[np.float32] | None
    clusters: ClusterScores | None
    subtitle: str = ""


@look()
def umap_panels(
    title: str, panels: Sequence[Panel], labels: NDArray[np.int64], class_names: Sequence[str]
) -> Figure:
    """Draws up to four panels to a row; classes are named on the dots of few panels, else in a legend."""
    columns = 3 if len(panels) in (5, 6) or (theme().room > 1 and len(panels) > 4) else min(4, len(panels))
    rows = ceil(len(panels) / columns)
    few = len(panels) <= 2
    width = PAGE if columns > 1 else COLUMN
    side = width / columns
    figure, axes = subplots(
        rows, columns, width, rows * (side + 0.28 * theme().room) + (0.3 if few else 0.75) * theme().room
    )
    class_names = [brief(name, CLASS) for name in class_names]
    for axis, panel in zip(axes.flat, panels, strict=False):
        _draw(axis, panel, labels, len(class_names), dot=6 if few else 2.5)
        note = f"{brief(panel.subtitle, LAYER)}   {_quality(panel)}".strip()
        titled(axis, brief(panel.title, LAYER), note, 0.95 * figure.get_figwidth() / columns)
    for axis in list(axes.flat)[len(panels) :]:
        axis.axis("off")
    headed(figure, brief(title, TITLE))
    if few:
        for axis, panel in zip(axes.flat, panels, strict=False):
            _name_classes(axis, panel, labels, class_names)
    else:
        _legend(figure, axes.flat[0], class_names)
    return figure


def _legend(figure: Figure, axis: Axes, class_names: Sequence[str]) -> None:
    looks = zip(class_colours(len(class_names)), class_markers(len(class_names)), strict=True)
    dots = [axis.scatter([], [], color=colour, marker=marker, s=spot(18)) for colour, marker in looks]
    columns = min(5 if theme().room == 1 else 4, legend_shape(class_names)[0])
    figure.legend(dots, class_names, loc="outside lower center", ncols=columns, frameon=False)


def _quality(panel: Panel) -> str:
    if panel.clusters is None:
        return "clusters undefined"
    return f"silhouette {number(panel.clusters.silhouette, 2)}   purity {number(panel.clusters.purity, 2)}"


def _draw(axis: Axes, panel: Panel, labels: NDArray[np.int64], n_classes: int, dot: float) -> None:
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(True)
        spine.set_color(theme().rule)
    if panel.layout is None:
        reason = "no layout:\nNaN or infinite features"
        axis.text(0.5, 0.5, reason, transform=axis.transAxes, ha="center", va="center")
        return
    shown = labels[: len(panel.layout)]
    colours, markers = np.array(class_colours(n_classes)), np.array(class_markers(n_classes))
    for marker in dict.fromkeys(markers):
        here = markers[shown] == marker
        axis.scatter(
            panel.layout[here, 0],
            panel.layout[here, 1],
            c=list(colours[shown[here]]),
            s=spot(dot),
            marker=marker,
            linewidths=0,
            alpha=0.9,
            rasterized=True,  # in an SVG, ten thousand dots as paths are slow to draw and to open
        )
    axis.set_aspect("equal", adjustable="datalim")


def _name_classes(axis: Axes, panel: Panel, labels: NDArray[np.int64], class_names: Sequence[str]) -> None:
    if panel.layout is None:
        return
    labels, texts = labels[: len(panel.layout)], []
    for label, (name, colour) in enumerate(zip(class_names, class_colours(len(class_names)), strict=True)):
        if (labels == label).any():
            x, y = densest(panel.layout[labels == label])
            style: Any = {"fontsize": pt(6.5), "fontweight": "bold", "ha": "center", "va": "center"}
            texts.append(halo(axis, x, y, name, colour, **style))
    keep_apart(axis, texts, over=True)


def densest(points: NDArray[np.float32]) -> tuple[float, float]:
    """Returns the point of some that has a third of them nearest, which a median of two groups would miss."""
    distances = np.sqrt(((points[:, None] - points) ** 2).sum(axis=2))
    x, y = points[np.sort(distances, axis=1)[:, len(points) // 3].argmin()]
    return float(x), float(y)
