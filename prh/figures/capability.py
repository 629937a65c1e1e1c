"""Alignment with an anchor against how capable models are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from prh.figures.depth import share_scores
from prh.figures.labels import halo, headed, wrapped
from prh.figures.placing import keep_apart
from prh.figures.style import PAGE, look, pt, stroke, subplots, theme
from prh.figures.text import LAYER, TITLE, brief, count
from prh.ground.numbers import number
from prh.inference.score import p_text
from prh.inference.trend import Trend

MANY = 20
"""More names than that are small, on a larger figure."""
TICK = 38
"""Points that the number below a tick takes."""


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
    figure, axes = subplots(1, len(panels), PAGE, 5.2 if many else 3.6)
    inches = (0.86 if len(panels) > 1 else 0.8) * figure.get_figwidth() / len(panels)
    for axis, (kind, (models, trend)) in zip(axes.flat, panels.items(), strict=True):
        if kind in logarithmic:
            axis.set_xscale("log")
        _draw(figure, axis, models, kind in logarithmic)
        axis.set_xlabel(wrapped(figure, brief(kind, TITLE), inches, 8))
        axis.set_title(wrapped(figure, _verdict(trend), inches, 7), loc="left", fontsize=pt(7))
    share_scores(axes.flat)
    axes[0, 0].set_ylabel(wrapped(figure, brief(unit, TITLE), 0.6 * figure.get_figheight(), 8))
    headed(figure, brief(title, TITLE))
    for axis, (models, _) in zip(axes.flat, panels.values(), strict=True):
        _name(axis, models)
    return figure


def _verdict(trend: Trend | None) -> str:
    """Returns the trend in two lines, or that so few models cannot tell."""
    if trend is None or np.isnan(trend.rho):
        return "no trend to test\n"
    rho = f"ρ = {number(trend.rho, 2)}"
    if trend.too_few:
        return f"{rho}; {trend.sample} cannot tell:\nno p below {trend.least_p:.2g}"
    if np.isfinite(trend.ci_low):
        rho += f" [{number(trend.ci_low, 2)}, {number(trend.ci_high, 2)}]"
    return f"{rho}, p = {p_text(trend.p, trend.p_se, trend.exact)}\n{trend.sample} {trend.power}"


def _draw(figure: Figure, axis: Axes, models: Sequence[ModelPoint], logarithmic: bool) -> None:
    # Controls stand a little to the right, so that the interval of a network and of its twin are both seen.
    aside = axis.transData + ScaledTranslation(stroke(4) / 72, 0, figure.dpi_scale_trans)
    for model in models:
        colour = theme().reference if model.control else theme().model
        if np.isnan(model.capability):
            axis.axhline(model.score, color=theme().faint, linewidth=stroke(0.9), linestyle=":")
            continue
        ends = np.array([[model.score - model.ci_low], [model.ci_high - model.score]])
        axis.errorbar(
            model.capability,
            model.score,
            yerr=np.maximum(ends, 0) if np.isfinite(ends).all() else None,
            fmt="o",
            color=colour,
            markerfacecolor=theme().ground if model.control else colour,
            markersize=stroke(4.5),
            elinewidth=stroke(0.9),
            transform=aside if model.control else axis.transData,
        )
        # Moved points don't count when matplotlib looks for the limits of an axis.
        seen = [end for end in (model.score, model.ci_low, model.ci_high) if np.isfinite(end)]
        axis.update_datalim([(model.capability, end) for end in seen])
        axis.autoscale_view()
    axis.margins(x=0.16, y=0.1)
    known = [model.capability for model in models if np.isfinite(model.capability)]
    if logarithmic and known:
        name_counts(axis, known)


def name_counts(axis: Axes, values: Sequence[float]) -> None:
    """Names some of the values along a logarithmic axis, as many as do not run into each other."""
    low, high = np.log10(axis.get_xlim())
    inches = axis.get_position().width * axis.get_figure(root=True).get_figwidth()  # type: ignore[union-attr]
    apart = pt(TICK) / 72 / inches * (high - low)
    kept: list[float] = []
    for value in sorted(set(values)):
        if not kept or np.log10(value / kept[-1]) > apart:
            kept.append(value)
    axis.set_xticks(kept, [count(value) for value in kept])
    axis.minorticks_off()


def _name(axis: Axes, models: Sequence[ModelPoint]) -> None:
    """Writes names where they cover neither points nor intervals; of lines, at their right end."""
    points = [model for model in models if np.isfinite(model.capability) and not model.control]
    lines = [model for model in models if np.isnan(model.capability)]
    size = pt(6.5 if len(points) <= MANY else 5.5)
    end: Any = {"transform": axis.get_yaxis_transform(), "ha": "right", "va": "bottom", "fontsize": size}
    fixed = [halo(axis, 1, one.score, brief(one.name, LAYER), theme().faint, **end) for one in lines]
    texts = [
        halo(axis, model.capability, model.score, brief(model.name, LAYER), fontsize=size) for model in points
    ]
    taken = [(model.capability, *_ends(model)) for model in models if model not in lines]
    keep_apart(axis, texts, taken, fixed)


def _ends(model: ModelPoint) -> tuple[float, float]:
    """Returns from where to where a model's interval is drawn, or its point alone."""
    ends = model.ci_low, model.ci_high
    return ends if np.isfinite(ends).all() else (model.score, model.score)
