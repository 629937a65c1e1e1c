"""The looks that figures can have, as plain numbers and colours: for a paper, a talk, and a dark room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Theme:
    """One look.

    Attributes:
        ground: What everything stands on.
        ink: Text and axes.
        faint: Text that matters less, lines of trends, and lines to labels.
        rule: Frames of panels.
        band: The range of a null.
        missing: Cells without a number.
        hatch: Strokes over cells that do not beat their null.
        model: The model, in every figure that shows it beside the reference.
        reference: The reference, and controls.
        classes: One colour for each of ten classes, found by search: as far apart for all eyes as they
            can be with a contrast of 3 to the ground.
        sequential: Matplotlib's name of the map from low to high, of even steps in lightness.
        width: Inches of a figure, as a share of what a paper's is.
        type: Points of text, as a share of a paper's.
        weight: Points of lines and dots, as a share of a paper's.
    """

    ground: str
    ink: str
    faint: str
    rule: str
    band: str
    missing: str
    hatch: str
    model: str
    reference: str
    classes: tuple[str, ...]
    sequential: str = "viridis"
    width: float = 1.0
    type: float = 1.0
    weight: float = 1.0

    @property
    def room(self) -> float:
        """How much more of a figure text of one size takes than in a paper."""
        return self.type / self.width

    def settings(self) -> dict[str, Any]:
        """Returns matplotlib's settings for everything that is not told otherwise."""
        from cycler import cycler

        text, tick = 8 * self.type, 7 * self.type
        inks = "text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"
        grounds = "figure.facecolor", "axes.facecolor", "legend.facecolor"
        strokes = {"lines.linewidth": 1.5, "lines.markersize": 6.0, "hatch.linewidth": 1.0}
        strokes |= dict.fromkeys(("axes.linewidth", "xtick.major.width", "ytick.major.width"), 0.8)
        return {
            **dict.fromkeys(inks, self.ink),
            **dict.fromkeys(grounds, self.ground),
            **dict.fromkeys(("font.size", "axes.titlesize", "axes.labelsize"), text),
            **dict.fromkeys(("xtick.labelsize", "ytick.labelsize", "legend.fontsize"), tick),
            "legend.title_fontsize": tick,
            **{key: points * self.weight for key, points in strokes.items()},
            "axes.prop_cycle": cycler(color=self.classes),
            "hatch.color": self.hatch,
            "image.cmap": self.sequential,
        }


PAPER = Theme(
    ground="#ffffff",
    ink="#000000",
    faint="#6b6b6b",
    rule="#d0d0d0",
    band="#d9d9d9",
    missing="#e4e4e4",
    hatch="#a0a0a0",
    model="#2f7fc8",
    reference="#bd1f01",
    classes=(
        *("#1a24df", "#db7700", "#007770", "#ff0e96", "#4c0c72"),
        *("#7e7dff", "#622836", "#a28652", "#b907ba", "#3a4800"),
    ),
)
TALK = replace(PAPER, width=1.4, type=1.7, weight=1.7)
DARK = replace(
    TALK,
    ground="#15181d",
    ink="#f2f2f2",
    faint="#a8adb5",
    rule="#4a505a",
    band="#3a4049",
    missing="#343a42",
    hatch="#8a8f98",
    model="#62b0f5",
    reference="#ff8a66",
    classes=(
        *("#46a8fc", "#a8aa28", "#4dfc8b", "#fc628f", "#773bff"),
        *("#ffcad8", "#9f540b", "#c7fd1c", "#8752ac", "#427651"),
    ),
)
THEMES = {"paper": PAPER, "talk": TALK, "dark": DARK}
"""By the names that ``figures.style`` takes."""
