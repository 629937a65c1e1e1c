"""Figures as PDF, by the width that they have on a page, with what LaTeX needs to show them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

from prh.export.latex import escaped
from prh.export.recorded import Recorded
from prh.figures.style import COLUMN, PAGE

FURTHER = {
    "umap_last_model": "UMAP of the model's last layer",
    "umap_last_reference": "UMAP of the reference's last layer",
    "heatmap_reference_vs_model": "Layer against layer, the reference's as rows",
    "scores": "Scores of the last layers; dotted or gray, what 5% of permutations exceed",
    "scale": "Likeness to the text model against the size and quality of the vision model",
    "depth": "Scores against the other side's last layer, by depth",
}
"""What the figures of a study and of a sweep show, beyond those of the report of a run."""
SLACK = 0.1
"""Inches by which a figure may be wider than its column."""
POINTS = 72
TALLEST = 0.82
"""Of the height of the text, which leaves room for a caption."""
BOX = re.compile(rb"/MediaBox\s*\[\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*\]")


class Figure(NamedTuple):
    """One figure of the paper.

    Attributes:
        name: Of its file, without the suffix.
        group: ``single`` or ``double``, the folder it is in.
        width: In inches, as it was drawn.
        caption: In words.
    """

    name: str
    group: str
    width: float
    caption: str

    @property
    def shown(self) -> float:
        """Inches that it takes on the page: its own width, unless that is more than there is."""
        return min(self.width, COLUMN if self.group == "single" else PAGE)

    def latex(self) -> str:
        """Returns the figure as LaTeX puts it on a page."""
        star = "*" if self.group == "double" else ""
        size = rf"width={self.shown:.2f}in,height={TALLEST}\textheight,keepaspectratio"
        return (
            f"\\begin{{figure{star}}}[tbp]\n\\centering\n"
            f"\\includegraphics[{size}]{{figures/{self.group}/{self.name}.pdf}}\n"
            f"\\caption{{{escaped(self.caption)}.}}\n\\label{{fig:{self.name}}}\n\\end{{figure{star}}}\n"
        )


def copied(run: Recorded, folder: Path) -> tuple[list[Figure], list[str]]:
    """Copies the run's figures into ``folder/single`` and ``folder/double``.

    Returns:
        The figures, and the names of those that the run drew as pictures of dots alone.
    """
    found, place = [], run.files / "figures"
    for file in sorted(place.glob("*.pdf")):
        width = _width(file)
        group = "single" if width <= COLUMN + SLACK else "double"
        (folder / group).mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / group / file.name)
        found.append(Figure(file.stem, group, width, caption(run, file.stem)))
    drawn = {file.stem for file in place.glob("*.png")}
    return found, sorted(drawn - {figure.name for figure in found})


def _width(file: Path) -> float:
    """Returns the width of a PDF's first page in inches; matplotlib writes it as plain text."""
    box = BOX.search(file.read_bytes())
    return PAGE if box is None else (float(box[3]) - float(box[1])) / POINTS


def caption(run: Recorded, name: str) -> str:
    """Returns what a figure shows, as the run's report has it, with what was shown and compared."""
    from prh.report.captions import CAPTIONS, OF_MANY

    known = {**CAPTIONS, **OF_MANY, **FURTHER}
    text = known.get(name) or known.get(re.sub(r"_\d+$", "", name)) or name.replace("_", " ")
    about = run.tags.get("data")
    n = run.tags.get("data.n")
    facts = [f"{n} stimuli of {about}" if n and about else "", run.metric]
    told = "; ".join(filter(None, facts)) if not run.jobs else ""
    return f"{text[0].upper()}{text[1:]}" + (f" ({told})" if told else "")
