"""Layer against layer."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from prh.figures.colour import Scale, ink_on
from prh.figures.labels import headed, wrapped
from prh.figures.style import fitting, look, pt, stroke, subplots, theme
from prh.figures.text import LAYER, NETWORK, brief
from prh.figures.ticks import ticks
from prh.ground.numbers import number
from prh.inference.layer_grid import LayerGrid

TALLEST = 7.5
"""Inches; of more layers than have a name each in these, blocks have names."""
BESIDE, NUMBER, NARROWEST, LINE = 1.9, 0.52, 0.36, 0.17
"""Inches for names and colour bar, for a column with a number, at least, and for a name in a row."""
MOST_NUMBERS = 400
"""Of more cells, none has its number."""


@look()
def layer_heatmap(
    grid: LayerGrid, title: str, name_a: str, name_b: str, unit: str, level: float = 0.05
) -> Figure:
    """Draws the scores of all pairs of layers; those that do not beat the null are hatched and in brackets.

    Args:
        grid: Judged scores.
        title: Names the comparison.
        name_a: Network of the rows.
        name_b: Network of the columns.
        unit: Name of the metric, for the colour bar.
        level: A cell beats the null if its p, corrected for the number of cells, is below.
    """
    rows, columns = grid.scores.shape
    room = theme().room
    width = fitting((BESIDE + NUMBER * columns) * room)
    across = width / room - BESIDE
    annotated = rows * columns <= MOST_NUMBERS and across / columns > NARROWEST
    height = float(np.clip(1.2 + 0.27 * rows, 2.4, TALLEST)) * room
    figure, axes = subplots(1, 1, width, height)
    axis, scale = axes[0, 0], Scale.of(grid.scores)
    mappable = scale.mappable()
    axis.imshow(grid.scores, cmap=mappable.cmap, norm=mappable.norm, aspect="auto")
    axis.set_facecolor(theme().missing)
    weak = np.argwhere(np.isfinite(grid.scores) & (grid.p_corrected >= level))
    hatch(axis, [(column, row) for row, column in weak])
    if annotated:
        for row, column in np.ndindex(rows, columns):
            score = grid.scores[row, column]
            weakly = grid.p_corrected[row, column] >= level
            print_score(axis, column, row, float(score), bool(weakly), mappable.to_rgba(score))
    _name_layers(axis, grid, (across, height / room - 1.2))
    axis.set_xlabel(brief(name_b, NETWORK))
    axis.set_ylabel(brief(name_a, NETWORK))
    inches = 0.75 * figure.get_figheight()
    scale.bar(figure, wrapped(figure, brief(unit, 2 * NETWORK), inches, 8), ax=axis, shrink=0.9, aspect=18)
    judged = np.isfinite(grid.p_corrected).any()
    marks = "hatched, in brackets" if annotated else "hatched"
    note = f"{marks}: does not beat the null" if judged else "not tested against a null"
    headed(figure, brief(title, 2 * LAYER), note, 8)
    return figure


def hatch(axis: Axes, cells: list[tuple[float, float]]) -> None:
    """Hatches cells of side 1 about the places given."""
    boxes = [Rectangle((x - 0.5, y - 0.5), 1, 1) for x, y in cells]
    how: Any = {"hatch": "////", "facecolors": "none", "edgecolors": theme().hatch, "linewidths": 0}
    if boxes:
        axis.add_collection(PatchCollection(boxes, **how))


def print_score(axis: Axes, x: float, y: float, score: float, weak: bool, colour: object) -> None:
    """Prints a score on a cell of some colour, in brackets where it does not beat its null."""
    known = bool(np.isfinite(score))
    text = f"({number(score, 2)})" if weak else number(score, 2) if known else "n/a"
    ink = ink_on(colour if known else theme().missing)
    axis.text(x, y, text, ha="center", va="center", fontsize=pt(6.5), color=ink)


def _name_layers(axis: Axes, grid: LayerGrid, inches: tuple[float, float]) -> None:
    """Names as many layers or blocks as there is room for, with lines between blocks."""
    columns, rows = (
        ticks(names, max(4, int(size / LINE))) for names, size in zip((grid.b, grid.a), inches, strict=True)
    )
    turned = len(columns.names) > 3 or sum(map(len, columns.names)) > 10 * inches[0]
    names = [brief(name, LAYER) for name in columns.names]
    how: Any = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    axis.set_xticks(columns.at, names, **how)
    axis.set_yticks(rows.at, [brief(name, LAYER) for name in rows.names])
    lines: Any = {"color": theme().ground, "linewidth": stroke(0.5)}
    for edge in rows.edges:
        axis.axhline(edge, **lines)
    for edge in columns.edges:
        axis.axvline(edge, **lines)
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
