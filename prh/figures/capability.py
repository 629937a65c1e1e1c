"""Alignment with an anchor against how capable models are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from prh.figures.style import GRAY, LABEL_MOVES, MODEL_COLOUR, PAGE, REFERENCE_COLOUR, look, subplots
from prh.inference.score import p_text
from prh.inference.trend import Trend

MANY = 20
"""More names than that are small, on a larger figure."""


@dataclass(frozen=True)
class ModelPoint:
    """One model's alignment and what it can do.

    Attributes:
        name: Written beside its point, or above its line.
        score: Alignment with the anchor.
        ci_low: Lower end of its interval; NaN for none.
        ci_high: Upper end.
        capability: Accuracy, number of parameters, or another; NaN where it has none: a line all along.
        control: Whether it is untrained, or no network at all; drawn hollow, and without a name, since a twin
            stands beside its network.
    """

    name: str
    score: float
    ci_low: float
    ci_high: float
    capability: float
    control: bool = False


@look()
def alignment_by_capability(
    panels: Mapping[str, tuple[Sequence[ModelPoint], Trend | None]],
    title: str,
    unit: str,
    logarithmic: Sequence[str] = (),
) -> Figure:
    """Draws models by capability, a panel each kind of it, with names, intervals and the trend's p.

    Args:
        panels: Kind of capability, which names the x axis, to models and the trend over them.
        title: Names the anchor.
        unit: Name of the metric, for the y axis.
        logarithmic: Kinds with a logarithmic axis, such as numbers of parameters.
    """
    many = max(sum(not model.control for model in models) for models, _ in panels.values()) > MANY
    width = PAGE if len(panels) > 1 or many else 0.72 * PAGE
    figure, axes = subplots(1, len(panels), width, 5.2 if many else 3.6)
    for axis, (kind, (models, trend)) in zip(axes.flat, panels.items(), strict=True):
        if kind in logarithmic:
            axis.set_xscale("log")
        _draw(figure, axis, models, kind in logarithmic)
        axis.set_xlabel(kind)
        axis.set_title(_verdict(trend), loc="left", fontsize=7)
    low, high = (f(axis.get_ylim()[end] for axis in axes.flat) for end, f in enumerate((min, max)))
    for axis in axes.flat:
        axis.set_ylim(low, high)
    axes[0, 0].set_ylabel(unit)
    figure.suptitle(title, x=0.01, ha="left", fontsize=9)
    # Where the axes are must be final before names are moved, or they would be moved for another place.
    figure.draw_without_rendering()
    for axis, (models, _) in zip(axes.flat, panels.values(), strict=True):
        _name(axis, models)
    return figure


def _verdict(trend: Trend | None) -> str:
    """Returns the trend in two lines, or that so few models cannot tell."""
    if trend is None or np.isnan(trend.rho):
        return "no trend to test\n"
    if trend.too_few:
        return f"ρ = {trend.rho:.2f}; {trend.sample} cannot tell:\nno p below {trend.least_p:.2g}"
    text = f"ρ = {trend.rho:.2f}"
    if np.isfinite(trend.ci_low):
        text += f" [{trend.ci_low:.2f}, {trend.ci_high:.2f}]"
    text += f", p = {p_text(trend.p, trend.p_se, trend.exact)}\n{trend.sample} {trend.power}"
    return text


def _draw(figure: Figure, axis: Axes, models: Sequence[ModelPoint], logarithmic: bool) -> None:
    # Controls stand a little to the right, so that the interval of a network and of its twin are both seen.
    aside = axis.transData + ScaledTranslation(4 / 72, 0, figure.dpi_scale_trans)
    for model in models:
        colour = REFERENCE_COLOUR if model.control else MODEL_COLOUR
        if np.isnan(model.capability):
            axis.axhline(model.score, color=GRAY, linewidth=0.9, linestyle=":")
            continue
        ends = np.array([[model.score - model.ci_low], [model.ci_high - model.score]])
        axis.errorbar(
            model.capability,
            model.score,
            yerr=np.maximum(ends, 0) if np.isfinite(ends).all() else None,
            fmt="o",
            color=colour,
            markerfacecolor="white" if model.control else colour,
            markersize=4.5,
            elinewidth=0.9,
            alpha=0.9,
            transform=aside if model.control else axis.transData,
        )
        # Moved points don't count when matplotlib looks for the limits of an axis.
        seen = [end for end in (model.score, model.ci_low, model.ci_high) if np.isfinite(end)]
        axis.update_datalim([(model.capability, end) for end in seen])
        axis.autoscale_view()
    known = [model.capability for model in models if np.isfinite(model.capability)]
    axis.margins(x=0.16, y=0.1)
    if logarithmic and known:
        from matplotlib.ticker import EngFormatter, NullFormatter

        axis.xaxis.set_major_formatter(EngFormatter(sep=" "))
        near = max(known) < 10 * min(known)
        axis.xaxis.set_minor_formatter(EngFormatter(sep=" ") if near else NullFormatter())


def _name(axis: Axes, models: Sequence[ModelPoint]) -> None:
    from adjustText import adjust_text

    points = [model for model in models if np.isfinite(model.capability) and not model.control]
    size = 6.5 if len(points) <= MANY else 5.5
    texts = [axis.text(model.capability, model.score, model.name, fontsize=size) for model in points]
    for text in texts:
        text.set_path_effects([effects.withStroke(linewidth=1.8, foreground="white")])
    for model in models:
        if np.isnan(model.capability):
            place = axis.get_yaxis_transform()
            lifted: Any = {"textcoords": "offset points", "ha": "right", "va": "bottom", "fontsize": size}
            axis.annotate(model.name, (1, model.score), (0, 1), xycoords=place, color=GRAY, **lifted)
    if texts:
        adjust_text(
            texts,
            ax=axis,
            expand=(1.1, 1.35),
            min_arrow_len=4,
            iter_lim=2 * LABEL_MOVES,
            arrowprops={"arrowstyle": "-", "color": GRAY, "lw": 0.4},
        )
