"""Plots whose dots say what they are, with small pictures of the stimuli in one sheet for the whole page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.report.pictures import still, webp

STEPS = 1000
"""Places along an axis, of which a screen shows fewer."""
COLUMNS = 40
"""Pictures to a row of the sheet."""
QUALITY = 80
Tiles = NDArray[np.uint8]


@dataclass(frozen=True)
class View:
    """Where the dots of a panel lie, such as in one layer.

    Attributes:
        name: E.g. the layer.
        at: N×2 places.
    """

    name: str
    at: NDArray[Any]


@dataclass(frozen=True)
class Panel:
    """One scatter plot, which may have several views of the same dots.

    Attributes:
        title: E.g. the network.
        views: The last of them is shown first.
        axes: What is measured along x and y; None where places mean nothing by themselves, and a step is as
            long on both axes.
        colour: Of all dots; empty where each has its class's.
    """

    title: str
    views: Sequence[View]
    axes: tuple[str, str] | None = None
    colour: str = ""


@dataclass(frozen=True)
class Plot:
    """Panels of the same dots: what is pointed at in one is marked in all.

    Attributes:
        panels: At least one.
        names: What each dot is.
        shown: The pictures of each dot, by their places in the sheet.
        groups: The classes that each dot belongs to.
        classes: Name and colour of each class.
        said: What a dot is, a sentence for whoever cannot see the plot.
        caption: What stands below.
        pictures: The same as still pictures, PNG files, and what each shows, in words; what there is none
            of is left out.
    """

    panels: Sequence[Panel]
    names: Sequence[str]
    shown: Sequence[Sequence[int]]
    groups: Sequence[Sequence[int]]
    classes: Sequence[tuple[str, str]]
    said: str
    caption: str
    pictures: Sequence[tuple[Path, str]] = ()

    def html(self) -> str:
        """Returns it as a figure; without scripts, and on paper, it is the still picture."""
        data = {
            "panels": [_panel(one) for one in self.panels],
            "names": list(self.names),
            "shown": [list(map(int, places)) for places in self.shown],
            "groups": [list(map(int, places)) for places in self.groups],
            "classes": [{"name": name, "colour": colour} for name, colour in self.classes],
            "said": self.said,
        }
        there = [(path, words) for path, words in self.pictures if path.exists()]
        numbers = (
            [f", {place} of {len(there)}" for place in range(1, len(there) + 1)] if len(there) > 1 else [""]
        )
        fixed = "".join(
            still(path, words, f"{self.caption}{number}")
            for (path, words), number in zip(there, numbers, strict=False)
        )
        if fixed:
            fixed = f'<details class="still" open><summary>As a still picture</summary>{fixed}</details>'
        return (
            f'<figure class="plot"{"" if fixed else " hidden"}><div class="live" hidden></div>{fixed}'
            f"<figcaption>{escape(self.caption)}</figcaption>{_json(data)}</figure>"
        )


def sheet(tiles: Tiles) -> str:
    """Returns what the plots of a page share: their script, and N×h×w×3 small pictures as one."""
    from PIL.Image import fromarray

    n, height, width, channels = tiles.shape
    columns = min(COLUMNS, n)
    rows = ceil(n / columns)
    padded = np.full((rows * columns, height, width, channels), 255, np.uint8)
    padded[:n] = tiles
    whole = padded.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    image = webp(fromarray(whole.reshape(rows * height, columns * width, channels)), QUALITY)
    about = {"columns": columns, "width": width, "height": height}
    style = f"<style>.tile{{background-image:url({image})}}</style>"
    return f"{style}{_json(about, 'tiles')}<script>{_script()}</script>"


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "title": panel.title,
        "views": [_view(one, panel.axes is None) for one in panel.views],
        "axes": panel.axes,
        "colour": panel.colour,
    }


def _view(view: View, square: bool) -> dict[str, Any]:
    """Returns places as whole steps, and what the ends of the axes are."""
    at = np.asarray(view.at, dtype=np.float64)
    low, high = at.min(axis=0), at.max(axis=0)
    if square:
        middle, half = (low + high) / 2, (high - low).max() / 2
        low, high = middle - half, middle + half
    span = np.where(high > low, high - low, 1)
    x, y = np.round(STEPS * (at - low) / span).astype(int).T.tolist()
    ends = [round(float(end), 4) for end in (low[0], high[0], low[1], high[1])]
    return {"name": view.name, "x": x, "y": y, "ends": ends}


def _json(data: Any, name: str = "") -> str:
    """Returns data for a script; no text in it can end the element that holds it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    known = f' id="{name}"' if name else ""
    return f'<script type="application/json"{known}>{text}</script>'


@cache
def _script() -> str:
    return (files(__package__) / "plots.js").read_text(encoding="utf-8")
