"""Jobs of a sweep tell the one terminal where they are, from whatever process, by lines in one file."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from prh.console.log import LOG, logged, visible
from prh.console.results import Results
from prh.console.terminal import Terminal
from prh.ground.progress import Advance
from prh.ground.secrets import masked

FILE = "progress.jsonl"
"""In the sweep's folder."""
Event = Literal["start", "warning", "end", "failed"]


@dataclass(frozen=True)
class Told:
    """What one job told.

    Attributes:
        job: Its number, from 0.
        event: What happened.
        at: When, in seconds since 1970.
        text: What tells the job from others, what it warns of, its scores, or its error.
    """

    job: int
    event: Event
    at: float
    text: str

    def append(self, folder: Path) -> None:
        """Adds this to the file; a job that cannot, on a machine without that folder, is silent."""
        with suppress(OSError), (folder / FILE).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(self)) + "\n")


class JobTerminal(Terminal):
    """One job's: all goes to its ``run.log``, and a line at its start and end to the sweep's terminal.

    Args:
        folder: Of the sweep.
        job: The job's number, from 0.
    """

    def __init__(self, folder: Path, job: int) -> None:
        super().__init__()
        self.folder = folder
        self.job = job
        self.scores = ""

    @contextmanager
    def telling(self, name: str) -> Iterator[None]:
        """Tells when the job starts and how it ends; ``name`` is what tells it from the others."""
        self._tell("start", name)
        try:
            yield
        except Exception as error:
            self._tell("failed", (str(error).splitlines() or [""])[0] or type(error).__name__)
            raise
        self._tell("end", self.scores)

    def _tell(self, event: Event, text: str) -> None:
        Told(self.job, event, time.time(), masked(visible(text))).append(self.folder)

    @contextmanager
    def progress(self, what: str, total: int, unit: str) -> Iterator[Advance]:
        """Logs the stage; several jobs' bars would overwrite each other."""
        with logged(what, total, unit):
            yield lambda step: None

    def note(self, text: str) -> None:
        """Logs one line on what is being used."""
        LOG.info(visible(text))

    say = note

    def warn(self, text: str) -> None:
        """Logs one line on something the user did not ask for, and tells the terminal."""
        LOG.info("warning: %s", visible(text))
        self._tell("warning", text)

    def show(self, results: Results) -> None:
        """Shows nothing: the results are in the log."""

    def enumerate(self, lines: Sequence[str]) -> None:
        """Logs a list."""
        for line in lines:
            self.note(line)

    def end(self, scores: str) -> None:
        """Keeps the scores for the line that the job ends with."""
        self.scores = scores
