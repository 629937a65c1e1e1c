"""Alignment with the text model against the size and quality of vision models (Huh et al. 2024)."""

from collections.abc import Hashable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from prh.figures.style import GRAY, MODEL_COLOUR, PAGE, REFERENCE_COLOUR, look, subplots
from prh.figures.text import NETWORK, brief

QUALITIES = {
    "model.parameters": "parameters",
    "model.imagenet_top1": "ImageNet top-1 accuracy, as published (%)",
}


def has_scale(scores: pd.DataFrame) -> bool:
    """Returns whether there are trained models of several sizes to draw."""
    if "model.parameters" not in scores:
        return False
    trained = scores[~_untrained(scores) & (scores["model.parameters"] > 0)]
    return bool(trained["model.parameters"].nunique() > 1)


@look()
def alignment_by_quality(scores: pd.DataFrame) -> Figure:
    """Draws trained models, each above its own random twin, and the pixel baseline.

    Args:
        scores: One row per run: ``score``, its interval and ``critical``, ``model.name``,
            ``model.parameters``, ``model.imagenet_top1`` and ``model.weights``, the latter ``random`` for
            twins. Runs that differ in nothing but the seed are dots about their mean score; a run alone has
            its interval.
    """
    qualities = [key for key in QUALITIES if key in scores and scores[key].notna().any()]
    figure, axes = subplots(1, len(qualities), PAGE if len(qualities) > 1 else PAGE / 2, 3.2)
    scores = scores.assign(untrained=_untrained(scores))
    for axis, quality in zip(axes.flat, qualities, strict=True):
        _baseline(axis, scores[scores["model.parameters"] == 0])
        networks = scores[(scores["model.parameters"] > 0) & scores[quality].notna()]
        for untrained, colour, label in (
            (False, MODEL_COLOUR, "trained"),
            (True, REFERENCE_COLOUR, "random"),
        ):
            _points(figure, axis, networks[networks["untrained"] == untrained], quality, colour, label)
        _twins(axis, networks, quality)
        if quality == "model.parameters":
            axis.set_xscale("log")
            values = sorted(networks[quality].unique())
            axis.set_xticks(values, [f"{value / 1e6:.1f} M" for value in values])
            axis.minorticks_off()
        axis.plot([], [], color="#909090", linestyle=":", linewidth=0.9, label="95% of the null")
        axis.axhline(scores["critical"].max(), color="#909090", linestyle=":", linewidth=0.9)
        axis.set_xlabel(QUALITIES[quality])
        low, high = min(0, scores["ci_low"].min()), scores["ci_high"].max()
        axis.set_ylim(1.05 * low, high + 0.1 * (high - low))  # names stand above the intervals
        axis.margins(x=0.2)
    axes[0, 0].set_ylabel("score, vision × text, last layer")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=4, frameon=False)
    return figure


def _untrained(scores: pd.DataFrame) -> pd.Series:
    if "model.weights" not in scores:
        return pd.Series(False, index=scores.index)
    return scores["model.weights"] == "random"


def _points(figure: Figure, axis: Axes, part: pd.DataFrame, quality: str, colour: str, label: str) -> None:
    # Twins stand a little to the right, so that both intervals are seen.
    aside, inches = (0.0 if label == "trained" else 4 / 72), figure.dpi_scale_trans
    moved = axis.transData + ScaledTranslation(aside, 0, inches)
    # Moved points don't count when matplotlib looks for the limits of an axis.
    axis.update_datalim(part[[quality, "score"]].to_numpy())
    axis.autoscale_view()
    for index, ((name, x), runs) in enumerate(part.groupby(["model.name", quality])):
        axis.errorbar(
            x,
            runs["score"].mean(),
            yerr=_spread(runs),
            fmt="o",
            color=colour,
            markerfacecolor=colour if label == "trained" else "white",
            markersize=5,
            elinewidth=1,
            label=label if index == 0 else None,
            transform=moved,
        )
        if len(runs) > 1:
            dots = [x] * len(runs), runs["score"]
            axis.plot(*dots, ".", color=colour, markersize=4, alpha=0.5, transform=moved)
        if label == "trained":
            _name(axis, name, x, runs["ci_high" if len(runs) == 1 else "score"].max())


def _spread(runs: pd.DataFrame) -> list[pd.Series] | None:
    """Returns how far the interval of a single run reaches; intervals of several have no mean."""
    if len(runs) > 1:
        return None
    return [runs["score"] - runs["ci_low"], runs["ci_high"] - runs["score"]]


def _name(axis: Axes, name: Hashable, x: float, y: float) -> None:
    axis.annotate(
        brief(str(name), NETWORK),
        (x, y),
        (0, 4),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=6.5,
    )


def _twins(axis: Axes, networks: pd.DataFrame, quality: str) -> None:
    """Joins each model with its twin: what lies between is what training did."""
    for _, part in networks.groupby(["model.name", quality]):
        ends = part.groupby("untrained")["score"].mean()
        if len(ends) == 2:
            axis.plot([part[quality].iloc[0]] * 2, ends, color="#c8c8c8", linewidth=1, zorder=0)


def _baseline(axis: Axes, pixels: pd.DataFrame) -> None:
    if len(pixels) == 1:
        axis.axhspan(pixels["ci_low"].item(), pixels["ci_high"].item(), color=GRAY, alpha=0.15, linewidth=0)
    for score in pixels["score"] if len(pixels) > 1 else ():
        axis.axhline(score, color=GRAY, linewidth=0.5, alpha=0.5)
    if len(pixels):
        axis.axhline(pixels["score"].mean(), color=GRAY, linewidth=1, label="pixels")
