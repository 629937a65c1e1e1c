"""One look for all figures: widths of a paper's columns, colours that most eyes can tell apart."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from prh.figures.text import families
from prh.ground.files import written_whole

COLUMN = 3.5
PAGE = 7.1
"""Widths in inches of one column and of a whole page."""
GRAY = "#6b6b6b"
MODEL_COLOUR, REFERENCE_COLOUR = "#3f90da", "#bd1f01"
"""The model and the reference, in every figure that shows both."""
LOOK: Any = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
    "text.parse_math": False,  # a name may hold dollar signs
    "svg.hashsalt": "prh",
    "pdf.fonttype": 42,  # TrueType, whose text can be selected and edited; journals refuse Type 3
}
MOST_DOTS = 30_000
"""Of a side of a picture; matplotlib draws twice as many at most, and few programs show so many."""
LONGEST = 60
"""Characters of a name in a legend."""
LABEL_MOVES = 200
"""Steps in which labels make way for each other; a limit in seconds would draw anew on every machine."""
CLASS_COLOURS = (
    "#332288",
    "#88ccee",
    "#44aa99",
    "#117733",
    "#999933",
    "#ddcc77",
    "#cc6677",
    "#882255",
    "#aa4499",
    "#555555",
)
"""Paul Tol's "muted" scheme, made for colour-blind eyes, with a dark gray as its tenth."""


@contextmanager
def look() -> Iterator[None]:
    """The context, or decorator, in which everything is drawn."""
    with matplotlib.rc_context({**LOOK, "font.family": families()}), warnings.catch_warnings():
        # A letter that no font has is drawn as a box; to say so for every draw tells nothing more.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


def class_colours(n_classes: int) -> list[tuple[float, ...]]:
    """Returns one colour per class; for more than ten classes a ramp of hues."""
    if n_classes <= len(CLASS_COLOURS):
        return [matplotlib.colors.to_rgba(colour) for colour in CLASS_COLOURS[:n_classes]]
    ramp = plt.get_cmap("turbo")([i / (n_classes - 1) for i in range(n_classes)])
    return [tuple(map(float, colour)) for colour in ramp]


def legend_shape(names: Sequence[object]) -> tuple[int, int]:
    """Returns columns and rows of a legend below a figure of a page's width."""
    longest = min(LONGEST, max((len(str(name)) for name in names), default=0))
    columns = max(1, min(len(names), 120 // (longest + 10)))
    return columns, ceil(len(names) / columns)


def subplots(
    rows: int = 1, columns: int = 1, width: float = COLUMN, height: float = COLUMN
) -> tuple[Figure, Any]:
    """Returns a figure and its axes, always rows×columns."""
    return plt.subplots(rows, columns, figsize=(width, height), squeeze=False)


@look()
def save(figure: Figure, path: Path, dpi: int) -> None:
    """Writes ``path.png``, ``.svg`` and ``.pdf``, and closes it; a large one has fewer dots to the inch."""
    dpi = max(1, min(dpi, int(MOST_DOTS / max(figure.get_size_inches()))))
    with written_whole(path.with_suffix(".png")) as part:
        figure.savefig(part, dpi=dpi)
    # Everything has its place now, in shares of the figure; finding it once more takes as long as drawing.
    figure.set_layout_engine("none")
    with written_whole(path.with_suffix(".svg")) as part:
        figure.savefig(part, dpi=dpi, metadata={"Date": None})
    with written_whole(path.with_suffix(".pdf")) as part:
        figure.savefig(part, dpi=dpi, metadata={"CreationDate": None})
    plt.close(figure)
