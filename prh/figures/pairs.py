"""Every encoder against every other, those that are alike side by side."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from numpy.typing import NDArray

from prh.figures.colour import Scale, readable
from prh.figures.heatmap import hatch, print_score
from prh.figures.labels import headed, wrapped
from prh.figures.style import fitting, look, pt, stroke, theme
from prh.figures.text import NETWORK, brief
from prh.inference.pair_table import PairTable
from prh.similarity.arrays import Array

GAP = 0.5
"""Between encoders and controls, in cells."""
CELL, NARROWEST = 0.42, 0.36
"""Inches of a cell with a number, and of the narrowest that has one."""


@look()
def pair_matrix(
    table: PairTable, title: str, unit: str, controls: Collection[str] = (), level: float = 0.05
) -> Figure:
    """Draws the scores of all pairs, ordered by a tree of their calibrated scores.

    The tree joins the groups with the least mean distance 1 − calibrated score (average linkage); controls
    have a tree of their own, after a gap. Cells with a false discovery rate of ``level`` or more are hatched,
    and in brackets where numbers are printed.

    Args:
        table: Judged pairs.
        title: Says what is compared.
        unit: Name of the metric, for the colour bar.
        controls: Names of untrained networks, pixels and the like, which are set apart.
        level: A pair beats its null if its q is below.
    """
    groups = [
        [i for i, name in enumerate(table.names) if (name in controls) == apart] for apart in (False, True)
    ]
    distances, order = distances_of(table), list[int]()
    trees: list[tuple[int, Any]] = []
    for group in filter(None, groups):
        tree, leaves = _tree(distances[np.ix_(group, group)])
        trees.append((len(order), tree))
        order += [group[leaf] for leaf in leaves]
    at = np.arange(len(order)) + GAP * (
        np.array([table.names[i] in controls for i in order]) & bool(groups[0])
    )
    figure, (above, axis, beside) = _axes(len(order), max(len(brief(name, NETWORK)) for name in table.names))
    for start, tree in trees:
        _draw_tree(above, tree, at[start])
    scale = Scale.of(table.scores[~np.eye(len(order), dtype=bool)])
    cell = axis.get_position().height * figure.get_figheight() / (np.ptp(at) + 1)
    numbered = cell >= NARROWEST * theme().type
    _cells(axis, table, order, at, level, scale, numbered)
    _names(axis, table, order, at, controls, cell)
    above.set_xlim(axis.get_xlim())
    inches = 0.95 * beside.get_position().height * figure.get_figheight()
    scale.bar(figure, wrapped(figure, brief(unit, 2 * NETWORK), max(inches, 1.2), 8), cax=beside)
    marks = f"hatched{', in brackets' if numbered else ''}"
    note = (
        f"{marks}: does not beat the null (q ≥ {level:g})"
        if table.judged.any()
        else "not tested against a null"
    )
    headed(figure, title, note, 8)
    return figure


def distances_of(table: PairTable) -> Array:
    """Returns 1 − calibrated score, M×M, symmetric, zero on the diagonal, at least 0.

    Of two directions that differ the mean is taken; scores stand in where there is no null, and pairs without
    a score are as far apart as unrelated ones, 1.
    """
    known = np.isfinite(table.null_mean).any()
    likeness = table.calibrated if known else table.scores / np.nanmax(np.diag(table.scores))
    mean = np.nan_to_num((likeness + likeness.T) / 2)
    distances: Array = np.maximum(1 - mean, 0)
    np.fill_diagonal(distances, 0)
    return distances


def _tree(distances: Array) -> tuple[Any, list[int]]:
    """Returns a dendrogram's coordinates and the order of its leaves; None for a single leaf."""
    from scipy.cluster.hierarchy import dendrogram, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    if len(distances) < 2:
        return None, [0]
    condensed = squareform(distances, checks=False)
    links = linkage(condensed, "average")
    tree = dendrogram(optimal_leaf_ordering(links, condensed), no_plot=True)
    return tree, [int(leaf) for leaf in tree["leaves"] or ()]


def _axes(n: int, longest: int) -> tuple[Figure, tuple[Axes, Axes, Axes]]:
    """Returns the axes of the tree, the cells and the colour bar, sized for names to be read."""
    room = theme().room
    tree, head, names = 0.5, 0.5 * room, room * (0.064 * longest + 0.1)
    besides = names + 0.8 * room
    width = fitting(besides + room * n * CELL)
    side = min(max(room * n * 0.6, 1.3), width - besides)
    height = tree + side + names + head
    figure = plt.figure(figsize=(theme().width * width, theme().width * height), layout="none")
    left, right = names / width, (names + side) / width
    low, high = names / height, (names + side) / height
    cells = figure.add_gridspec(1, 1, left=left, right=right, bottom=low, top=high)
    axis = figure.add_subplot(_only(cells))
    above = figure.add_axes((left, high, right - left, tree / height))
    beside = figure.add_axes((right + 0.12 / width, low, 0.1 / width, min(side, 2.5) / height))
    above.axis("off")
    return figure, (above, axis, beside)


def _only(grid: GridSpec) -> Any:
    return grid[0, 0]


def _draw_tree(axis: Axes, tree: Any, start: float) -> None:
    if tree is not None:
        for xs, ys in zip(tree["icoord"], tree["dcoord"], strict=True):
            # SciPy puts leaves at 5, 15, 25 …
            axis.plot(np.array(xs) / 10 - 0.5 + start, ys, color=theme().faint, linewidth=stroke(0.8))
    axis.set_ylim(bottom=0)


def _cells(
    axis: Axes,
    table: PairTable,
    order: list[int],
    at: NDArray[np.floating],
    level: float,
    scale: Scale,
    numbered: bool,
) -> None:
    """Draws one square per pair."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    mappable = scale.mappable()
    squares, colours, weak = list[Rectangle](), list[Any](), list[tuple[float, float]]()
    for row, y in zip(order, at, strict=True):
        for column, x in zip(order, at, strict=True):
            score, unsure = table.scores[row, column], bool(table.q[row, column] >= level)
            colour: Any = mappable.to_rgba(score) if np.isfinite(score) else theme().missing
            squares.append(Rectangle((x - 0.5, y - 0.5), 1, 1))
            colours.append(theme().ground if row == column else colour)
            if unsure:
                weak.append((x, y))
            if numbered and row != column:
                print_score(axis, x, y, score, unsure, colour)
    axis.add_collection(PatchCollection(squares, facecolors=colours, linewidths=0, zorder=0))
    hatch(axis, weak)
    axis.set_xlim(at[0] - 0.5, at[-1] + 0.5)
    axis.set_ylim(at[-1] + 0.5, at[0] - 0.5)


def _names(
    axis: Axes,
    table: PairTable,
    order: list[int],
    at: NDArray[np.floating],
    controls: Collection[str],
    cell: float,
) -> None:
    names = [brief(table.names[i], NETWORK) for i in order]
    size = min(pt(7), 0.8 * 72 * cell)
    axis.set_xticks(at, names, rotation=90, fontsize=size)
    axis.set_yticks(at, names, fontsize=size)
    axis.tick_params(length=0, pad=2)
    axis.spines[:].set_visible(False)
    for labels in (axis.get_xticklabels(), axis.get_yticklabels()):
        for label, place in zip(labels, order, strict=True):
            if table.names[place] in controls:
                label.set_color(readable(theme().reference))
