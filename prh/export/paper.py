"""The folder that a paper takes in."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from prh.export.citations import bibliography, cited_in, of_dataset, of_encoder, of_metric
from prh.export.encoders import name_of
from prh.export.figures import Figure, copied
from prh.export.latex import PREAMBLE, escaped, from_markdown, unknown_characters
from prh.export.methods import methods
from prh.export.readme import readme
from prh.export.recorded import Recorded
from prh.export.tables import Table, tables


def write_paper(run: Recorded, folder: Path) -> list[str]:
    """Writes figures, tables, methods, citations and a document that holds them all.

    Args:
        run: What was recorded.
        folder: Where to; it is there, and empty or to be written over.

    Returns:
        What a person should know of what is not there.
    """
    found, undrawn = copied(run, folder / "figures")
    text = methods(run)
    made = tables(run)
    (folder / "tables").mkdir(exist_ok=True)
    for table in made:
        table.write(folder / "tables")
    (folder / "methods.md").write_text(f"{text}\n", encoding="utf-8")
    (folder / "methods.tex").write_text(f"{from_markdown(text)}\n", encoding="utf-8")
    (folder / "figures.tex").write_text("\n".join(figure.latex() for figure in found), encoding="utf-8")
    (folder / "citations.bib").write_text(bibliography(cited_in(text)), encoding="utf-8")
    if (config := run.folder / "config.yaml").is_file():
        shutil.copy(config, folder / "config.yaml")
    _write_document(run, made, found, folder)
    notes = [*_notes(run, made, found, undrawn)]
    (folder / "README.txt").write_text(readme(run, made, found, notes), encoding="utf-8")
    return notes


def _write_document(run: Recorded, made: Sequence[Table], found: Sequence[Figure], folder: Path) -> None:
    shown = [
        (r"\clearpage" if table.over_pages else "") + rf"\input{{tables/{table.name}}}"
        for table in made
        if table.shown is not None
    ]
    parts = [
        rf"\title{{{escaped(run.name)}}}",
        r"\author{}",
        rf"\date{{Run \texttt{{{run.short_id}}}}}",
        r"\begin{document}",
        r"\maketitle",
        r"\sloppy",
        r"\section*{Methods}",
        r"\input{methods}",
        *shown,
        *([r"\clearpage", r"\input{figures}"] if found else []),
        r"\clearpage",
        r"\bibliographystyle{plainnat}",
        r"\bibliography{citations}",
        r"\end{document}",
    ]
    written = [file.read_text(encoding="utf-8") for file in folder.rglob("*.tex") if file.name != "paper.tex"]
    unknown = unknown_characters([*written, *parts])
    (folder / "paper.tex").write_text(PREAMBLE + unknown + "\n".join(parts) + "\n", encoding="utf-8")


def _notes(
    run: Recorded, made: Sequence[Table], found: Sequence[Figure], undrawn: Sequence[str]
) -> Iterable[str]:
    """Yields what is not here, and why."""
    if undrawn:
        yield (
            f"{len(undrawn)} figures are PNG and SVG alone, as the version of prh that drew them made them, "
            f"and are not here: {', '.join(undrawn)}. They lie in the run's folder figures/"
        )
    for table in (table for table in made if table.shown is None):
        yield f"tables/{table.name}.csv is too wide for a page, so there is no {table.name}.tex"
    for figure in (figure for figure in found if figure.width > figure.shown + 0.05):
        file, smaller = f"figures/{figure.group}/{figure.name}.pdf", figure.shown / figure.width
        yield f"{file} is {figure.width:.1f} in wide; it is shown at {smaller:.0%}"
    for one in run.jobs or [run]:
        yield from _uncited(one)
    if run.lacking:
        yield f"The run does not record {', '.join(sorted(run.lacking))}; what they would say is left out"


def _uncited(run: Recorded) -> Iterable[str]:
    """Yields what the run used for which no citation is known."""
    parts = {f"the dataset {run.tags.get('data', run.kind('dataset'))}": of_dataset(run)}
    parts |= {f"the metric {run.kind('metric')}": of_metric(run)}
    parts |= {f"the encoder {name_of(run, role)}": of_encoder(run, role) for role in run.roles}
    for what, keys in parts.items():
        if keys is None:
            yield f"No citation is known for {what}; add your own"
