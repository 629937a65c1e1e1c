"""What a person sees in the terminal: what is used, a bar per long stage, one table at the end."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

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
from rich.table import Column
from rich.text import Text

from prh.console.log import LOG, logged, visible
from prh.console.results import Results
from prh.ground.progress import Advance
from prh.ground.secrets import masked

INDENT = 6


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
        with logged(what, total, unit), bar:
            task = bar.add_task(escape(visible(what)), total=total or None)
            yield lambda step: bar.advance(task, step)
            done = max(bar.tasks[0].completed, 1)  # fewer than planned where all permutations are few
            bar.update(task, total=done, completed=done)

    def note(self, text: str) -> None:
        """Shows one line on what is being used."""
        text = visible(text)
        LOG.info(text)
        self.err.print(f"  {escape(masked(text))}", soft_wrap=True)

    def warn(self, text: str) -> None:
        """Shows one line on something the user did not ask for."""
        text = visible(text)
        LOG.info("warning: %s", text)
        self.err.print(f"[bold yellow]warning[/] {escape(masked(text))}", soft_wrap=True)

    def error(self, text: str) -> None:
        """Shows one line on what went wrong and what to do next."""
        text = visible(text)
        LOG.info("error: %s", text)
        self.err.print(f"[bold red]error[/] {escape(masked(' '.join(text.split())))}", soft_wrap=True)

    def show(self, results: Results) -> None:
        """Shows a run's results, as wide as the terminal where there is one."""
        wide = self.out.width if self.out.is_terminal else None
        for style, line in results.lines(wide):
            text = escape(masked(visible(line)))
            # A terminal breaks lines anywhere, a table's are broken by now.
            self.out.print(f"[{style}]{text}[/]" if style else text, soft_wrap=not wide or not style)
        self.out.print()

    def end(self, scores: str) -> None:
        """Says nothing more: the results have been shown."""

    def say(self, text: str) -> None:
        """Shows one line of the result."""
        self.out.print(escape(masked(visible(text))), soft_wrap=True)

    def enumerate(self, lines: Sequence[str]) -> None:
        """Shows a list, if there is one; in a terminal, what does not fit on a line goes on further in."""
        for line in lines:
            wide = self.out.width if self.out.is_terminal else len(line) + 1
            self.say(textwrap.fill(line, wide, subsequent_indent=" " * INDENT, break_on_hyphens=False))
        if lines:
            self.say("")


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
