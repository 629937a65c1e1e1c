"""What a person sees in the terminal: what is used, a bar per long stage, one table at the end."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column, Table
from rich.text import Text

from prh.ground.files import readable
from prh.ground.progress import Advance
from prh.ground.secrets import masked

LOG = logging.getLogger("prh")
"""Goes to the run's folder, as ``run.log``."""


class Terminal:
    """Shows progress and notices on standard error and the results on standard output."""

    def __init__(self) -> None:
        self.err = Console(stderr=True, highlight=False)
        self.out = Console(highlight=False)

    @contextmanager
    def progress(self, what: str, total: int, unit: str) -> Iterator[Advance]:
        """Shows a bar with its rate, or a spinner where ``total`` is 0; a finished bar leaves one line."""
        bar = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description:<32}", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=12),
            _Rate(unit),
            TimeElapsedColumn(),
            console=self.err,
        )
        with bar:
            task = bar.add_task(escape(_visible(what)), total=total or None)
            yield lambda step: bar.advance(task, step)
            if not total:
                bar.update(task, total=1, completed=1)

    def note(self, text: str) -> None:
        """Shows one line on what is being used."""
        text = _visible(text)
        LOG.info(text)
        self.err.print(f"  {escape(masked(text))}", soft_wrap=True)

    def warn(self, text: str) -> None:
        """Shows one line on something the user did not ask for."""
        text = _visible(text)
        LOG.info("warning: %s", text)
        self.err.print(f"[bold yellow]warning[/] {escape(masked(text))}", soft_wrap=True)

    def error(self, text: str) -> None:
        """Shows one line on what went wrong and what to do next."""
        text = _visible(text)
        LOG.info("error: %s", text)
        self.err.print(f"[bold red]error[/] {escape(masked(' '.join(text.split())))}", soft_wrap=True)

    def table(
        self,
        title: str,
        columns: list[str],
        sections: dict[str, list[list[str]]],
        caption: str,
        remarks: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """Shows the results in titled sections; the first column is words, the others numbers.

        Args:
            title: Of the whole.
            columns: Their heads.
            sections: Title to rows.
            caption: Below all.
            remarks: Title of a section to lines below its rows.
        """
        self.out.print(f"\n[bold]{escape(_visible(title))}[/]")
        lines = [columns, *(row for rows in sections.values() for row in rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(columns))]
        # In a narrow terminal, a line that goes on below says more than one that is cut.
        whole = max(self.out.width, sum(widths) + 2 * len(widths))
        for index, (section, rows) in enumerate(sections.items()):
            table = Table(box=None, show_header=index == 0, pad_edge=False)
            for column, width in zip(columns, widths, strict=True):
                table.add_column(column, justify="left" if column == columns[0] else "right", min_width=width)
            for row in rows:
                table.add_row(*map(escape, row))
            self.out.print(f"\n[bold cyan]{escape(_visible(section))}[/]", soft_wrap=True)
            self.out.print(table, width=whole, crop=False)
            for line in remarks.get(section, ()):
                self.out.print(f"[dim]{escape(_visible(line))}[/]", soft_wrap=True)
        self.out.print(f"[dim]{escape(caption)}[/]\n", soft_wrap=True)

    def say(self, text: str) -> None:
        """Shows one line of the result."""
        self.out.print(escape(masked(_visible(text))), soft_wrap=True)


def _visible(text: str) -> str:
    """Returns a text without characters by which a name could move the cursor or change colours."""
    return "".join("�" if unicodedata.category(c) == "Cc" and c != "\n" else c for c in readable(text))


class _Rate(ProgressColumn):
    """Done, of how many, and how many a second."""

    def __init__(self, unit: str) -> None:
        super().__init__(table_column=Column(no_wrap=True))
        self.unit = unit

    def render(self, task: Task) -> Text:
        """Returns e.g. ``320/1000 images, 64/s``."""
        if not self.unit:
            return Text("")
        speed = task.finished_speed or task.speed
        rate = f", {speed:.0f}/s" if speed and speed >= 10 else f", {speed:.1f}/s" if speed else ""
        return Text(f"{task.completed:.0f}/{task.total or 0:.0f} {self.unit}{rate}")
