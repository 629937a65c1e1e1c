"""What was swept against what came of it."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prh.figures.style import GRAY, PAGE, class_colours, legend_shape, look, subplots
from prh.figures.text import NETWORK, TITLE, brief, entry

TITLES = {
    "model_vs_reference": "model × reference",
    "model_vs_text": "model × text",
    "reference_vs_text": "reference × text",
}

MOST_LINES = 4
"""More colours than these have bars for bands, and no words of their own in a panel."""
MOST_COLOURS = 6
"""An axis of more values than these has a row of panels for each, where another could give colours."""
MOST_NAMED = 24
"""More lines than these are gray and have no legend."""


@look()
def sweep_scores(scores: pd.DataFrame, axes: Sequence[str]) -> Figure:
    """Draws the scores of a sweep, a column per pair of encoders.

    The first numeric axis runs along x, else the first one; of the others, the one with the most values gives
    rows and what is left colours; one with few values alone gives colours, also to one with many. A point
    is one condition. Where its runs differ in what is left, such as seeds, each is a dot about the mean
    score; bands and bars reach from the lowest to the highest of their intervals. Dotted lines are what 5% of
    permutations exceed, the highest of the seeds.

    Args:
        scores: One row per run and pair: ``pair``, ``score``, ``ci_low``, ``ci_high``, ``critical``,
            ``null_mean`` and a column per axis. Without rows the figure is empty, without inference it has
            scores alone.
        axes: The columns that tell conditions apart, without replicates.
    """
    scores = scores[scores["score"].notna()]
    scores = scores.assign(**{axis: _whole(scores[axis]) for axis in axes})
    numeric = [axis for axis in axes if pd.api.types.is_numeric_dtype(scores[axis])]
    ordered = [*numeric[:1], *(axis for axis in axes if axis not in numeric[:1])]
    scores, x, hue, row = _arranged(scores, ordered)
    pairs = [pair for pair in TITLES if (scores["pair"] == pair).any()]
    rows = [None] if row is None else list(dict.fromkeys(scores[row]))
    hues = [None] if hue is None else list(dict.fromkeys(scores[hue]))
    ncols, lines = legend_shape(hues)
    shape = max(1, len(rows)), max(1, len(pairs))
    figure, grid = subplots(*shape, PAGE, 1.0 + 1.9 * shape[0] + 0.15 * lines)
    for axis, (value, pair) in zip(grid.flat, product(rows, pairs), strict=False):
        part = scores[(scores["pair"] == pair) & (scores[row] == value if row else True)]
        _panel(axis, part, x, hue, hues, numeric=bool(numeric))
        title = TITLES[pair] + (f"\n{brief(f'{row}={value}', 2 * NETWORK)}" if row else "")
        axis.set_title(title, loc="left", fontweight="bold")
    for axis in grid[-1]:
        axis.set_xlabel(brief(x or "", NETWORK))
    for axis in grid[:, 0]:
        axis.set_ylabel("score")
    if hue:
        handles, labels = grid[0, 0].get_legend_handles_labels()
        legend: Any = {"ncols": ncols, "frameon": False, "title": brief(hue, TITLE)}
        figure.legend(handles, labels, loc="outside lower center", **legend)
    figure.suptitle(_note(scores, numeric=bool(numeric)), x=0.01, ha="left", fontsize=7, color=GRAY)
    return figure


def _whole(values: pd.Series) -> pd.Series:
    """Returns an axis without gaps: numbers where all are, else words, also for what a run lacks."""
    if pd.api.types.is_numeric_dtype(values) and values.notna().all():
        return values.astype(float) if values.dtype == "Int64" else values
    return values.astype(object).where(values.notna(), "–").astype(str)


def _note(scores: pd.DataFrame, numeric: bool) -> str:
    if scores.empty:
        return "no scores"
    if scores["ci_low"].isna().all():
        return "scores without inference: no intervals, no null"
    shape, mark = ("band or bar", "dotted") if numeric else ("bar", "gray dash")
    reach = "interval, from the lowest to the highest of the seeds"
    return f"{shape}: {reach}; dots: seeds; {mark}: 95% of the null"


def _arranged(
    scores: pd.DataFrame, axes: Sequence[str]
) -> tuple[pd.DataFrame, str | None, str | None, str | None]:
    """Returns which axes give x, colours and rows; several that give colours are made one."""
    if len(axes) < 2:
        return scores, next(iter(axes), None), None, None
    x, *others = axes
    many = [axis for axis in others if scores[axis].nunique() > MOST_COLOURS >= scores[x].nunique()]
    if len(axes) == 2 and many and not pd.api.types.is_numeric_dtype(scores[x]):
        return scores, many[0], x, None
    # The last of those with the most values.
    row = max(reversed(others), key=lambda axis: scores[axis].nunique())
    colours = [axis for axis in others if axis != row]
    if not colours:
        few = scores[row].nunique() <= MOST_COLOURS
        return (scores, x, row, None) if few else (scores, x, None, row)
    name = ", ".join(colours)
    values = scores[colours].astype(str).agg(", ".join, axis=1) if len(colours) > 1 else scores[name]
    return scores.assign(**{name: values}), x, name, row


def _panel(
    axis: Axes, part: pd.DataFrame, x: str | None, hue: str | None, hues: list[Any], numeric: bool
) -> None:
    places: list[Any] = list(dict.fromkeys(part[x])) if x else [""]
    colours = class_colours(len(hues))
    for index, (name, colour) in enumerate(zip(hues, colours, strict=True)):
        group = part if hue is None else part[part[hue] == name]
        means = summary(group, x)
        at = np.array(means.index if numeric else [places.index(v) for v in means.index], dtype=float)
        if not numeric and len(hues) > 1:
            at = at + 0.5 * (index / (len(hues) - 1) - 0.5)
        label = "" if name is None else entry(str(name))
        axis.plot(*_replicates(group, x, means, at), ".", color=colour, markersize=4, alpha=0.5)
        spread = np.abs(np.vstack([means["score"] - means["ci_low"], means["ci_high"] - means["score"]]))
        if numeric:
            if len(hues) <= MOST_LINES:
                axis.fill_between(
                    at, means["ci_low"], means["ci_high"], color=colour, alpha=0.15, linewidth=0
                )
            else:
                axis.errorbar(at, means["score"], yerr=spread, fmt="none", color=colour, elinewidth=0.7)
            axis.plot(at, means["critical"], ":", color=colour, linewidth=0.9)
            axis.plot(at, means["score"], "o-", color=colour, markersize=3, linewidth=1.3, label=label)
        else:
            axis.errorbar(at, means["score"], yerr=spread, fmt="o", color=colour, markersize=4, label=label)
            axis.plot(at, means["critical"], "_", color=GRAY, markersize=9)
    axis.axhline(0, color="black", linewidth=0.5)
    if not numeric:
        turn = max(map(len, map(str, places)), default=0) * len(places) > 24
        names = [brief(str(place), NETWORK) for place in places]
        axis.set_xticks(
            range(len(places)), names, rotation=30 if turn else 0, ha="right" if turn else "center"
        )
        axis.margins(x=0.15)
        return
    _name_onsets(axis, part, x, hue, hues)
    if places and min(places) > 0 and max(places) / min(places) >= 8:
        axis.set_xscale("log")
        axis.set_xticks(sorted(places), [f"{value:g}" for value in sorted(places)])
        axis.minorticks_off()


def summary(group: pd.DataFrame, x: str | None) -> pd.DataFrame:
    """Returns the mean score for each value of ``x``, and what no replicate of it goes beyond.

    Columns: ``score``; ``critical`` and ``null_mean``, the highest of the replicates; ``ci_low``, the lowest
    of their intervals' lower ends, and ``ci_high``, the highest of the upper ones; ``runs``, their number.
    """
    keys = group[x] if x else pd.Series("", index=group.index)
    by = group.groupby(keys, sort=pd.api.types.is_numeric_dtype(keys))
    found = by[["score"]].mean()
    found[["critical", "null_mean"]] = by[["critical", "null_mean"]].max()
    found["ci_low"], found["ci_high"] = by["ci_low"].min(), by["ci_high"].max()
    found["runs"] = by.size()
    return found


def _replicates(group: pd.DataFrame, x: str | None, means: pd.DataFrame, at: Any) -> tuple[Any, Any]:
    """Returns where each run stands whose point is a mean."""
    places = dict(zip(means.index, at, strict=True))
    keys = group[x] if x else pd.Series("", index=group.index)
    several = group[keys.map(means["runs"] > 1).to_numpy(dtype=bool)]
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


def _name_onsets(axis: Axes, part: pd.DataFrame, x: str | None, hue: str | None, hues: list[Any]) -> None:
    """Writes above the curves from where on intervals exclude the null, a line for each of a few colours."""
    if part["ci_low"].isna().all() or len(hues) > MOST_LINES:
        return
    bottom, top = axis.get_ylim()
    axis.set_ylim(bottom, top + (0.04 + 0.085 * len(hues)) * (top - bottom))
    for line, (name, colour) in enumerate(zip(hues, class_colours(len(hues)), strict=True)):
        means = summary(part if hue is None else part[part[hue] == name], x)
        start = onset(means)
        text = f"interval not above the null at {means.index[-1]:g}" if len(means) else ""
        if start is not None:
            text = f"interval above the null from {start:g}"
        axis.text(
            0.02, 0.99 - 0.075 * line, text, transform=axis.transAxes, fontsize=6, color=colour, va="top"
        )


@look()
def depth_of_all(layers: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Draws the scores of every condition by relative depth, a line each, a panel for each pair of encoders.

    Where there are several seeds, each is a dot about the mean.

    Args:
        layers: One row per run and layer: ``run``, the condition, ``pair``, ``depth`` in [0, 1], ``score``.
        names: The conditions in the order of their colours.
    """
    pairs = [pair for pair in TITLES if (layers["pair"] == pair).any()]
    many = len(names) > MOST_NAMED
    ncols, lines = legend_shape([] if many else names)
    figure, axes = subplots(1, len(pairs), PAGE, 2.5 + 0.15 * lines)
    colours = [GRAY] * len(names) if many else class_colours(len(names))
    for axis, pair in zip(axes.flat, pairs, strict=True):
        for name, colour in zip(names, colours, strict=True):
            part = layers[(layers["pair"] == pair) & (layers["run"] == name)]
            mean = part.groupby("depth", as_index=False)["score"].mean()
            if len(part) > len(mean):
                axis.plot(part["depth"], part["score"], ".", color=colour, markersize=3, alpha=0.35)
            axis.plot(
                mean["depth"],
                mean["score"],
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
        figure.legend(handles, labels, loc="outside lower center", ncols=ncols, frameon=False)
    return figure
