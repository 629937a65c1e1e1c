"""Says how recorded runs differ: scores with the interval of their difference, config, figures.

    python -m prh.compare RUN RUN [RUN …]

RUN is the id of a recorded run, or its beginning, or a run's output folder. Each run but the first is held
against the first. Where both have the stimuli, the difference has a paired interval: features are read from
the store, and no network is shown anything.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from prh.compare.asked import differing_code, differing_config, labels, short
from prh.compare.differing import compared
from prh.compare.page import said, signed, title, write
from prh.compare.recorded import Recorded, recorded
from prh.compare.row import Compared
from prh.console.results import Results
from prh.console.terminal import Terminal
from prh.errors import PrhError
from prh.ground.numbers import interval
from prh.inference.score import p_text

SHOWN = 12
"""Keys that differ, in the terminal."""
CAPTION = (
    "difference: the other run less A; p: two-sided, of no difference, corrected for all over the same rows"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Compares runs from the command line.

    Returns:
        The exit code: 2 where the user can mend it.
    """
    parser = argparse.ArgumentParser(
        prog="prh compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="a run's id, or its beginning, or its output folder"
    )
    parser.add_argument("--uri", help="tracking.uri of the runs (the nearest mlruns/mlflow.db)")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="where page and table go (outputs/compared/…)"
    )
    asked = parser.parse_args(argv)
    terminal = Terminal()
    try:
        if len(asked.runs) < 2:
            raise PrhError(f"{asked.runs[0]} is one run; name two or more")
        _compare(asked.runs, asked.uri, asked.output, terminal)
    except PrhError as error:
        terminal.error(str(error))
        return 2
    return 0


def _compare(asked: Sequence[str], uri: str | None, output: Path | None, terminal: Terminal) -> None:
    from prh.tracking.address import absolute_uri, nearest

    with terminal.progress("Reading runs", 0, ""):
        runs = recorded(asked, nearest() if uri is None else absolute_uri(uri))
    with terminal.progress("Comparing", 0, ""):
        found, warned = compared(runs), differing_code(runs)
    folder = output or Path("outputs", "compared", "-".join(one.id for one in runs))
    with terminal.progress("Drawing", 0, ""):
        write(folder, runs, found, warned)
    _show(runs, found, warned, terminal)
    terminal.say(f"Page     {folder / 'report.html'}")
    if found:
        terminal.say(f"Table    {folder / 'differences.csv'}")


def _show(
    runs: Sequence[Recorded], found: Sequence[Compared], warned: Sequence[str], terminal: Terminal
) -> None:
    for line in warned:
        terminal.warn(line)
    named = labels(runs)
    for label, one in zip(named, runs, strict=True):
        terminal.say(f"{label}  (run {one.id}, {one.run.info.run_name})")
    differ = differing_config(runs)
    for key, *values in differ[:SHOWN]:
        terminal.say(f"  {key}: {' | '.join(short(value) or '–' for value in values)}")
    if len(differ) > SHOWN:
        terminal.say(f"  and {len(differ) - SHOWN} more keys, on the page")
    if not found:
        terminal.warn("the runs have no score in common")
        return
    sections, remarks = dict[str, list[list[str]]](), dict[str, list[str]]()
    for place, other in enumerate(runs[1:], 1):
        own = [one for one in found if one.run_b == other.id]
        sections[named[place]] = [_row(one) for one in own]
        remarks[named[place]] = _remarks(own)
    columns = ["", "A", "B" if len(runs) == 2 else "other", "difference", "95% interval", "p", "how"]
    terminal.show(Results(title(runs), columns, sections, CAPTION, remarks))


def _remarks(own: Sequence[Compared]) -> list[str]:
    """Returns what is remarked, each line once with the rows that it is of."""
    of = dict[str, list[str]]()
    for one in own:
        if text := said(one):
            of.setdefault(text, []).append(_name(one))
    return [f"{'; '.join(rows)}: {text}" if len(rows) < len(own) else text for text, rows in of.items()]


def _name(one: Compared) -> str:
    return f"{one.pair.replace('_vs_', ' × ')}, {one.which}"


def _row(one: Compared) -> list[str]:
    known = bool(one.interval)
    return [
        _name(one),
        f"{one.score_a:.3f}",
        f"{one.score_b:.3f}",
        signed(one.difference),
        interval(one.ci_low, one.ci_high, sign="+") if known else "–",
        p_text(one.p_corrected) if known else "–",
        f"{one.interval}, {one.rows}" if known else "–",
    ]
