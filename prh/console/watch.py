"""A whole sweep in one line: which jobs run, how many there are, how long it will take."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from prh.console.jobs import FILE, Told

EVERY_S = 0.2


class Watch:
    """Shows what jobs tell, in whichever processes: a line per job, and in a terminal one that moves.

    Args:
        folder: Of the sweep.
        jobs: How many there are to be.
        skipped: How many of them need not run.
        console: Where lines are shown.
    """

    def __init__(self, folder: Path, jobs: int, skipped: int = 0, console: Console | None = None) -> None:
        self.file = folder / FILE
        self.jobs, self.to_do = jobs, jobs - skipped
        self.console = console or Console(stderr=True, highlight=False)
        self.running: dict[int, Told] = {}
        self.took: list[float] = []
        self.lanes = 1
        self.warned: set[str] = set()
        self._at = self.file.stat().st_size if self.file.exists() else 0
        self._over = Event()
        self._status: Status | None = None
        self._thread = Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Shows what is left to show, and ends."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        if self.console.is_terminal:
            self._status = self.console.status("")
            self._status.start()
        while True:
            over = self._over.wait(EVERY_S)
            for told in self._new():
                self.hear(told)
            if self._status:
                self._status.update(escape(self._now()))
            if over:
                break
        if self._status:
            self._status.stop()

    def _new(self) -> Iterable[Told]:
        """Returns what has been told since the last call, line by whole line."""
        found: list[Told] = []
        with suppress(OSError), self.file.open("rb") as stream:
            stream.seek(self._at)
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                self._at += len(line)
                with suppress(ValueError, TypeError):  # a line of a job that was killed
                    found.append(Told(**json.loads(line)))
        return found

    def hear(self, told: Told) -> None:
        """Shows one thing that a job told."""
        if told.event == "start":
            self.running[told.job] = told
            self.lanes = max(self.lanes, len(self.running))
            if not self._status:
                self._print(" · ".join(filter(None, [self._name(told.job), self.left(told.at)])))
        elif told.event == "warning":
            if told.text not in self.warned:  # it would be said by every job
                self.warned.add(told.text)
                self._print(told.text, f"[bold yellow]warning[/] job {told.job + 1}: ")
        else:
            name, start = self._name(told.job), self.running.pop(told.job, None)
            seconds = told.at - start.at if start else 0.0
            self.took.append(seconds)
            failed = told.event == "failed"
            what = f"failed: {told.text}" if failed else told.text
            line = " · ".join(filter(None, [name, what, in_words(seconds)]))
            self._print(line, "[bold red]✗[/] " if failed else "[green]✓[/] ")

    def _print(self, line: str, before: str = "") -> None:
        self.console.print(f"{before}{escape(line)}", soft_wrap=True)

    def _name(self, job: int) -> str:
        start = self.running.get(job)
        return " · ".join(filter(None, [f"job {job + 1} of {self.jobs}", start.text if start else ""]))

    def _now(self) -> str:
        if len(self.running) == 1:
            said = self._name(next(iter(self.running)))
        elif self.running:
            said = f"jobs {', '.join(str(job + 1) for job in sorted(self.running))} of {self.jobs}"
        else:
            said = f"{self.jobs} jobs"
        return " · ".join(filter(None, [said, self.left(time.time())]))

    def left(self, now: float) -> str:
        """Returns how long what is left will take at the pace so far; empty where nobody knows.

        The first job computes what others share, so it counts only until there is another.
        """
        if not self.took:
            return ""
        known = self.took[1:] or self.took
        mean = sum(known) / len(known)
        waiting = max(0, self.to_do - len(self.took) - len(self.running))
        under_way = sum(max(0.0, mean - (now - start.at)) for start in self.running.values())
        seconds = (waiting * mean + under_way) / self.lanes
        return f"{in_words(seconds)} left" if seconds >= 1 else ""


def in_words(seconds: float) -> str:
    """Returns a time as it is said: ``14 s``, ``12 min``, ``2 h 5 min``."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
