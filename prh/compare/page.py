"""The differences of runs as one page, with their figures side by side, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from prh.compare.asked import differing_config, labels, letter
from prh.compare.recorded import Recorded
from prh.compare.row import Compared
from prh.findings.tables import columns_and_rows, write_csv
from prh.ground.files import written_whole
from prh.ground.numbers import interval, number
from prh.report.page import Section, html

DPI = 200
SIDE_BY_SIDE = """
@media (min-width: 60rem) {
  body { max-width: 96rem }
  figure { display: inline-block; vertical-align: top; width: calc(50% - .5rem); box-sizing: border-box }
  figure:has(img[alt^="Scores of"]) { display: block; width: 100%; max-width: 64rem }
}
"""
MEANING = (
    "Difference: the other run less the first. Paired: over the same stimuli, or classes, where what each "
    "contributes to both scores cancels; independent: over different ones (Welch). An interval over classes "
    "says what other classes might give, with these images. p: two-sided, of no difference; p, corrected: "
    "for all differences over the same rows."
)


def write(folder: Path, runs: Sequence[Recorded], found: Sequence[Compared], warned: Sequence[str]) -> None:
    """Writes ``report.html``, ``differences.csv`` and ``figures/`` of the differences.

    Args:
        folder: Where to; it is made.
        runs: The first, and those that are held against it.
        found: Their differences.
        warned: What is to be known before any number is read.
    """
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    named = labels(runs)
    if found:
        write_csv(folder / "differences.csv", *columns_and_rows([vars(one) for one in found]))
    sections = [*_scores(folder, runs, found, named), _config(runs, named), *_figures(runs, named)]
    sections[0] = Section(
        sections[0].title,
        sections[0].columns,
        sections[0].rows,
        sections[0].figures,
        " ".join([*(f"{line[0].upper()}{line[1:]}." for line in warned), sections[0].text]).strip(),
    )
    lead = "; ".join(
        f"{label} (run {one.id}, {one.run.info.run_name})" for label, one in zip(named, runs, strict=True)
    )
    page = html(title(runs), lead, sections)
    with written_whole(folder / "report.html") as part:
        part.write_text(page.replace("</style>", f"{SIDE_BY_SIDE}</style>", 1), encoding="utf-8")


def title(runs: Sequence[Recorded]) -> str:
    """Returns what the page is called."""
    return f"{len(runs)} runs compared" if len(runs) > 2 else f"Run {runs[1].id} against {runs[0].id}"


def _scores(
    folder: Path, runs: Sequence[Recorded], found: Sequence[Compared], named: Sequence[str]
) -> list[Section]:
    if not found:
        return [Section("Scores and differences", text="The runs have no score in common.")]
    first, sections = named[0] if len(runs) == 2 else letter(0), list[Section]()
    for place, other in enumerate(runs[1:], 1):
        own = [one for one in found if one.run_b == other.id]
        if own:
            figure = {f"Scores of {named[0]} and {named[place]}": _drawn(folder, own, named[0], named[place])}
            at = letter(place)
            columns = [
                "pair",
                "layers",
                "A",
                at,
                f"{at} − A",
                "interval",
                "p",
                "p, corrected",
                "rows",
                "how",
                "remark",
            ]
            rows = [_row(one) for one in own]
            sections.append(
                Section(f"{named[place]} against {first}", columns, rows, figure, "" if sections else MEANING)
            )
    return sections


def _row(one: Compared) -> list[object]:
    between = "" if np.isnan(one.ci_low) else interval(one.ci_low, one.ci_high, sign="+")
    numbers = [one.p, one.p_corrected] if one.interval else [None, None]
    return [
        one.pair.replace("_vs_", " × "),
        one.which,
        one.score_a,
        one.score_b,
        signed(one.difference),
        between,
        *numbers,
        one.rows,
        one.interval or "–",
        said(one),
    ]


def said(one: Compared) -> str:
    """Returns the remark, and the scores that the difference is of where these are not the recorded ones."""
    apart = np.nanmax([abs(one.of_a - one.score_a), abs(one.of_b - one.score_b), 0.0])
    over = f"over {one.rows}: {one.of_a:.3f} and {one.of_b:.3f}" if apart > 0.0005 and not one.remark else ""
    return "; ".join(filter(None, (over, one.remark)))


def signed(value: float) -> str:
    """Returns a difference with its sign; a dash where there is none."""
    return "–" if np.isnan(value) else number(value, sign="+")


def _drawn(folder: Path, own: Sequence[Compared], first: str, second: str) -> Path:
    from prh.figures import save
    from prh.figures.versus import Beside, run_differences

    rows = [
        Beside(
            f"{one.pair.replace('_vs_', ' × ')}, {one.which}",
            (one.score_a, one.ci_low_a, one.ci_high_a),
            (one.score_b, one.ci_low_b, one.ci_high_b),
            (one.difference, one.ci_low, one.ci_high),
        )
        for one in own
    ]
    path = folder / "figures" / f"differences_{own[0].run_b}"
    save(run_differences(rows, first, second, "score"), path, DPI)
    return path.with_suffix(".png")


def _config(runs: Sequence[Recorded], named: Sequence[str]) -> Section:
    rows = differing_config(runs)
    text = "" if rows else "Nothing that changes a score."
    return Section("What was asked differently", ["key", *named], rows, text=text)


def _figures(runs: Sequence[Recorded], named: Sequence[str]) -> list[Section]:
    """Returns the figures of one name as a part each, those that two runs or more have."""
    from prh.report.captions import CAPTIONS, OF_MANY

    drawn = [one.figures for one in runs]
    every = dict.fromkeys([*OF_MANY, *CAPTIONS, *(name for own in drawn for name in own)])
    sections = []
    for name in every:
        own = {label: figures[name] for label, figures in zip(named, drawn, strict=True) if name in figures}
        if len(own) > 1:
            heading = {**CAPTIONS, **OF_MANY}.get(name, name.replace("_", " "))
            sections.append(Section(heading, figures=own))
    return sections
