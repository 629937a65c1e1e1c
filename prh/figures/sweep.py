"""What was swept against what came of it."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from prh.figures.arranged import above_null, arranged, onset, replicated, summary, unit_of, whole
from prh.figures.depth import share_scores
from prh.figures.labels import headed, titled, wrapped
from prh.figures.style import (
    PAGE,
    class_colours,
    class_dashes,
    class_markers,
    legend_shape,
    look,
    stroke,
    subplots,
    theme,
)
from prh.figures.text import NETWORK, TITLE, brief, entry
from prh.figures.ticks import ticks

TITLES = {
    "model_vs_reference": "model × reference",
    "model_vs_text": "model × text",
    "reference_vs_text": "reference × text",
}
MOST_LINES = 4
"""More colours than these have bars for bands."""
MOST_NAMED = 20
"""Of more lines than these, all are gray but the highest few, which alone have names."""
HIGHEST = 3
SIDE_BY_SIDE = 12
"""More names than these along x have panels one above the other, each as wide as a page."""
LETTER = 0.045
"""Inches that a letter of a slanting name takes up or down."""
MOST_NAMES = 60
"""Along the width of a page."""


@look()
def sweep_scores(scores: pd.DataFrame, axes: Sequence[str]) -> Figure:
    """Draws the scores of a sweep, a panel per pair of encoders.

    The first numeric axis runs along x, else the first one; of the others, the one with the most values gives
    rows and what is left colours; one with few values alone gives colours, also to one with many. A point
    is one condition. Where its runs differ in what is left, such as seeds, each is a dot about the mean
    score; bands and bars reach from the lowest to the highest of their intervals. Dotted lines are what 5% of
    permutations exceed, the highest of the seeds. Hollow points have an interval that is not above the null.

    Args:
        scores: One row per run and pair: ``pair``, ``score``, ``ci_low``, ``ci_high``, ``critical``,
            ``null_mean`` and a column per axis. Without rows the figure is empty, without inference it has
            scores alone.
        axes: The columns that tell conditions apart, without replicates.
    """
    scores = scores[scores["score"].notna()]
    scores = scores.assign(**{axis: whole(scores[axis]) for axis in axes})
    numeric = [axis for axis in axes if pd.api.types.is_numeric_dtype(scores[axis])]
    ordered = [*numeric[:1], *(axis for axis in axes if axis not in numeric[:1])]
    scores, x, hue, row = arranged(scores, ordered)
    pairs = [pair for pair in TITLES if (scores["pair"] == pair).any()]
    rows = [None] if row is None else list(dict.fromkeys(scores[row]))
    hues = [None] if hue is None else list(dict.fromkeys(scores[hue]))
    names = [] if numeric or x is None else [brief(str(name), NETWORK) for name in dict.fromkeys(scores[x])]
    figure, grid = _grid(len(rows), len(pairs), hues, names)
    inches = 0.92 * figure.get_figwidth() / grid.shape[1]
    for axis, (value, pair) in zip(grid.flat, product(rows, pairs), strict=False):
        part = scores[(scores["pair"] == pair) & (scores[row] == value if row else True)]
        _panel(axis, part, x, hue, hues, numeric=bool(numeric))
        own = _onset(part, x) if numeric and hue is None else ""
        titled(axis, TITLES[pair] + (f"\n{brief(f'{row}={value}', 2 * NETWORK)}" if row else ""), own, inches)
    for pair in range(len(pairs)):
        share_scores(grid.flat[pair :: len(pairs)])
    if len(names) > side_by_side():
        for axis in grid[:-1, 0]:
            axis.tick_params(labelbottom=False)
    for axis in grid[-1]:
        axis.set_xlabel(brief(x or "", NETWORK))
    for axis in grid[:, 0]:
        axis.set_ylabel(unit_of(scores))
    if hue:
        handles, labels = grid.flat[0].get_legend_handles_labels()
        legend: Any = {"ncols": legend_shape(hues)[0], "frameon": False, "title": brief(hue, TITLE)}
        figure.legend(handles, labels, loc="outside lower center", **legend)
    headed(figure, _note(scores, axes, numeric=bool(numeric)), points=7)
    return figure


def side_by_side() -> int:
    """Returns how many names along x leave room for panels side by side."""
    return int(SIDE_BY_SIDE / theme().room ** 2)


def _grid(rows: int, pairs: int, hues: list[Any], names: list[str]) -> tuple[Figure, Any]:
    """Returns a figure and its panels, as high as names below them and a legend need."""
    rows, pairs = max(1, rows), max(1, pairs)
    room = theme().room
    below = LETTER * max(map(len, names), default=0) * room
    legend = 0.15 * legend_shape(hues)[1] * room
    stacked = len(names) > side_by_side()
    shape = (rows * pairs, 1) if stacked else (rows, pairs)
    height = 1.6 * shape[0] + below if stacked else (1.9 + below) * shape[0]
    return subplots(*shape, PAGE, 1.0 + height + legend)


def _note(scores: pd.DataFrame, axes: Sequence[str], numeric: bool) -> str:
    if scores.empty:
        return "no scores"
    if scores["ci_low"].isna().all():
        return "scores without inference: no intervals, no null"
    shape, mark = ("band or bar", "dotted") if numeric else ("bar", "gray dash")
    several = scores.groupby(["pair", *axes]).size().max() > 1
    reach = "interval, from the lowest to the highest of the seeds; dots: seeds" if several else "interval"
    return f"{shape}: {reach}; {mark}: 95% of the null; hollow: interval not above the null"


def _onset(part: pd.DataFrame, x: str | None) -> str:
    """Says from where on intervals exclude the null."""
    if x is None or not len(part) or part["ci_low"].isna().all():
        return ""
    means = summary(part, x)
    start = onset(means)
    last = f"interval not above the null at {means.index[-1]:g}"
    return last if start is None else f"interval above the null from {start:g}"


def _panel(
    axis: Axes, part: pd.DataFrame, x: str | None, hue: str | None, hues: list[Any], numeric: bool
) -> None:
    places: list[Any] = list(dict.fromkeys(part[x])) if x else [""]
    looks = (make(len(hues)) for make in (class_colours, class_markers, class_dashes))
    for index, (name, colour, marker, dash) in enumerate(zip(hues, *looks, strict=True)):
        group = part if hue is None else part[part[hue] == name]
        means = summary(group, x)
        at = np.array(means.index if numeric else [places.index(v) for v in means.index], dtype=float)
        aside, moved = index / max(1, len(hues) - 1) - 0.5, axis.transData
        if not numeric and len(hues) > 1:
            at = at + 0.5 * aside
        if numeric and len(hues) > MOST_LINES:
            inches: Any = axis.get_figure(root=True).dpi_scale_trans  # type: ignore[union-attr]
            moved = moved + ScaledTranslation(stroke(1.8 * len(hues) * aside) / 72, 0, inches)
        own: Any = {"color": colour, "transform": moved}
        if numeric and len(hues) <= MOST_LINES:
            axis.fill_between(at, means["ci_low"], means["ci_high"], color=colour, alpha=0.15, linewidth=0)
        else:
            spread = np.abs(np.vstack([means["score"] - means["ci_low"], means["ci_high"] - means["score"]]))
            axis.errorbar(at, means["score"], yerr=spread, fmt="none", elinewidth=stroke(0.8), **own)
        dots = replicated(group, x, means, at)
        axis.plot(*dots, ".", markersize=stroke(4), alpha=0.5, **own)
        null = {"linestyle": ":", "linewidth": stroke(0.9), **own}
        if not numeric:
            null = {"linestyle": "", "marker": "_", "markersize": stroke(9), "color": theme().faint}
        axis.plot(at, means["critical"], **null)
        line: Any = {"linestyle": dash if numeric else "", "linewidth": stroke(1.2), "marker": marker, **own}
        label = "" if name is None else entry(str(name))
        axis.plot(at, means["score"], **line, markersize=stroke(4), label=label)
        hollow = ~above_null(means) & means["ci_low"].notna().to_numpy()
        inner: Any = {"color": theme().ground, "marker": "8", "markersize": stroke(2.2), "linestyle": ""}
        axis.plot(at[hollow], means["score"][hollow], **{**own, **inner})
        # Moved points don't count when matplotlib looks for the limits of an axis.
        seen = means[["score", "ci_low", "ci_high", "critical"]].to_numpy(dtype=float)
        axis.update_datalim([(a, b) for a, row in zip(at, seen, strict=True) for b in row if np.isfinite(b)])
    axis.autoscale_view()
    axis.axhline(0, color=theme().ink, linewidth=stroke(0.5))
    _name_places(axis, places, numeric)


def _name_places(axis: Axes, places: list[Any], numeric: bool) -> None:
    if numeric:
        axis.margins(x=0.12)
        if places and min(places) > 0 and max(places) / min(places) >= 8:
            axis.set_xscale("log")
            axis.set_xticks(sorted(places), [f"{value:g}" for value in sorted(places)])
            axis.minorticks_off()
        return
    named = ticks([brief(str(place), NETWORK) for place in places], int(MOST_NAMES / theme().room))
    turned = max(map(len, named.names), default=0) * len(places) > 24 / theme().room
    how: Any = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    axis.set_xticks(named.at, named.names, **how)
    axis.margins(x=0.15 if len(places) <= side_by_side() else 0.02)


@look()
def depth_of_all(layers: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Draws the scores of every condition by relative depth, a line each, a panel for each pair of encoders.

    Where there are several seeds, each is a dot about the mean.

    Args:
        layers: One row per run and layer: ``run``, the condition, ``pair``, ``depth`` in [0, 1], ``score``.
        names: The conditions in the order of their colours.
    """
    pairs = [pair for pair in TITLES if (layers["pair"] == pair).any()]
    shown = list(names)
    if many := len(names) > MOST_NAMED:
        means = layers.groupby("run")["score"].mean().reindex(names)
        shown = list(means.sort_values(ascending=False).index[:HIGHEST])
    rest = [name for name in names if name not in shown]
    ncols, lines = legend_shape(shown)
    figure, axes = subplots(1, len(pairs), PAGE, 2.5 + 0.15 * theme().room * lines)
    faint = dict.fromkeys(rest, (theme().rule, "o", "-"))
    looks = zip(*(make(len(shown)) for make in (class_colours, class_markers, class_dashes)), strict=True)
    looks_of = faint | dict(zip(shown, looks, strict=True))
    for axis, pair in zip(axes.flat, pairs, strict=True):
        for name, own in looks_of.items():
            part = layers[(layers["pair"] == pair) & (layers["run"] == name)]
            _depth(axis, part, own, "" if name in faint else entry(name))
        inches = 0.9 * figure.get_figwidth() / len(pairs)
        axis.set_title(wrapped(figure, TITLES[pair], inches, 8, bold=True), loc="left", fontweight="bold")
        axis.set_xlabel(wrapped(figure, "depth, first to last layer", inches, 8))
        axis.axhline(0, color=theme().ink, linewidth=stroke(0.5))
    axes[0, 0].set_ylabel("score")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=ncols, frameon=False)
    if many:
        note = f"colours: the {HIGHEST} of the highest mean score; gray: the {len(rest)} others"
        headed(figure, note, points=7)
    return figure


def _depth(axis: Axes, part: pd.DataFrame, own: tuple[str, str, str], label: str) -> None:
    colour, marker, dash = own
    mean = part.groupby("depth", as_index=False)["score"].mean()
    if len(part) > len(mean):
        axis.plot(part["depth"], part["score"], ".", color=colour, markersize=stroke(3), alpha=0.35)
    line: Any = {"linestyle": dash, "marker": marker, "color": colour, "label": label}
    axis.plot(mean["depth"], mean["score"], **line, markersize=stroke(2.5), linewidth=stroke(1.1))
