"""How a run or a sweep ends in the terminal: its scores, a study's verdicts, and where everything is."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from prh.console.results import Results
from prh.findings.comparison import TABLE_CAPTION, TABLE_COLUMNS, Comparison
from prh.ground.numbers import number
from prh.study import combined, number_of, tally


def results_of(metric: str, comparisons: Sequence[Comparison]) -> Results:
    """Returns a run's scores as they are shown."""
    rows = {comparison.title: comparison.table_rows() for comparison in comparisons}
    remarks = {comparison.title: comparison.remarks() for comparison in comparisons}
    return Results(metric, TABLE_COLUMNS, rows, TABLE_CAPTION, remarks)


def scores_in_words(comparisons: Sequence[Comparison]) -> str:
    """Returns the scores of the last layers on one line: ``0.52 model × reference, 0.42 model × text``."""
    return ", ".join(f"{number(c.grid.last.value, 2)} {c.pair.replace('_vs_', ' × ')}" for c in comparisons)


def claims_in_words(folder: Path) -> list[str]:
    """Returns how many claims of a study came out how, and a line for each; none without a study.

    Args:
        folder: A run's, or a sweep's summary. Of several jobs that judge one claim, the line counts.
    """
    path = folder / "study" / "claims.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    said: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        said.setdefault((row["number"], row["claim"], row["where"]), []).append(row["verdict"])
    verdicts = [found[0] if len(found) == 1 else _counted(found) for found in said.values()]
    wide = max(map(len, verdicts), default=0)
    lines = [
        f"{claim:>4}  {verdict:<{wide}}  {text} ({where})"
        for (claim, text, where), verdict in zip(said, verdicts, strict=True)
    ]
    numbers: dict[int, list[str]] = {}
    for row in rows:
        numbers.setdefault(number_of(row["number"]), []).append(row["verdict"])
    return [f"{len(numbers)} claims: {tally(map(combined, numbers.values()))}", *lines]


def _counted(verdicts: Sequence[str]) -> str:
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts))


def browsing(uri: str) -> str:
    """Returns the command that opens the MLflow UI on a database or server."""
    default = f"sqlite:///{Path.cwd() / 'mlruns' / 'mlflow.db'}"
    return f"python -m prh.ui{'' if uri == default else f' --uri {uri}'}"
