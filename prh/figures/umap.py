"""Layouts of the stimuli, one panel per layer, classes named where they lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from prh.figures.style import GRAY, LABEL_MOVES, PAGE, class_colours, look, subplots
from prh.figures.text import CLASS, LAYER, TITLE, brief
from prh.similarity.clusters import ClusterScores

SINGLE = 4.6
"""Width in inches of a panel that stands alone."""


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
    columns = 3 if len(panels) in (5, 6) else min(4, len(panels))
    rows = ceil(len(panels) / columns)
    few = len(panels) <= 2
    width = PAGE if columns > 1 else SINGLE
    side = width / columns
    figure, axes = subplots(rows, columns, width, rows * (side + 0.28) + (0.3 if few else 0.75))
    class_names = [brief(name, CLASS) for name in class_names]
    colours = class_colours(len(class_names))
    for axis, panel in zip(axes.flat, panels, strict=False):
        _draw(axis, panel, labels, colours, dot=6 if few else 2.5)
        if few and panel.layout is not None:
            _name_classes(axis, panel.layout, labels, class_names, colours)
    for axis in list(axes.flat)[len(panels) :]:
        axis.axis("off")
    if not few:
        dots = [axes.flat[0].scatter([], [], color=colour, s=18) for colour in colours]
        figure.legend(
            dots, class_names, loc="outside lower center", ncols=min(5, len(class_names)), frameon=False
        )
    figure.suptitle(brief(title, TITLE), x=0.01, ha="left", fontsize=9)
    return figure


def _draw(
    axis: Axes, panel: Panel, labels: NDArray[np.int64], colours: Sequence[tuple[float, ...]], dot: float
) -> None:
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(True)
        spine.set_color("#d0d0d0")
    quality = "clusters undefined"
    if panel.clusters is not None:
        quality = f"silhouette {panel.clusters.silhouette:.2f}   purity {panel.clusters.purity:.2f}"
    axis.set_title(f"{brief(panel.title, LAYER)}\n", loc="left", fontweight="bold", pad=3)
    axis.annotate(
        f"{brief(panel.subtitle, LAYER)}   {quality}".strip(),
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 2.5),
        textcoords="offset points",
        fontsize=7,
        color=GRAY,
        va="bottom",
    )
    if panel.layout is None:
        axis.text(
            0.5,
            0.5,
            "no layout:\nNaN or infinite features",
            transform=axis.transAxes,
            ha="center",
            va="center",
        )
        return
    shown = labels[: len(panel.layout)]
    axis.scatter(
        panel.layout[:, 0],
        panel.layout[:, 1],
        c=[colours[label] for label in shown],
        s=dot,
        linewidths=0,
        alpha=0.85,
        rasterized=True,  # in an SVG, ten thousand dots as paths are slow to draw and to open
    )
    axis.set_aspect("equal", adjustable="datalim")


def _name_classes(
    axis: Axes,
    layout: NDArray[np.float32],
    labels: NDArray[np.int64],
    class_names: Sequence[str],
    colours: Sequence[tuple[float, ...]],
) -> None:
    from adjustText import adjust_text

    labels = labels[: len(layout)]
    texts = []
    for label, name in enumerate(class_names):
        if (labels == label).any():
            x, y = np.median(layout[labels == label], axis=0)
            text = axis.text(
                x, y, name, fontsize=7.5, fontweight="bold", ha="center", va="center", color=colours[label]
            )
            text.set_path_effects([effects.withStroke(linewidth=2.2, foreground="white")])
            texts.append(text)
    adjust_text(texts, ax=axis, expand=(1.05, 1.2), iter_lim=LABEL_MOVES)
