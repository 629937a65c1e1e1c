"""What can be read on what, and which colour a score has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_hex, to_rgb
from matplotlib.figure import Figure

from prh.figures.style import theme
from prh.ground.numbers import number
from prh.similarity.arrays import Array

READ = 4.5
"""The contrast from which on small text can be read (WCAG 2.2, level AA); dots and lines need 3."""
FAR = 3.0
"""Beyond so many times the interquartile range from the quartiles, a score is far out (Tukey 1977)."""
FEW = 0.1
"""At most this share of the scores is cut."""
NEAR = 0.25
"""A score that lies beyond an end by less than this share of the scale moves the end."""


def luminance(colour: Any) -> float:
    """Returns relative luminance, from 0 for black to 1 for white (WCAG 2.2)."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one: Any, other: Any) -> float:
    """Returns the contrast of two colours, from 1 for the same to 21 for black on white (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: Any) -> str:
    """Returns a colour for text on the theme's ground: this one, with as much ink as it needs to be read."""
    shares = np.linspace(0, 1, 21)[:, None]
    inked = (1 - shares) * to_rgb(colour) + shares * to_rgb(theme().ink)
    mixed = (to_hex((red, green, blue)) for red, green, blue in inked)
    return next(one for one in mixed if contrast(one, theme().ground) >= READ or one == to_hex(theme().ink))


def ink_on(colour: Any) -> str:
    """Returns black or white, whichever is read better on a colour."""
    return max("black", "white", key=lambda ink: contrast(ink, colour))


@dataclass(frozen=True)
class Scale:
    """Colours of scores; a few that lie far out have the colour of the end, and the colour bar says so.

    Attributes:
        low: The score of the first colour, 0 or less.
        high: That of the last.
        highest: The highest score that there is.
        lowest: The lowest.
    """

    low: float
    high: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, scores: Array) -> Scale:
        """Returns the scale for some scores, of which any may be NaN."""
        known = scores[np.isfinite(scores)]
        if not len(known):
            return cls(0.0, 1.0, 0.0, 1.0)
        first, third = np.quantile(known, [0.25, 0.75])
        reach = FAR * (third - first)
        inside = known[(first - reach <= known) & (known <= third + reach)]
        if len(inside) < (1 - FEW) * len(known):
            inside = known
        low, high = min(0.0, float(inside.min())), float(inside.max())
        lowest, highest = float(known.min()), float(known.max())
        # What is hardly beyond an end is not worth a cut.
        near = NEAR * (high - low)
        low = min(low, lowest) if lowest > low - near else low
        high = max(high, highest) if highest < high + near else high
        return cls(low, max(high, low + 0.05), lowest, highest)

    def mappable(self) -> ScalarMappable:
        """Returns what gives a score its colour, in the theme's map."""
        return ScalarMappable(Normalize(self.low, self.high), theme().sequential)

    def bar(self, figure: Figure, label: str, **where: Any) -> Any:
        """Draws the colour bar, pointed where scores lie beyond it."""
        under, over = self.lowest < self.low, self.highest > self.high
        extend = {(True, True): "both", (True, False): "min", (False, True): "max"}.get((under, over))
        cut = [f"first colour: down to {number(self.lowest, 2)}"] if under else []
        cut += [f"last colour: up to {number(self.highest, 2)}"] if over else []
        bar = figure.colorbar(self.mappable(), extend=extend or "neither", **where)
        bar.set_label("\n".join([label, *cut]))
        bar.outline.set_visible(False)
        return bar
