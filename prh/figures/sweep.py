"""What was swept against what came of it."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prh.figures.style import CLASS_COLOURS, GRAY, PAGE, look, subplots
from prh.figures.text import NETWORK, TITLE, brief, entry

TITLES = {
    "model_vs_reference": "model × reference",
    "model_vs_text": "model × text",
    "reference_vs_text": "reference × text",
}


@look()
def sweep_scores(scores: pd.DataFrame, axes: Sequence[str]) -> Figure:
    """Draws the scores of a sweep, a row per pair of encoders.

    The first numeric axis runs along x, else the first one; the next gives colours, the third columns.
    Bands and bars are the interval of a single run. Where runs differ in what is left, such as seeds, each
    is a dot about the mean score: intervals have no mean. Dotted lines are what 5% of permutations exceed,
    the highest of the seeds.

    Args:
        scores: One row per run and pair: ``pair``, ``score``, ``ci_low``, ``ci_high``, ``critical``,
            ``null_mean`` and a column per axis.
        axes: Swept keys with more than one value, without replicates.
    """
    numeric = [axis for axis in axes if pd.api.types.is_numeric_dtype(scores[axis])]
    ordered = [*numeric[:1], *(axis for axis in axes if axis not in numeric[:1])]
    if len(ordered) > 3:
        scores, ordered = _joined(scores, ordered)
    x, hue, column = [*ordered, *[None] * 3][:3]
    pairs = [pair for pair in TITLES if (scores["pair"] == pair).any()]
    columns = [None] if column is None else list(dict.fromkeys(scores[column]))
    shape = (len(pairs), len(columns)) if column else (1, len(pairs))
    figure, grid = subplots(*shape, PAGE, 1.0 + 1.9 * shape[0])
    for axis, (pair, value) in zip(grid.flat, product(pairs, columns), strict=True):
        part = scores[(scores["pair"] == pair) & (scores[column] == value if column else True)]
        _panel(axis, part, x, hue, numeric=bool(numeric))
        title = TITLES[pair] + (brief(f", {column}={value}", NETWORK) if column else "")
        axis.set_title(title, loc="left", fontweight="bold")
    if column:
        for row in grid:
            for axis in row[1:]:
                axis.sharey(row[0])
    for axis in grid[-1]:
        axis.set_xlabel(brief(x or "", NETWORK))
    for axis in grid[:, 0]:
        axis.set_ylabel("score")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    if hue:
        figure.legend(
            handles, labels, loc="outside lower center", ncols=3, frameon=False, title=brief(hue, TITLE)
        )
    mark = "dotted" if numeric else "gray dash"
    note = f"band or bar: interval of a single run; dots: seeds, about their mean; {mark}: 95% of the null"
    figure.suptitle(note, x=0.01, ha="left", fontsize=7, color=GRAY)
    return figure


def _joined(scores: pd.DataFrame, axes: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Returns the scores with all axes but the first and the last made one, whose values name them all."""
    first, *middle, last = axes
    name = ", ".join(middle)
    values = scores[middle].astype(str).agg(", ".join, axis=1)
    return scores.assign(**{name: values}), [first, name, last]


def _panel(axis: Axes, part: pd.DataFrame, x: str | None, hue: str | None, numeric: bool) -> None:
    groups = [(None, part)] if hue is None else list(part.groupby(hue, sort=False))
    places: list[Any] = list(dict.fromkeys(part[x])) if x else [""]
    for index, (name, group) in enumerate(groups):
        colour = CLASS_COLOURS[index % len(CLASS_COLOURS)]
        means = summary(group, x)
        at: Any = (
            means.index.to_numpy(dtype=float) if numeric else np.array([places.index(v) for v in means.index])
        )
        if not numeric and len(groups) > 1:
            at = at + 0.5 * (index / (len(groups) - 1) - 0.5)
        label = "" if name is None else entry(str(name))
        axis.plot(*_replicates(group, x, means, at), ".", color=colour, markersize=4, alpha=0.5)
        if numeric:
            axis.fill_between(at, means["low"], means["high"], color=colour, alpha=0.15, linewidth=0)
            axis.plot(at, means["critical"], ":", color=colour, linewidth=0.9)
            axis.plot(at, means["score"], "o-", color=colour, markersize=3, linewidth=1.3, label=label)
            _name_onset(axis, means, index, colour)
        else:
            spread = np.abs(np.vstack([means["score"] - means["low"], means["high"] - means["score"]]))
            axis.errorbar(at, means["score"], yerr=spread, fmt="o", color=colour, markersize=4, label=label)
            axis.plot(at, means["critical"], "_", color=GRAY, markersize=9)
    axis.axhline(0, color="black", linewidth=0.5)
    if not numeric:
        turn = max(map(len, map(str, places))) * len(places) > 24
        axis.set_xticks(
            range(len(places)),
            [brief(str(place), NETWORK) for place in places],
            rotation=30 if turn else 0,
            ha="right" if turn else "center",
        )
        axis.margins(x=0.15)
        return
    bottom, top = axis.get_ylim()
    axis.set_ylim(bottom, top + 0.1 * len(groups) * (top - bottom))
    if places and min(places) > 0 and max(places) / min(places) >= 8:
        axis.set_xscale("log")
        axis.set_xticks(sorted(places), [f"{value:g}" for value in sorted(places)])
        axis.minorticks_off()


def summary(group: pd.DataFrame, x: str | None) -> pd.DataFrame:
    """Returns the mean score for each value of ``x``, and what no replicate of it goes beyond.

    Columns: ``score``; ``critical`` and ``null_mean``, the highest of the replicates; ``ci_low``, their
    lowest; ``low`` and ``high``, the interval where there is one run alone, else NaN.
    """
    keys = group[x] if x else pd.Series("", index=group.index)
    by = group.groupby(keys, sort=pd.api.types.is_numeric_dtype(keys))
    found = by[["score"]].mean()
    found[["critical", "null_mean"]] = by[["critical", "null_mean"]].max()
    found["ci_low"], highest = by["ci_low"].min(), by["ci_high"].max()
    alone = by.size() == 1
    found["low"], found["high"] = found["ci_low"].where(alone), highest.where(alone)
    return found


def _replicates(group: pd.DataFrame, x: str | None, means: pd.DataFrame, at: Any) -> tuple[Any, Any]:
    """Returns where each run stands whose point is a mean."""
    places = dict(zip(means.index, at, strict=True))
    keys = group[x] if x else pd.Series("", index=group.index)
    several = group[keys.map(means["low"].isna()).to_numpy(dtype=bool)]
    return [places[key] for key in keys[several.index]], several["score"]


def onset(means: pd.DataFrame) -> float | None:
    """Returns the smallest x from which on all intervals, of every replicate, lie above the null.

    None if the last does not.
    """
    above = (means["ci_low"] > means["null_mean"]).to_numpy()
    if not len(above) or not above[-1]:
        return None
    below = np.flatnonzero(~above)
    return float(means.index[below[-1] + 1 if len(below) else 0])


def _name_onset(axis: Axes, means: pd.DataFrame, line: int, colour: str) -> None:
    start = onset(means)
    text = "interval never above the null"
    if start is not None:
        text = f"interval above the null from {start:g}"
    axis.text(0.02, 0.99 - 0.08 * line, text, transform=axis.transAxes, fontsize=6, color=colour, va="top")


@look()
def depth_of_all(layers: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Draws every run's scores by relative depth, one line a run, a panel for each pair of encoders.

    Args:
        layers: One row per run and layer: ``run``, ``pair``, ``depth`` in [0, 1], ``score``.
        names: The runs in the order of their colours.
    """
    pairs = [pair for pair in TITLES if (layers["pair"] == pair).any()]
    figure, axes = subplots(1, len(pairs), PAGE, 3.0)
    many = len(names) > len(CLASS_COLOURS)
    for axis, pair in zip(axes.flat, pairs, strict=True):
        for index, name in enumerate(names):
            part = layers[(layers["pair"] == pair) & (layers["run"] == name)]
            colour = GRAY if many else CLASS_COLOURS[index]
            axis.plot(
                part["depth"],
                part["score"],
                "o-",
                color=colour,
                markersize=2.5,
                linewidth=1.1,
                alpha=0.4 if many else 1.0,
                label=entry(name),
            )
        axis.set_title(TITLES[pair], loc="left", fontweight="bold")
        axis.set_xlabel("depth, first to last layer")
        axis.axhline(0, color="black", linewidth=0.5)
    axes[0, 0].set_ylabel("score")
    if not many:
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure
