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

from prh.figures.style import COLUMN, GRAY, PAGE, REFERENCE_COLOUR, look
from prh.inference.pair_table import PairTable
from prh.similarity.arrays import Array

GAP = 0.5
"""Between encoders and controls, in cells."""
FEW, MANY = 12, 30
"""Up to so many encoders every cell has its number; of more names are small."""


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
    figure, (above, axis, beside) = _axes(len(order), max(map(len, table.names)))
    for start, tree in trees:
        _draw_tree(above, tree, at[start])
    mappable = _cells(axis, table, order, at, level)
    _names(axis, table, order, at, controls)
    above.set_xlim(axis.get_xlim())
    bar = figure.colorbar(mappable, cax=beside)
    bar.set_label(unit)
    bar.outline.set_visible(False)
    judged = table.judged.any()
    note = f"hatched{', in brackets' if len(order) <= FEW else ''}: does not beat the null (q ≥ {level:g})"
    figure.suptitle(
        f"{title}\n{note if judged else 'not tested against a null'}", x=0.01, ha="left", fontsize=8
    )
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
    cell = 0.42 if n <= FEW else 0.2 if n <= MANY else 0.15
    side, tree = max(n * cell, 1.3), 0.5
    names = longest * (0.058 if n <= MANY else 0.045) + 0.1
    width, height = max(names + side + 0.75, COLUMN), tree + side + names + 0.5
    figure = plt.figure(figsize=(min(width, 3 * PAGE), height), layout="none")
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
            axis.plot(np.array(xs) / 10 - 0.5 + start, ys, color=GRAY, linewidth=0.8)
    axis.set_ylim(bottom=0)


def _cells(axis: Axes, table: PairTable, order: list[int], at: NDArray[np.floating], level: float) -> Any:
    """Draws one square per pair, and returns what the colour bar is of."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import PatchCollection
    from matplotlib.colors import Normalize
    from matplotlib.patches import Rectangle

    off = table.scores[~np.eye(len(order), dtype=bool)]
    finite = off[np.isfinite(off)]
    low = min(0.0, float(finite.min())) if len(finite) else 0.0
    high = max(float(finite.max()), low + 0.05) if len(finite) else 1.0
    mappable = ScalarMappable(Normalize(low, high), "viridis")
    squares, colours = list[Rectangle](), list[Any]()
    for row, y in zip(order, at, strict=True):
        for column, x in zip(order, at, strict=True):
            score, weak = table.scores[row, column], table.q[row, column] >= level
            if row == column:
                colour: Any = "#ffffff"
            else:
                colour = mappable.to_rgba(score) if np.isfinite(score) else "#e4e4e4"
            box = (x - 0.5, y - 0.5)
            squares.append(Rectangle(box, 1, 1))
            colours.append(colour)
            if weak:
                hatch = Rectangle(box, 1, 1, fill=False, hatch="////", edgecolor="#a0a0a0", linewidth=0)
                axis.add_patch(hatch)
            if len(order) <= FEW and row != column:
                _number(axis, x, y, score, bool(weak), (low + high) / 2)
    axis.add_collection(PatchCollection(squares, facecolors=colours, linewidths=0, zorder=0))
    axis.set_xlim(at[0] - 0.5, at[-1] + 0.5)
    axis.set_ylim(at[-1] + 0.5, at[0] - 0.5)
    return mappable


def _number(axis: Axes, x: float, y: float, score: float, weak: bool, middle: float) -> None:
    known = np.isfinite(score)
    text = f"({score:.2f})" if weak else f"{score:.2f}" if known else "n/a"
    colour = "#404040" if not known else "black" if score > middle else "white"
    axis.text(x, y, text, ha="center", va="center", fontsize=6.5, color=colour)


def _names(
    axis: Axes, table: PairTable, order: list[int], at: NDArray[np.floating], controls: Collection[str]
) -> None:
    names = [table.names[i] for i in order]
    size = 7 if len(order) <= MANY else 5.5
    axis.set_xticks(at, names, rotation=90, fontsize=size)
    axis.set_yticks(at, names, fontsize=size)
    axis.tick_params(length=0, pad=2)
    axis.spines[:].set_visible(False)
    for label in (*axis.get_xticklabels(), *axis.get_yticklabels()):
        if label.get_text() in controls:
            label.set_color(REFERENCE_COLOUR)
