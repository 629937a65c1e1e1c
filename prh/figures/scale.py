"""Alignment with the text model against the size and quality of vision models (Huh et al. 2024)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from prh.figures.arranged import unit_of
from prh.figures.capability import name_counts
from prh.figures.depth import share_scores
from prh.figures.labels import halo, wrapped
from prh.figures.placing import keep_apart
from prh.figures.style import COLUMN, PAGE, look, pt, stroke, subplots, theme
from prh.figures.text import brief

QUALITIES = {
    "model.parameters": "parameters",
    "model.imagenet_top1": "ImageNet top-1 accuracy, as published (%)",
}
LONGEST_NAME = 32
"""Characters of a name beside a point."""


def has_scale(scores: pd.DataFrame) -> bool:
    """Returns whether there are trained models of several sizes to draw."""
    if "model.parameters" not in scores:
        return False
    trained = scores[
        ~_untrained(scores) & (_numbers(scores["model.parameters"]) > 0) & scores["score"].notna()
    ]
    return bool(trained["model.parameters"].nunique() > 1)


@look()
def alignment_by_quality(scores: pd.DataFrame, axes: Sequence[str] = ()) -> Figure:
    """Draws trained models, each above its own random twin, and the pixel baseline.

    A point is one condition: what was swept beside the model makes a row of panels for each of its values.
    Runs that differ in nothing but the seed are dots about their mean score, and bars reach from the lowest
    to the highest of their intervals.

    Args:
        scores: One row per run: ``score``, its interval and ``critical``, NaN without inference;
            ``model.name``, ``model.parameters``, ``model.imagenet_top1``, missing where nobody has published
            it, and ``model.weights``, ``random`` for twins.
        axes: The columns that tell conditions apart, without replicates.
    """
    scores = _prepared(scores, axes)
    qualities = [key for key in QUALITIES if key in scores and scores[key].notna().any()]
    besides = [axis for axis in axes if axis.split(".")[0] != "model"]
    conditions = scores[besides].drop_duplicates().to_dict("records") if besides else [{}]
    width = PAGE if len(qualities) > 1 else COLUMN
    figure, grid = subplots(len(conditions), len(qualities), width, 0.4 + 2.8 * len(conditions))
    inches = 0.86 * figure.get_figwidth() / len(qualities)
    unit = wrapped(figure, f"{unit_of(scores)}, vision × text, last layer", 2.0 * theme().width, 8)
    drawn: list[tuple[Axes, pd.DataFrame, str]] = []
    for row, condition in zip(grid, conditions, strict=True):
        same = pd.Series(condition, dtype=object)
        here = scores[(scores[besides] == same).all(axis=1)] if besides else scores
        for axis, quality in zip(row, qualities, strict=True):
            _panel(figure, axis, here, quality)
            axis.set_xlabel(wrapped(figure, QUALITIES[quality], inches, 8))
            drawn.append((axis, here, quality))
        title = ", ".join(f"{key}={brief(str(value), 40)}" for key, value in condition.items())
        row[0].set_title(
            title and wrapped(figure, title, inches, 8, bold=True), loc="left", fontweight="bold"
        )
        row[0].set_ylabel(unit)
        share_scores(row)
    entries: dict[str, Any] = {}
    for axis in grid.flat:
        entries |= {label: handle for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    columns = 2 * len(qualities) if theme().room == 1 else len(qualities) + 1
    figure.legend(entries.values(), entries, loc="outside upper right", ncols=columns, frameon=False)
    for axis, here, quality in drawn:
        _name(axis, here, quality)
    return figure


def _prepared(scores: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """Returns the scores with numbers for qualities, twins at their model's, and what a point is called."""
    scores = scores[scores["score"].notna()].assign(untrained=_untrained(scores))
    scores = scores.assign(**{key: _numbers(scores[key]) for key in QUALITIES if key in scores})
    scores = scores.assign(**{axis: scores[axis].astype(str) for axis in axes})
    if "model.imagenet_top1" in scores:
        # A twin has learnt nothing; it stands where the network stands that has.
        known = scores.groupby("model.name")["model.imagenet_top1"].transform("max")
        accuracy = scores["model.imagenet_top1"].where(~scores["untrained"], known)
        scores = scores.assign(**{"model.imagenet_top1": accuracy})
    further = [a for a in axes if a.startswith("model.") and a not in ("model.name", "model.weights")]
    called = scores[["model.name", *further]].astype(str).agg(", ".join, axis=1)
    scores = scores.assign(called=called, option=scores["model"] if "model" in axes else "")
    # Options may give two networks one name.
    options = scores.groupby(["called", "untrained"])["option"].transform("nunique")
    return scores.assign(called=called.where(options <= 1, scores["option"]))


def _panel(figure: Figure, axis: Axes, scores: pd.DataFrame, quality: str) -> None:
    _baseline(axis, scores[scores["model.parameters"] == 0])
    networks = scores[(scores["model.parameters"] > 0) & scores[quality].notna()]
    if quality == "model.parameters":
        axis.set_xscale("log")
    for untrained, label in ((False, "trained"), (True, "random")):
        _points(figure, axis, networks[networks["untrained"] == untrained], quality, label)
    _twins(axis, networks, quality)
    if scores["critical"].notna().any():
        line: Any = {"color": theme().faint, "linestyle": ":", "linewidth": stroke(0.9)}
        axis.axhline(scores["critical"].max(), label="95% of the null", **line)
    reached = scores[["score", "ci_low", "ci_high"]].to_numpy(dtype=float)
    low, high = min(0, np.nanmin(reached)), np.nanmax(reached)
    room = 0.1 * (high - low) + 1e-9
    axis.set_ylim(low - room / 2, high + room)
    axis.margins(x=0.2)
    if quality == "model.parameters" and len(networks):
        name_counts(axis, list(networks[quality]))


def _numbers(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values, errors="coerce").astype(float)


def _untrained(scores: pd.DataFrame) -> pd.Series:
    untrained = pd.Series(False, index=scores.index)
    if "model.weights" in scores:
        untrained |= scores["model.weights"] == "random"
    if "weights" in scores:
        untrained |= scores["weights"].astype(str).str.startswith("random:")
    return untrained


def _points(figure: Figure, axis: Axes, part: pd.DataFrame, quality: str, label: str) -> None:
    trained = label == "trained"
    colour = theme().model if trained else theme().reference
    # Twins stand a little to the right, so that both intervals are seen.
    moved = axis.transData + ScaledTranslation(0.0 if trained else stroke(4) / 72, 0, figure.dpi_scale_trans)
    # Moved points don't count when matplotlib looks for the limits of an axis.
    axis.update_datalim(part[[quality, "score"]].to_numpy())
    axis.autoscale_view()
    for index, ((_, x), runs) in enumerate(part.groupby(["called", quality])):
        mean = runs["score"].mean()
        axis.errorbar(
            x,
            mean,
            yerr=np.abs([[mean - runs["ci_low"].min()], [runs["ci_high"].max() - mean]]),
            fmt="o",
            color=colour,
            markerfacecolor=colour if trained else theme().ground,
            markersize=stroke(5),
            elinewidth=stroke(1),
            label=label if index == 0 else None,
            transform=moved,
        )
        if len(runs) > 1:
            dots = [x] * len(runs), runs["score"]
            axis.plot(*dots, ".", color=colour, markersize=stroke(4), alpha=0.5, transform=moved)


def _name(axis: Axes, scores: pd.DataFrame, quality: str) -> None:
    """Writes the names of trained networks where they cover no point and no interval."""
    networks = scores[(scores["model.parameters"] > 0) & scores[quality].notna()]
    trained, taken = networks[~networks["untrained"]], list[tuple[float, float, float]]()
    for x, runs in networks.groupby(quality):
        seen = runs[["score", "ci_low", "ci_high"]].to_numpy(dtype=float)
        taken.append((float(x), float(np.nanmin(seen)), float(np.nanmax(seen))))
    means = trained.groupby(["called", quality])["score"].mean()
    texts = [
        halo(axis, x, mean, brief(str(name), LONGEST_NAME), fontsize=pt(6.5))
        for (name, x), mean in means.items()
    ]
    keep_apart(axis, texts, taken)


def _twins(axis: Axes, networks: pd.DataFrame, quality: str) -> None:
    """Joins each model with its twin: what lies between is what training did."""
    for _, part in networks.groupby(["model.name", quality]):
        ends = part.groupby("untrained")["score"].mean()
        if len(ends) == 2:
            axis.plot([part[quality].iloc[0]] * 2, ends, color=theme().rule, linewidth=stroke(1), zorder=0)


def _baseline(axis: Axes, pixels: pd.DataFrame) -> None:
    if pixels.empty:
        return
    low, high = pixels["ci_low"].min(), pixels["ci_high"].max()
    if np.isfinite([low, high]).all():
        axis.axhspan(low, high, color=theme().faint, alpha=0.2, linewidth=0)
    for score in pixels["score"] if len(pixels) > 1 else ():
        axis.axhline(score, color=theme().faint, linewidth=stroke(0.5), alpha=0.5)
    line: Any = {"color": theme().faint, "linewidth": stroke(1), "label": "pixels"}
    axis.axhline(pixels["score"].mean(), **line)
