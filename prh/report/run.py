"""The page of one run, and its results in Markdown for the description of the run in the MLflow UI."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from prh.findings.cast import Cast
from prh.findings.comparison import TABLE_CAPTION, TABLE_COLUMNS, Comparison, score_records
from prh.findings.findings import Findings
from prh.findings.tables import columns_and_rows
from prh.ground.files import written_whole
from prh.report.captions import CAPTIONS, OF_MANY
from prh.report.claims import Judged, claims_section
from prh.report.page import Section, html
from prh.study import Claim, Told, tally


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
        *_claims(claims, Told.read(output / "study")),
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


def _claims(claims: Sequence[Claim], told: Told | None) -> list[Section]:
    return [claims_section([Judged("", claim) for claim in claims], [told] if told else [])] if claims else []


def _scores(comparison: Comparison) -> Section:
    text = " ".join(f"{remark[0].upper()}{remark[1:]}." for remark in comparison.remarks())
    return Section(comparison.title, TABLE_COLUMNS, comparison.table_rows(), text=text)


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
