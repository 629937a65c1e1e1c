"""How near a vision model comes to the text model as it goes deeper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prh.figures.colour import readable
from prh.figures.labels import headed, wrapped
from prh.figures.style import PAGE, look, stroke, subplots, theme
from prh.figures.text import LAYER, NETWORK, brief
from prh.figures.ticks import ticks
from prh.inference.layer_grid import LayerGrid

HEIGHT = 2.9
NAMES = 28
"""So many layers of all networks together have their name."""


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
    shares = widths / widths.sum()
    figure, axes = subplots(1, len(curves), PAGE, HEIGHT)
    axes[0, 0].get_gridspec().set_width_ratios(widths)
    for axis, curve, share in zip(axes.flat, curves, shares, strict=True):
        _draw(axis, curve, top)
        named = ticks(curve.grid.a, max(3, int(NAMES * share / theme().room)))
        names = [brief(name, LAYER) for name in named.names]
        axis.set_xticks(named.at, names, rotation=40, ha="right", rotation_mode="anchor")
        axis.axhline(0, color=theme().ink, linewidth=stroke(0.5))
        inches = 0.88 * share * figure.get_figwidth()
        name = wrapped(figure, brief(curve.name, NETWORK), inches, 8, bold=True)
        axis.set_title(name, loc="left", fontweight="bold", color=readable(curve.colour))
    share_scores(axes.flat)
    inches = 0.6 * figure.get_figheight()
    axes[0, 0].set_ylabel(wrapped(figure, brief(unit, 2 * NETWORK), inches, 8))
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower right", ncols=2, frameon=False)
    headed(figure, brief(title, 2 * LAYER))
    return figure


def share_scores(axes: Iterable[Axes]) -> None:
    """Gives axes that are compared the same limits of y."""
    axes = list(axes)
    low, high = (end(axis.get_ylim()[i] for axis in axes) for i, end in enumerate((min, max)))
    for axis in axes:
        axis.set_ylim(low, high)


def _draw(axis: Axes, curve: DepthCurve, top: float) -> None:
    grid, depth = curve.grid, np.arange(len(curve.grid.a))
    score = grid.scores[:, -1]
    if np.isfinite(grid.critical).any():
        mean, high = grid.null_mean[:, -1], grid.critical[:, -1]
        edges = np.array([-0.4, *depth[1:-1], len(depth) - 0.6]) if len(depth) > 1 else np.array([-0.4])
        band: Any = {"color": theme().band, "linewidth": 0, "label": f"null, mean to {top:.0%}"}
        axis.fill_between(edges, mean, high, **band)
        spread = np.abs(np.vstack([score - grid.ci_low[:, -1], grid.ci_high[:, -1] - score]))
        bars: Any = {"color": curve.colour, "linewidth": 0, "elinewidth": stroke(1), "alpha": 0.6}
        axis.errorbar(depth, score, yerr=spread, **bars)
    dots: Any = {"markersize": stroke(4 if len(depth) <= 30 else 2), "linewidth": stroke(1.4)}
    axis.plot(depth, score, "o-", color=curve.colour, label=f"score, {top:.0%} interval", **dots)
