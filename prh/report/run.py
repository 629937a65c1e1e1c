"""The page of one run, and its results in Markdown for the description of the run in the MLflow UI."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path

from prh.findings.cast import Cast
from prh.findings.comparison import TABLE_CAPTION, TABLE_COLUMNS, Comparison, score_records
from prh.findings.findings import Findings
from prh.findings.tables import columns_and_rows
from prh.ground.files import written_whole
from prh.inference.score import p_text
from prh.report.page import Section, html
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


def write_report(found: Findings, output: Path, claims: Sequence[Claim], own: Collection[str] = ()) -> None:
    """Writes ``report.html``: scores, figures and what they were made with, on one page to pass on.

    Args:
        found: What is told.
        output: The run's folder, its figures drawn.
        claims: Of the study, tested.
        own: Names of figures of one's own.
    """
    images, many = (
        {caption: output / "figures" / f"{name}.png" for name, caption in captions.items()}
        for captions in (CAPTIONS | {name: name.replace("_", " ") for name in own}, OF_MANY)
    )
    of_many = [] if found.cast is None else _of_many(found.cast, many)
    sections = [
        *of_many,
        *(_scores(comparison) for comparison in found.comparisons),
        *_claims(claims),
        Section("Figures", figures={caption: path for caption, path in images.items() if path.exists()}),
        Section("All layers", *columns_and_rows(score_records(found.comparisons))),
    ]
    last = len(of_many) + len(found.comparisons) - 1
    sections[last] = replace(sections[last], text=f"{sections[last].text} {TABLE_CAPTION}.".strip())
    used = (found.encoders[role] for role in ("model", "reference"))
    lead = "; ".join(f"{encoder.name}, weights {encoder.source}" for encoder in used)
    lead += f"; {found.encoders['text'].name}" if "text" in found.encoders else ""
    lead = f"{found.stimuli.name}, {len(found.stimuli)} stimuli; {lead}"
    if found.stimuli.credit:
        lead += f". {found.stimuli.credit}"
    page = html(found.asked.metric.name, lead, sections)
    with written_whole(output / "report.html") as part:
        part.write_text(page, encoding="utf-8")


def _of_many(cast: Cast, images: dict[str, Path]) -> list[Section]:
    text = " ".join(cast.sentences())
    there = {caption: path for caption, path in images.items() if path.exists()}
    columns, rows = columns_and_rows(cast.rows())
    return [
        Section("Many networks at once", figures=there, text=text),
        Section("All pairs of last layers", columns, rows),
    ]


def _claims(claims: Sequence[Claim]) -> list[Section]:
    if not claims:
        return []
    columns, rows = columns_and_rows([claim.record() for claim in claims])
    return [Section("Claims of the study", columns, rows, text=tally(claim.verdict for claim in claims))]


def _scores(comparison: Comparison) -> Section:
    text = " ".join(f"{remark[0].upper()}{remark[1:]}." for remark in comparison.remarks())
    return Section(comparison.title, TABLE_COLUMNS, comparison.table_rows(), text=text)


def markdown(
    metric: str, comparisons: Sequence[Comparison], claims: Sequence[Claim], cast: Cast | None = None
) -> str:
    """Returns the results as a person reads them, for the description of the run in the MLflow UI."""
    lines = [f"**{metric}**, last layers:", "", *(_in_a_line(comparison) for comparison in comparisons)]
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


def _in_a_line(comparison: Comparison) -> str:
    """Returns the score of the last layers with its interval and p, which a table of runs shows first."""
    last, pair = comparison.grid.last, comparison.pair.replace("_vs_", " × ")
    if not isfinite(last.value):
        return f"* {pair}: n/a"
    known = f" [{last.ci_low:.2f}, {last.ci_high:.2f}]" if isfinite(last.ci_low) else ""
    p = p_text(last.p, last.p_se, last.exact)
    p = f", p = {p}" if isfinite(last.p) else ""
    return f"* {pair}: **{last.value:.2f}**{known}{p}, {comparison.rows}"
