"""The page of one run, and its results in Markdown for the description of the run in the MLflow UI."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from pathlib import Path

from prh.findings.cast import Cast
from prh.findings.comparison import TABLE_CAPTION, TABLE_COLUMNS, Comparison, score_records
from prh.findings.findings import Findings
from prh.findings.tables import columns_and_rows
from prh.ground.files import written_whole
from prh.ground.numbers import interval, number, typeset
from prh.inference.score import p_text
from prh.report.alternatives import alternatives
from prh.report.asked import answer_of
from prh.report.captions import CAPTIONS, OF_MANY
from prh.report.claims import Judged, claims_section
from prh.report.page import Section, html
from prh.report.plots import sheet
from prh.report.points import plots, tiles_of
from prh.stimuli.duplicates import Thumbnails
from prh.study import Claim, Told, tally

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
        *_claims(claims, Told.read(output / "study")),
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


def _claims(claims: Sequence[Claim], told: Told | None) -> list[Section]:
    return [claims_section([Judged("", claim) for claim in claims], [told] if told else [])] if claims else []


def _scores(comparison: Comparison, first: bool) -> Section:
    remarks = [f"{remark[0].upper()}{remark[1:]}." for remark in comparison.remarks()]
    remarks += [f"{TABLE_CAPTION}."] if first else []
    return Section(comparison.title, TABLE_COLUMNS, comparison.table_rows(), remarks=remarks)


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
        lines += [
            f"| {c.number} | {c.claim} | {c.where} | {c.verdict} | {typeset(c.measured)} |" for c in claims
        ]
    return "\n".join(lines)


def _in_a_line(comparison: Comparison) -> str:
    """Returns the score of the last layers with its interval and p, which a table of runs shows first."""
    last, pair = comparison.grid.last, comparison.pair.replace("_vs_", " × ")
    if not isfinite(last.value):
        return f"* {pair}: n/a"
    known = f" {interval(last.ci_low, last.ci_high, 2)}" if isfinite(last.ci_low) else ""
    p = p_text(last.p, last.p_se, last.exact)
    p = f", p = {p}" if isfinite(last.p) else ""
    return f"* {pair}: **{number(last.value, 2)}**{known}{p}, {comparison.rows}"
