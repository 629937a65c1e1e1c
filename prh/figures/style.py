"""One look for all figures: widths of a paper's columns, type and lines in the theme's sizes, files alike."""

import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import ceil
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from prh.figures.text import families
from prh.figures.themes import PAPER, THEMES, Theme
from prh.ground.files import written_whole

COLUMN = 3.5
PAGE = 7.1
"""Widths in inches of one column and of a whole page of a paper; every figure has one of them."""
LOOK: Any = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
    "text.parse_math": False,  # a name may hold dollar signs
    "svg.hashsalt": "prh",
    "svg.fonttype": "none",  # text that can be searched and changed
    "pdf.fonttype": 42,  # TrueType, which publishers ask for
    # Who opens an SVG may not have the first; Verdana is as wide.
    "font.sans-serif": ["DejaVu Sans", "Bitstream Vera Sans", "Verdana", "Arial", "Helvetica"],
}
KINDS: dict[str, dict[str, Any]] = {
    ".png": {},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}
"""Kinds of files, and what of each would tell two drawings of one figure apart."""
MOST_DOTS = 30_000
"""Of a side of a picture; matplotlib draws twice as many at most, and few programs show so many."""
LONGEST = 60
"""Characters of a name in a legend."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":")
_theme: ContextVar[Theme] = ContextVar("theme", default=PAPER)


def theme() -> Theme:
    """Returns the theme that figures are drawn in."""
    return _theme.get()


@contextmanager
def drawn_in(name: str) -> Iterator[None]:
    """The context in which figures have a theme, by its name."""
    before = _theme.set(THEMES[name])
    try:
        yield
    finally:
        _theme.reset(before)


@contextmanager
def look() -> Iterator[None]:
    """The context, or decorator, in which everything is drawn."""
    settings = {**LOOK, **theme().settings(), "font.family": families()}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # A letter that no font has is drawn as a box; to say so for every draw tells nothing more.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


@contextmanager
def themed() -> Iterator[None]:
    """The context, or decorator, in which what others draw has the theme's sizes and colours, and no more."""
    settings: Any = theme().settings()
    with matplotlib.rc_context(settings):
        yield


def pt(points: float) -> float:
    """Returns a size of text that is ``points`` in a paper."""
    return points * theme().type


def stroke(points: float) -> float:
    """Returns the width of a line, or of a dot, that is ``points`` in a paper."""
    return points * theme().weight


def spot(area: float) -> float:
    """Returns the area of a dot that is ``area`` square points in a paper."""
    return area * theme().weight ** 2


def class_colours(n_classes: int) -> list[str]:
    """Returns a colour for each class; of more than ten, some share one and differ in their marker."""
    colours = theme().classes
    return [colours[number % len(colours)] for number in range(n_classes)]


def class_markers(n_classes: int) -> list[str]:
    """Returns a marker for each class, another for each ten."""
    return [MARKERS[number // len(theme().classes) % len(MARKERS)] for number in range(n_classes)]


def class_dashes(n_classes: int) -> list[str]:
    """Returns a way to dash the line of each class, another for each ten."""
    return [DASHES[number // len(theme().classes) % len(DASHES)] for number in range(n_classes)]


def legend_shape(names: Sequence[object]) -> tuple[int, int]:
    """Returns columns and rows of a legend below a figure of a page's width."""
    longest = min(LONGEST, max((len(str(name)) for name in names), default=0))
    columns = max(1, min(len(names), int(120 / theme().room) // (longest + 10)))
    return columns, ceil(len(names) / columns)


def fitting(inches: float) -> float:
    """Returns the width, of a column or of a page, that has room for so many inches, as far as any has."""
    return COLUMN if inches <= COLUMN else PAGE


def subplots(
    rows: int = 1, columns: int = 1, width: float = COLUMN, height: float = COLUMN
) -> tuple[Figure, Any]:
    """Returns a figure of so many of a paper's inches, and its axes, always rows×columns."""
    scale = theme().width
    return plt.subplots(rows, columns, figsize=(scale * width, scale * height), squeeze=False)


@look()
def save(figure: Figure, path: Path, dpi: int, formats: Collection[str] = ("png", "svg", "pdf")) -> None:
    """Writes ``path`` in each of the formats, and closes the figure.

    The bytes are the same whenever it is drawn; a large figure has fewer dots to the inch.
    """
    dpi = max(1, min(dpi, int(MOST_DOTS / max(figure.get_size_inches()))))
    for kind in (f".{name}" for name in formats):
        with written_whole(path.with_suffix(kind)) as part:
            figure.savefig(part, dpi=dpi, metadata=KINDS[kind])
        # Everything has its place now, in shares of the figure; finding it again takes as long as drawing.
        figure.set_layout_engine("none")
    plt.close(figure)
