"""A map of representations: near are those that arrange stimuli alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prh.figures.labels import halo, headed
from prh.figures.pairs import distances_of
from prh.figures.placing import keep_apart
from prh.figures.style import COLUMN, MARKERS, PAGE, class_colours, look, pt, spot, stroke, subplots, theme
from prh.figures.text import NETWORK, brief
from prh.inference.pair_table import PairTable
from prh.similarity.arrays import Array

ROUGH = 0.2
"""From this stress on, distances on a map are taken for poor (Kruskal 1964)."""
FEW, HEIGHT = 6, 0.62
"""A map of so many points is as wide as a column, of more as a page; its height as a share."""


@look()
def representation_map(
    table: PairTable,
    title: str,
    unit: str,
    senses: Sequence[str] | None = None,
    controls: Collection[str] = (),
) -> Figure:
    """Draws every encoder as a point, as far from others as 1 − its calibrated score with them.

    Distances in the plane are nearly those (multidimensional scaling); the stress in the title says how much.

    Args:
        table: Judged pairs.
        title: Says what is compared.
        unit: Name of the metric.
        senses: What each encoder perceives, in the order of the table; a marker each.
        controls: Names of untrained networks, pixels and the like, drawn hollow.
    """
    points, stress = placed(distances_of(table))
    figure, axis = _figure(points, title, f"{unit}; {_stress(stress)}")
    kinds = list(senses) if senses is not None else [""] * len(points)
    for kind, marker in zip(dict.fromkeys(kinds), MARKERS * len(kinds), strict=False):
        for hollow in (False, True):
            here = [i for i, s in enumerate(kinds) if s == kind and (table.names[i] in controls) == hollow]
            if here:
                colour = theme().model
                face = theme().ground if hollow else colour
                label = f"{kind}, control" if hollow and kind else "control" if hollow else kind or "encoder"
                style: Any = {"facecolor": face, "edgecolor": colour, "marker": marker, "label": label}
                style |= {"s": spot(26), "linewidths": stroke(1.1), "zorder": 3}
                axis.scatter(points[here, 0], points[here, 1], **style)
    if len(set(kinds)) > 1 or controls:
        figure.legend(loc="outside lower left", ncols=4 if theme().room == 1 else 2, frameon=False)
    _name(axis, points, points, table.names, [theme().ink] * len(points))
    return figure


@look()
def layer_map(
    table: PairTable,
    paths: Mapping[str, Sequence[int]],
    title: str,
    unit: str,
    controls: Collection[str] = (),
) -> Figure:
    """Draws the layers of all networks in one map, each network a path from its first layer to its last.

    Args:
        table: Pairs of layers of all networks.
        paths: Network to the places of its layers in the table, shallow to deep.
        title: Says what is compared.
        unit: Name of the metric.
        controls: Names of networks whose paths are dashed.
    """
    points, stress = placed(distances_of(table))
    figure, axis = _figure(points, title, f"{unit}; {_stress(stress)}; large dot: last layer")
    colours = class_colours(len(paths))
    for (name, places), colour in zip(paths.items(), colours, strict=True):
        line, hollow = points[list(places)], name in controls
        dash = "--" if hollow else "-"
        axis.plot(line[:, 0], line[:, 1], dash, color=colour, linewidth=stroke(0.9), alpha=0.75)
        axis.scatter(line[:-1, 0], line[:-1, 1], s=spot(7), color=colour, linewidths=0, zorder=2)
        end: Any = {"facecolor": theme().ground if hollow else colour, "edgecolor": colour}
        x, y = line[-1:].T
        axis.scatter(x, y, s=spot(34), linewidths=stroke(1.3), zorder=3, **end)
    ends = points[[places[-1] for places in paths.values()]]
    _name(axis, ends, points, list(paths), colours)
    return figure


def placed(distances: Array) -> tuple[Array, float]:
    """Returns points in the plane, M×2, and their stress.

    Multidimensional scaling by SMACOF from the classical solution, so that the map is the same every time;
    its longer axis lies flat.

    Args:
        distances: M×M, symmetric, at least 0.

    Returns:
        The points, and Kruskal's stress-1, √(Σ (d − δ)² / Σ d²) over pairs: 0 for a perfect map, above 0.2
        for a poor one; 0 where all points are one.
    """
    from sklearn.manifold import MDS

    if len(distances) < 3 or not distances.any():
        points = np.zeros((len(distances), 2))
        points[:, 0] = np.arange(len(distances)) * distances.max(initial=0)
        return points, 0.0
    scaling = MDS(2, metric="precomputed", init="classical_mds", n_init=1, random_state=0)
    points = scaling.fit_transform(distances)
    points = points - points.mean(axis=0)
    points = points @ np.linalg.svd(points, full_matrices=False)[2].T
    points *= np.where(points[np.abs(points).argmax(axis=0), [0, 1]] < 0, -1, 1)
    drawn = np.linalg.norm(points[:, None] - points, axis=2)
    return points, float(np.sqrt(((drawn - distances) ** 2).sum() / (drawn**2).sum()))


def _stress(stress: float) -> str:
    return f"stress {stress:.2f}" + (" (above 0.2: a rough map)" if stress > ROUGH else "")


def _figure(points: Array, title: str, note: str) -> tuple[Figure, Axes]:
    side = COLUMN if len(points) <= FEW else PAGE
    figure, axes = subplots(1, 1, side, HEIGHT * side + 0.5 * theme().room)
    axis = axes[0, 0]
    # A frame of one shape whatever the points, as wide as they need with room for names.
    low, high = points.min(axis=0), points.max(axis=0)
    half = 0.64 * (max((high - low) / (1, HEIGHT)) or 1)
    axis.set_xlim(*(low + high)[0] / 2 + np.array([-half, half]))
    axis.set_ylim(*(low + high)[1] / 2 + HEIGHT * np.array([-half, half]))
    axis.set_aspect("equal", adjustable="box")
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(True)
        spine.set_color(theme().rule)
    headed(figure, title, note, 8)
    return figure, axis


def _name(axis: Axes, ends: Array, points: Array, names: Sequence[str], colours: Sequence[object]) -> None:
    """Writes names beside their points, and moves them until none covers another or a point."""
    size = pt(7 if len(names) <= 20 else 5.5)
    texts = [
        halo(axis, x, y, brief(name, NETWORK), colour, fontsize=size)
        for (x, y), name, colour in zip(ends, names, colours, strict=True)
    ]
    keep_apart(axis, texts, [(x, y, y) for x, y in points])
