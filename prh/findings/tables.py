"""Tables as CSV files, which a spreadsheet may open and must not run."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prh.ground.files import written_whole
from prh.similarity.arrays import Array

RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is a formula to a spreadsheet, which runs it when the table is opened (OWASP)."""


def write_rdm(path: Path, rdm: Array, names: Sequence[str]) -> None:
    """Writes a condensed RDM as a square CSV table with names on both sides."""
    from scipy.spatial.distance import squareform

    rows = [[name, *map(float, row)] for name, row in zip(names, squareform(rdm, checks=False), strict=True)]
    write_csv(path, ["", *names], rows)


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Writes one table."""
    with written_whole(path) as part, part.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([as_text(cell) for cell in row] for row in [header, *rows])


def as_text(cell: object) -> object:
    """Returns a cell of a table; a text that a spreadsheet would run has an apostrophe first."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RUN) else cell


def columns_and_rows(records: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """Returns records, all with the same names, as a table."""
    return list(records[0]), [list(record.values()) for record in records]
