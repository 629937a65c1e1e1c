"""How near a vision model comes to the text model as it goes deeper."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from matplotlib.figure import Figure

from prh.figures.style import PAGE, look, subplots
from prh.figures.text import LAYER, NETWORK, brief
from prh.inference.layer_grid import LayerGrid


@dataclass(frozen=True)
class DepthCurve:
    """One vision model's layers against the text model's last."""

    name: str
    grid: LayerGrid
    colour: str


@look()
def score_by_depth(curves: Sequence[DepthCurve], title: str, unit: str, top: float = 0.95) -> Figure:
    """Draws each model's score layer by layer, its interval, and the band that its null fills.

    The band reaches from the null's mean to its upper ``top`` quantile: a dot inside it is no evidence.
    """
    widths = np.array([max(3, len(curve.grid.a)) for curve in curves])
    widths = np.maximum(widths, widths.sum() // 5)
    named = 28 * widths / widths.sum()
    figure, axes = subplots(1, len(curves), PAGE, 2.9)
    axes[0, 0].get_gridspec().set_width_ratios(widths)
    for axis, curve, most in zip(axes.flat, curves, named, strict=True):
        grid, depth = curve.grid, np.arange(len(curve.grid.a))
        score = grid.scores[:, -1]
        if np.isfinite(grid.critical).any():
            mean, high = grid.null_mean[:, -1], grid.critical[:, -1]
            edges = np.array([-0.4, *depth[1:-1], len(depth) - 0.6]) if len(depth) > 1 else np.array([-0.4])
            axis.fill_between(
                edges, mean, high, color="#d9d9d9", linewidth=0, label=f"null, mean to {top:.0%}"
            )
            spread = np.abs(np.vstack([score - grid.ci_low[:, -1], grid.ci_high[:, -1] - score]))
            axis.errorbar(depth, score, yerr=spread, color=curve.colour, linewidth=0, elinewidth=1, alpha=0.6)
        axis.plot(
            depth,
            score,
            "o-",
            color=curve.colour,
            markersize=4 if len(depth) <= 30 else 2,
            linewidth=1.4,
            label=f"score, {top:.0%} interval",
        )
        step = ceil(len(depth) / max(6, most))
        names = [brief(name, LAYER) for name in grid.a[::step]]
        axis.set_xticks(depth[::step], names, rotation=35, ha="right")
        axis.axhline(0, color="black", linewidth=0.5)
        axis.set_title(brief(curve.name, NETWORK), loc="left", fontweight="bold", color=curve.colour)
    low, high = (f(axis.get_ylim()[i] for axis in axes.flat) for i, f in enumerate((min, max)))
    for axis in axes.flat:
        axis.set_ylim(low, high)
    axes[0, 0].set_ylabel(brief(unit, NETWORK))
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower right", ncols=2, frameon=False)
    figure.suptitle(brief(title, 2 * LAYER), x=0.01, ha="left", fontsize=9)
    return figure
