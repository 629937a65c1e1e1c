"""Alignment with the text model against the size and quality of vision models (Huh et al. 2024)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from prh.figures.style import GRAY, MODEL_COLOUR, PAGE, REFERENCE_COLOUR, look, subplots
from prh.figures.text import brief

QUALITIES = {
    "model.parameters": "parameters",
    "model.imagenet_top1": "ImageNet top-1 accuracy, as published (%)",
}
LONGEST_NAME = 32
"""Characters of a name beside a point."""
APART = 0.14
"""Ticks that are nearer than this share of their axis would run into each other."""


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
    width = PAGE if len(qualities) > 1 else PAGE / 2
    figure, grid = subplots(len(conditions), len(qualities), width, 0.4 + 2.8 * len(conditions))
    for row, condition in zip(grid, conditions, strict=True):
        part = (
            scores[(scores[besides] == pd.Series(condition, dtype=object)).all(axis=1)] if besides else scores
        )
        for axis, quality in zip(row, qualities, strict=True):
            _panel(figure, axis, part, quality)
        title = ", ".join(f"{key}={brief(str(value), 40)}" for key, value in condition.items())
        row[0].set_title(title, loc="left", fontweight="bold")
        row[0].set_ylabel("score, vision × text, last layer")
    entries: dict[str, Any] = {}
    for axis in grid.flat:
        entries |= {label: handle for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(
        entries.values(), entries, loc="outside upper right", ncols=2 * len(qualities), frameon=False
    )
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
    for untrained, colour, label in ((False, MODEL_COLOUR, "trained"), (True, REFERENCE_COLOUR, "random")):
        _points(figure, axis, networks[networks["untrained"] == untrained], quality, colour, label)
    _twins(axis, networks, quality)
    if scores["critical"].notna().any():
        axis.axhline(
            scores["critical"].max(), color="#909090", linestyle=":", linewidth=0.9, label="95% of the null"
        )
    axis.set_xlabel(QUALITIES[quality])
    reached = scores[["score", "ci_low", "ci_high"]].to_numpy(dtype=float)
    low, high = min(0, np.nanmin(reached)), np.nanmax(reached)
    trained = networks[~networks["untrained"]]
    longest = min(LONGEST_NAME, max(map(len, trained["called"]), default=0))
    room = (0.08 + 0.021 * longest) * (high - low) + 1e-9  # for the names above
    axis.set_ylim(low - 0.05 * (high - low), high + room)
    axis.margins(x=0.2)
    if quality == "model.parameters":
        values = _readable(networks[quality].unique(), np.log10(axis.get_xlim()))
        axis.set_xticks(values, [f"{value / 1e6:.3g} M" for value in values])
        axis.minorticks_off()
    _names(axis, trained, quality)


def _readable(values: Any, limits: Any) -> list[float]:
    """Returns the values of a logarithmic axis whose ticks do not run into each other."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or np.log10(value / kept[-1]) > APART * (limits[1] - limits[0]):
            kept.append(float(value))
    return kept


def _numbers(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values, errors="coerce").astype(float)


def _untrained(scores: pd.DataFrame) -> pd.Series:
    untrained = pd.Series(False, index=scores.index)
    if "model.weights" in scores:
        untrained |= scores["model.weights"] == "random"
    if "weights" in scores:
        untrained |= scores["weights"].astype(str).str.startswith("random:")
    return untrained


def _points(figure: Figure, axis: Axes, part: pd.DataFrame, quality: str, colour: str, label: str) -> None:
    # Twins stand a little to the right, so that both intervals are seen.
    aside, inches = (0.0 if label == "trained" else 4 / 72), figure.dpi_scale_trans
    moved = axis.transData + ScaledTranslation(aside, 0, inches)
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
            markerfacecolor=colour if label == "trained" else "white",
            markersize=5,
            elinewidth=1,
            label=label if index == 0 else None,
            transform=moved,
        )
        if len(runs) > 1:
            dots = [x] * len(runs), runs["score"]
            axis.plot(*dots, ".", color=colour, markersize=4, alpha=0.5, transform=moved)


def _names(axis: Axes, trained: pd.DataFrame, quality: str) -> None:
    """Writes names slanting from the upper ends of intervals, so that neighbours do not overlap."""
    for (name, x), runs in trained.groupby(["called", quality]):
        top = np.nanmax(runs[["score", "ci_high"]].to_numpy(dtype=float))
        slant: dict[str, Any] = {"rotation": 40, "rotation_mode": "anchor", "fontsize": 6.5}
        axis.annotate(brief(str(name), LONGEST_NAME), (x, top), (0, 5), textcoords="offset points", **slant)


def _twins(axis: Axes, networks: pd.DataFrame, quality: str) -> None:
    """Joins each model with its twin: what lies between is what training did."""
    for _, part in networks.groupby(["model.name", quality]):
        ends = part.groupby("untrained")["score"].mean()
        if len(ends) == 2:
            axis.plot([part[quality].iloc[0]] * 2, ends, color="#c8c8c8", linewidth=1, zorder=0)


def _baseline(axis: Axes, pixels: pd.DataFrame) -> None:
    if pixels.empty:
        return
    low, high = pixels["ci_low"].min(), pixels["ci_high"].max()
    if np.isfinite([low, high]).all():
        axis.axhspan(low, high, color=GRAY, alpha=0.15, linewidth=0)
    for score in pixels["score"] if len(pixels) > 1 else ():
        axis.axhline(score, color=GRAY, linewidth=0.5, alpha=0.5)
    axis.axhline(pixels["score"].mean(), color=GRAY, linewidth=1, label="pixels")
