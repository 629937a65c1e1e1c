"""Layer against layer."""

import numpy as np
from matplotlib.figure import Figure

from prh.figures.style import COLUMN, PAGE, look, subplots
from prh.figures.text import LAYER, NETWORK, brief
from prh.inference.layer_grid import LayerGrid


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
    width = float(np.clip(1.9 + 0.52 * columns, COLUMN, 3 * PAGE))
    figure, axes = subplots(1, 1, width, float(np.clip(1.2 + 0.27 * rows, 2.4, 30)))
    axis = axes[0, 0]
    finite = grid.scores[np.isfinite(grid.scores)]
    low = min(0.0, float(finite.min())) if len(finite) else 0.0
    high = max(float(finite.max()), low + 0.05) if len(finite) else 1.0
    image = axis.imshow(grid.scores, cmap="viridis", vmin=low, vmax=high, aspect="auto")
    axis.set_facecolor("#e4e4e4")
    annotated = rows * columns <= 400
    for row in range(rows):
        for column in range(columns):
            _mark(axis, grid, row, column, (low + high) / 2, level, annotated)
    axis.set_xticks(
        range(columns),
        [brief(name, LAYER) for name in grid.b],
        rotation=40 if columns > 3 else 0,
        ha="right" if columns > 3 else "center",
    )
    axis.set_yticks(range(rows), [brief(name, LAYER) for name in grid.a])
    axis.set_xlabel(brief(name_b, NETWORK))
    axis.set_ylabel(brief(name_a, NETWORK))
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    bar = figure.colorbar(image, ax=axis, shrink=0.9, aspect=18)
    bar.set_label(brief(unit, NETWORK))
    bar.outline.set_visible(False)
    judged = np.isfinite(grid.p_corrected).any()
    note = "\nhatched, in brackets: does not beat the null" if judged else "\nnot tested against a null"
    figure.suptitle(brief(title, 2 * LAYER) + note, x=0.01, ha="left", fontsize=8)
    return figure


def _mark(
    axis: object, grid: LayerGrid, row: int, column: int, middle: float, level: float, annotated: bool
) -> None:
    from matplotlib.patches import Rectangle

    score, p = grid.scores[row, column], grid.p_corrected[row, column]
    if np.isnan(score):
        text, colour = "n/a", "#404040"
    else:
        weak = p >= level
        text = f"({score:.2f})" if weak else f"{score:.2f}"
        colour = "black" if score > middle else "white"
        if weak:
            box = (column - 0.5, row - 0.5)
            axis.add_patch(Rectangle(box, 1, 1, fill=False, hatch="////", edgecolor="#a0a0a0", linewidth=0))  # type: ignore[attr-defined]
    if annotated:
        axis.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)  # type: ignore[attr-defined]
