"""Scores as a person reads them: in a terminal of any width, through a pipe, and in a run's log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

GAP = 2
"""Blanks between two columns."""
LEAST = 16
"""Of the column of words, before a line is longer than the terminal is wide."""


@dataclass(frozen=True)
class Results:
    """Numbers in titled sections.

    Attributes:
        title: Of the whole.
        columns: Their heads; the first column is words, the others numbers.
        sections: Title to rows.
        caption: Below all.
        remarks: Title of a section to lines below its rows.
    """

    title: str
    columns: Sequence[str]
    sections: Mapping[str, Sequence[Sequence[str]]]
    caption: str
    remarks: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def lines(self, width: int | None = None) -> Iterator[tuple[str, str]]:
        """Yields each line with its style; numbers are never cut, words are broken where they must be.

        Args:
            width: Of the terminal; None where lines may be as long as they are.
        """
        rows = [self.columns, *(row for rows in self.sections.values() for row in rows)]
        widths = [max(cell_len(row[column]) for row in rows) for column in range(len(self.columns))]
        room = sum(widths[1:]) + GAP * (len(widths) - 1)
        if width is not None and room + widths[0] > width:
            widths[0] = min(widths[0], max(LEAST, width - room))
        yield "bold", f"\n{self.title}"
        for index, (section, found) in enumerate(self.sections.items()):
            yield "bold cyan", f"\n{section}"
            yield from (("", line) for line in self._table(found, widths, index == 0))
            yield from (("dim", line) for line in self.remarks.get(section, ()))
        yield "dim", self.caption

    def _table(self, rows: Sequence[Sequence[str]], widths: Sequence[int], head: bool) -> list[str]:
        table = Table(box=None, show_header=head, pad_edge=False, padding=(0, GAP, 0, 0))
        for index, (column, width) in enumerate(zip(self.columns, widths, strict=True)):
            justify = "right" if index else "left"
            table.add_column(escape(column), justify=justify, width=width, overflow="fold")  # type: ignore[arg-type]
        for row in rows:
            table.add_row(*map(escape, row))
        drawn = Console(file=StringIO(), width=sum(widths) + GAP * len(widths), color_system=None)
        with drawn.capture() as captured:
            drawn.print(table)
        return [line.rstrip() for line in captured.get().splitlines()]
