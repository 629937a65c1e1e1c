"""Two recorded runs: their scores beside each other, and how far they are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prh.figures.style import PAGE, look, pt, stroke, subplots, theme

Estimate = tuple[float, float, float]
"""A number and the ends of its interval, which may be NaN."""


@dataclass(frozen=True)
class Beside:
    """One score of two runs.

    Attributes:
        name: What it is of.
        first: The one run's score.
        second: The other's.
        difference: The second less the first, over what both have.
    """

    name: str
    first: Estimate
    second: Estimate
    difference: Estimate


@look()
def run_differences(rows: Sequence[Beside], first: str, second: str, unit: str) -> Figure:
    """Draws scores of two runs with their intervals, and their differences.

    Args:
        rows: From top to bottom.
        first: What the one run is called.
        second: What the other is.
        unit: Name of the metric.
    """
    figure, ((scores, apart),) = subplots(1, 2, PAGE, 0.9 + 0.42 * len(rows))
    places = np.arange(len(rows))[::-1]
    for shift, colour, label, estimates in (
        (0.12, theme().model, first, [row.first for row in rows]),
        (-0.12, theme().reference, second, [row.second for row in rows]),
    ):
        _points(scores, places + shift, estimates, colour, label)
    _points(apart, places, [row.difference for row in rows], theme().ink, "")
    scores.set_yticks(places, [row.name for row in rows])
    apart.set_yticks(places, [""] * len(rows))
    for axis in (scores, apart):
        axis.set_ylim(-0.6, len(rows) - 0.4)
        axis.locator_params(axis="x", nbins=5)
        axis.axvline(0, color=theme().faint, linewidth=stroke(0.6), linestyle=":", zorder=0)
    scores.set_xlabel(unit)
    apart.set_xlabel(f"{second.split(':')[0]} − {first.split(':')[0]}")
    unknown = [place for place, row in zip(places, rows, strict=True) if np.isnan(row.difference[1])]
    for place in unknown:
        apart.text(
            0.99,
            place + 0.14,
            "no interval",
            transform=apart.get_yaxis_transform(),
            ha="right",
            color=theme().faint,
            fontsize=pt(6.5),
        )
    figure.legend(loc="outside upper left", frameon=False, ncols=1)
    return figure


def _points(axis: Axes, places: np.ndarray, estimates: Sequence[Estimate], colour: str, label: str) -> None:
    values, low, high = np.array(estimates, dtype=float).T
    whole = np.isfinite(low) & np.isfinite(high)
    axis.hlines(places[whole], low[whole], high[whole], color=colour, linewidth=stroke(1.2))
    axis.plot(values[whole], places[whole], "o", color=colour, markersize=stroke(4), label=label or None)
    axis.plot(
        values[~whole],
        places[~whole],
        "o",
        color=colour,
        markersize=stroke(4),
        fillstyle="none",
        label=None if whole.any() else label or None,
    )
