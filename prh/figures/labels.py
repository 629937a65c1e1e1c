"""Words on figures: titles on as many lines as they need, names that can be read on whatever they lie."""

from __future__ import annotations

from typing import Any

import matplotlib.patheffects as effects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from prh.figures.colour import readable
from prh.figures.style import pt, stroke, theme
from prh.figures.text import TITLE, brief

SAFE = 0.95
"""Of a line's length is filled: at another number of dots to the inch, letters are a little wider."""
MARGIN = 0.01
"""Of a figure's width, left of its title."""


class Haloed(Text):
    """Text with a rim of the ground's colour. Path effects alone would make outlines of the text itself."""

    def draw(self, renderer: Any) -> None:
        """Draws the rim, then the text as text."""
        rim = effects.Stroke(linewidth=stroke(2.0), foreground=theme().ground)
        self.set_path_effects([rim])
        super().draw(renderer)
        self.set_path_effects([])
        super().draw(renderer)


def halo(axis: Axes, x: float, y: float, text: str, colour: Any = None, **style: Any) -> Text:
    """Writes text over data, in a colour that can be read on the ground."""
    ink = theme().ink if colour is None else readable(colour)
    label = Haloed(x, y, text, color=ink, **{"clip_on": False, "zorder": 4, **style})
    axis.add_artist(label)
    return label


def headed(figure: Figure, title: str, note: str = "", points: float = 9) -> None:
    """Puts a title over a figure, and a note under it, on as many lines as their words need."""
    inches = (1 - 2 * MARGIN) * figure.get_figwidth()
    lines = [wrapped(figure, text, inches, points) for text in (title, note) if text]
    figure.suptitle("\n".join(lines), x=MARGIN, ha="left", fontsize=pt(points))


def credited(figure: Figure, whom: str) -> None:
    """Says at the foot of a figure whose pictures it shows."""
    line = wrapped(figure, brief(whom, TITLE), (1 - 2 * MARGIN) * figure.get_figwidth(), 6)
    figure.supxlabel(line, x=1 - MARGIN, ha="right", fontsize=pt(6), color=theme().faint)


def wrapped(figure: Figure, text: str, inches: float, points: float, bold: bool = False) -> str:
    """Returns text on lines of at most so many inches; a word that is longer is parted anywhere.

    Args:
        figure: That it is for.
        text: Anything; its own lines stay apart.
        inches: Width of a line.
        points: Size of type in a paper.
        bold: Whether it is.
    """

    def fits(line: str) -> bool:
        return inches_of(figure, line, points, bold) <= SAFE * inches

    lines: list[str] = []
    for own in text.split("\n"):
        line = ""
        for word in own.split(" "):
            longer = f"{line} {word}" if line else word
            if fits(longer):
                line = longer
                continue
            lines += [line] if line else []
            line = word
            while not fits(line) and len(line) > 1:
                most = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or fits(line[:n]))
                lines.append(line[:most])
                line = line[most:]
        lines.append(line)
    return "\n".join(lines)


def inches_of(figure: Figure, line: str, points: float, bold: bool = False) -> float:
    """Returns how wide a line of text is; ``points`` is its size in a paper."""
    font = FontProperties(size=pt(points), weight="bold" if bold else "normal")
    renderer: Any = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    return float(renderer.get_text_width_height_descent(line, font, False)[0] / figure.dpi)


def titled(axis: Axes, title: str, note: str, inches: float) -> None:
    """Puts a bold title over a panel, and a fainter note between the two, each on lines of so many inches."""
    figure: Any = axis.figure
    lines = wrapped(figure, note, inches, 7)
    room = "\n" * (lines.count("\n") + 1 if note else 0)
    axis.set_title(wrapped(figure, title, inches, 8, bold=True) + room, loc="left", fontweight="bold", pad=3)
    above: Any = {"xycoords": "axes fraction", "xytext": (0, 2.5), "textcoords": "offset points"}
    if note:
        axis.annotate(lines, (0, 1), **above, fontsize=pt(7), color=theme().faint, va="bottom")
