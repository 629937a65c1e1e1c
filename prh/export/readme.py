"""The README of an exported folder: what is in it, how it was made, and what is not there."""

from __future__ import annotations

from collections.abc import Sequence

from prh import __version__
from prh.export.figures import Figure
from prh.export.recorded import Recorded
from prh.export.tables import Table
from prh.tracking.provenance import PACKAGES

EXTRAS = {
    "prh.encoders.timm_model.timm_model": "timm",
    "prh.encoders.clip.image_tower": "clip",
    "prh.encoders.clip.ClipText": "clip",
    "prh.encoders.MultilingualE5": "e5",
    "prh.stimuli.HuggingFace": "hf",
    "prh.stimuli.AudioFolder": "audio",
    "prh.stimuli.LibrosaExample": "audio",
    "prh.stimuli.TuxPaint": "audio",
}
"""The extra that must be installed for what a config names."""


def readme(run: Recorded, made: Sequence[Table], found: Sequence[Figure], notes: Sequence[str]) -> str:
    """Returns the text, which any editor shows as it is."""
    lines = [
        f"{run.name}",
        f"{'Sweep' if run.jobs else 'Run'} {run.run_id}, exported by prh {__version__}",
        "",
        "paper.tex       all of it on pages: pdflatex paper, bibtex paper, pdflatex paper, pdflatex paper",
        "methods.tex     the methods paragraph; methods.md is the same in Markdown, citations by key",
        "citations.bib   what it cites, and no more",
        "figures.tex     \\includegraphics and captions for every figure",
        "tables/         NAME.tex (needs booktabs, array, longtable, graphicx); NAME.csv with every digit",
        *(["config.yaml     every value that the run was made with"] if not run.jobs else []),
        "",
        "Make it again",
        "-------------",
        *_again(run),
        "",
        "Tables",
        "------",
        *(f"tables/{table.name}{'.tex, .csv' if table.shown is not None else '.csv'}" for table in made),
        "",
        "Figures (PDF, fonts embedded, text can be selected)",
        "---------------------------------------------------",
        *([_row("file", "inches", "shows")] if found else ["none"]),
        *(_row(f"{f.group}/{f.name}.pdf", f"{f.width:.2f}", f.caption) for f in found),
    ]
    if notes:
        lines += ["", "To know", "-------", *(f"* {note}." for note in notes)]
    return "\n".join(lines) + "\n"


def _row(file: str, width: str, shows: str) -> str:
    return f"{file:<44} {width:>6}  {shows}"


def _again(run: Recorded) -> list[str]:
    """Returns the commands: the code as it was, the packages as they were, the run."""
    tags = run.tags
    commit, release = tags.get("mlflow.source.git.commit"), tags.get("version.prh")
    lines = [f"git checkout {commit}    # of prh {release}, in a clone of it"] if commit else []
    if not commit:
        lines.append(f"# prh {release or 'of unknown version'}; which commit it was is not recorded")
    if tags.get("git.dirty") == "true":
        lines.append("# there were changes that were not committed, without which numbers may differ")
    pinned = [
        f"{name}=={tags[f'version.{name}'].partition('+')[0]}"  # of builds such as +cpu registries know none
        for name in PACKAGES
        if tags.get(f"version.{name}", "not installed") != "not installed"
    ]
    extras = sorted({extra for one in run.jobs or [run] for extra in _extras(one)})
    target = f"'.[{','.join(['experiment', *extras])}]'"
    lines += [
        f"python -m pip install {target} {' '.join(pinned)} -c constraints.txt",
        tags.get("command", "# the command is not recorded; config.yaml holds every value"),
    ]
    if python := tags.get("version.python"):
        lines.insert(-2, f"# under Python {python}")
    return lines


def _extras(run: Recorded) -> set[str]:
    named = {value for key, value in run.params.items() if key.endswith(("_target_", "architecture"))}
    mixed = {"stats"} if any(key.startswith("mixed.") for key in run.metrics) else set()
    return mixed | {extra for name, extra in EXTRAS.items() if name in named}
