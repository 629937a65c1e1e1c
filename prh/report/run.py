"""The page of one run, and its results in Markdown for the description of the run in the MLflow UI."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from prh.findings.cast import Cast
from prh.findings.comparison import TABLE_CAPTION, TABLE_COLUMNS, Comparison, score_records
from prh.findings.findings import Findings
from prh.findings.tables import columns_and_rows
from prh.ground.files import written_whole
from prh.report.alternatives import alternatives
from prh.report.asked import answer_of
from prh.report.page import Section, html
from prh.report.plots import sheet
from prh.report.points import plots, tiles_of
from prh.stimuli.duplicates import Thumbnails
from prh.study import Claim, tally

OF_MANY = {
    "pairs": "All pairs of encoders at their last layers",
    "pairs_best": "All pairs at their best layers, chosen on half of the stimuli and scored on the others; "
    "of two vision models these are often the first, which share brightness and edges",
    "map": "A map of representations: near are those that arrange stimuli alike",
    "layer_paths": "The layers of all networks, each network a path from its first layer to its last",
    "capability": "Likeness to the text model against what vision models can do",
}
CAPTIONS = {
    "stimuli": "Stimuli",
    "umap_last": "UMAP of the last layers",
    "neighbours_model": "Nearest neighbours in the model and in the text model",
    "neighbours_reference": "Nearest neighbours in the reference and in the text model",
    "heatmap_model_vs_reference": "Layer against layer",
    "heatmap_model_vs_text": "Layer against layer of the text model",
    "heatmap_reference_vs_text": "The reference's layers against the text model's",
    "score_by_depth": "Likeness to the text model by depth",
    "rsa_scatter_model": "Distances between classes in the model and in the text model",
    "rsa_scatter_reference": "Distances between classes in the reference and in the text model",
    "umap_layers_model": "UMAP of the model, layer by layer",
    "umap_layers_reference": "UMAP of the reference, layer by layer",
}


HINT = (
    '<p class="hint" hidden>Point at a dot, or tap it, to see what it is; with the keyboard, go to a plot '
    "with Tab and from dot to dot with the arrow keys. Buttons above a plot show some classes alone.</p>"
)


def write_report(
    found: Findings,
    output: Path,
    claims: Sequence[Claim],
    own: Collection[str] = (),
    made: Mapping[str, str] | None = None,
    small: Thumbnails | None = None,
) -> None:
    """Writes ``report.html``: answer, figures, scores and what they were made with, on one page to pass on.

    Args:
        found: What is told.
        output: The run's folder, its figures drawn.
        claims: Of the study, tested.
        own: Names of figures of one's own.
        made: What the run was made with, by its name, such as the command.
        small: A thumbnail of every stimulus; None shows none.
    """
    folder, words = output / "figures", alternatives(found)
    tiles = None if small is None else tiles_of(found, small)
    live = [] if tiles is None else plots(found, folder, words)
    taken = {path for plot in live for path, _ in plot.pictures}
    captions = CAPTIONS | {name: name.replace("_", " ") for name in own}
    still = {name: caption for name, caption in captions.items() if folder / f"{name}.png" not in taken}
    sections = [
        *([Section("Look closer", body=HINT + "".join(plot.html() for plot in live))] if live else []),
        *([_drawn("Many networks at once", OF_MANY, folder, words)] if found.cast else []),
        _drawn("Figures", still, folder, words),
        *([] if found.cast is None else _of_many(found.cast)),
        *(_scores(comparison, first=place == 0) for place, comparison in enumerate(found.comparisons)),
        *_claims(claims),
        Section("All layers", *columns_and_rows(score_records(found.comparisons)), folded=True),
    ]
    names = [encoder.name for encoder in found.encoders.values()]
    page = html(
        f"{' × '.join(names) if len(names) < 4 else f'{len(names)} encoders'} on {found.stimuli.name}",
        found.stimuli.credit or "",
        sections,
        answer_of(found),
        _facts(found, made or {}),
        "" if tiles is None or not live else sheet(tiles),
    )
    with written_whole(output / "report.html") as part:
        part.write_text(page, encoding="utf-8")


def _facts(found: Findings, made: Mapping[str, str]) -> dict[str, str]:
    """Returns what the run was of, and what it was made with."""
    asked = {
        "metric": found.asked.metric.name,
        "dataset": found.stimuli.name,
        "n": f"{len(found.stimuli)} stimuli",
    }
    used = {
        role: encoder.name + (f", weights {encoder.source}" if encoder.source else "")
        for role, encoder in found.encoders.items()
    }
    return asked | used | dict(made)


def _drawn(title: str, captions: Mapping[str, str], folder: Path, words: Mapping[str, str]) -> Section:
    """Returns the figures that there are, with what they show."""
    there = {name: caption for name, caption in captions.items() if (folder / f"{name}.png").exists()}
    return Section(
        title,
        figures={caption: folder / f"{name}.png" for name, caption in there.items()},
        alternatives={caption: words[name] for name, caption in there.items() if name in words},
    )


def _of_many(cast: Cast) -> list[Section]:
    columns, rows = columns_and_rows(cast.rows())
    return [Section("All pairs of last layers", columns, rows, remarks=cast.sentences())]


def _claims(claims: Sequence[Claim]) -> list[Section]:
    if not claims:
        return []
    columns, rows = columns_and_rows([claim.record() for claim in claims])
    return [Section("Claims of the study", columns, rows, text=tally(claim.verdict for claim in claims))]


def _scores(comparison: Comparison, first: bool) -> Section:
    remarks = [f"{remark[0].upper()}{remark[1:]}." for remark in comparison.remarks()]
    remarks += [f"{TABLE_CAPTION}."] if first else []
    return Section(comparison.title, TABLE_COLUMNS, comparison.table_rows(), remarks=remarks)


def markdown(
    metric: str, comparisons: Sequence[Comparison], claims: Sequence[Claim], cast: Cast | None = None
) -> str:
    """Returns the results as a person reads them, for the description of the run in the MLflow UI."""
    short = (f"{c.grid.last.value:.2f} {c.pair.replace('_vs_', ' × ')}" for c in comparisons)
    lines = [f"{', '.join(short)}; {metric}"]
    for comparison in comparisons:
        lines += ["", f"{comparison.title}", "", "| " + " | ".join(TABLE_COLUMNS) + " |", "|---" * 5 + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in comparison.table_rows()]
        lines += ["", *(f"* {remark}" for remark in comparison.remarks())]
    lines += ["", TABLE_CAPTION]
    if cast is not None and (said := cast.sentences()):
        lines += ["", *(f"* {sentence}" for sentence in said)]
    if claims:
        lines += ["", tally(c.verdict for c in claims), ""]
        lines += ["| | claim | where | verdict | measured |", "|---" * 5 + "|"]
        lines += [f"| {c.number} | {c.claim} | {c.where} | {c.verdict} | {c.measured} |" for c in claims]
    return "\n".join(lines)
