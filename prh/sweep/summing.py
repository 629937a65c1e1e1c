"""A sweep's parent run, closed as its jobs ended, with a table of all jobs, figures and a report."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prh.console.terminal import Terminal
from prh.errors import PrhError

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient


@dataclass(frozen=True)
class Summary:
    """What a sweep came to.

    Attributes:
        said: How many jobs ended how, in words.
        failures: The error of each job that failed, by name.
        undrawn: A line for each figure that could not be drawn.
        claims: Of a study, a line each; empty without one.
        folder: Where on this machine tables, figures and report are; None where they are only in MLflow.
    """

    said: str
    failures: dict[str, str]
    undrawn: list[str]
    claims: list[str]
    folder: Path | None

    @property
    def place(self) -> str:
        """Says where the report is."""
        if self.folder is None:
            return "summary/report.html, among the artifacts of the parent run"
        return str(self.folder / "report.html")


@contextmanager
def closing(terminal: Terminal) -> Iterator[None]:
    """Closes the parent run of a multirun, if one is opened in here, however its jobs end."""
    from prh.sweep.jobs import DONE, FOLDER, KEYS, PARENT, URI
    from prh.sweep.parent import Watching

    interrupted = False
    try:
        yield
    except KeyboardInterrupt:
        interrupted = True
        raise
    finally:
        parent, uri = os.environ.pop(PARENT, None), os.environ.pop(URI, "")
        for name in (KEYS, FOLDER, DONE):
            os.environ.pop(name, None)
        if Watching.watch:
            Watching.watch.stop()
            Watching.watch = None
        if parent:
            with terminal.progress("Summing up the sweep", 0, ""):
                status, summary = close(uri, parent, interrupted, terminal)
            terminal.enumerate(summary.claims if summary else [])
            for line in ending(status, summary, parent, uri):
                terminal.say(line)


def close(uri: str, parent_id: str, interrupted: bool, terminal: Terminal) -> tuple[str, Summary | None]:
    """Ends a parent run as its jobs ended, and sums them up.

    Returns:
        The parent's status: FINISHED, FAILED where a job is not, KILLED where the sweep was interrupted; and
        the summary, if one could be made.
    """
    from prh.tracking.races import failures

    client, parent = _parent(uri, parent_id)
    children = _children(client, parent)
    whole = children and all(run.info.status == "FINISHED" for run in children)
    status, summary = "KILLED" if interrupted else "FINISHED" if whole else "FAILED", None
    try:
        summary = summarise(uri, parent_id)
        for line in summary.undrawn:
            terminal.warn(line)
    except failures() as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        terminal.warn(f"no summary ({reason[:200]}); python -m prh.sweep {parent_id} makes it anew")
    finally:
        client.set_terminated(parent_id, status)
    return status, summary


def summarise(uri: str, parent_id: str) -> Summary:
    """Writes tables, figures and report of a sweep and records them on its parent run, tables first.

    They are also left in the folder of the sweep, where that is on this machine.

    Raises:
        PrhError: There is no such run, or it is no sweep's.
    """
    from prh.report.ending import claims_in_words
    from prh.sweep.jobs import JOBS
    from prh.sweep.summary import Sweep
    from prh.tracking.runs import bury_the_dead

    client, parent = _parent(uri, parent_id)
    bury_the_dead(client, parent.info.experiment_id)
    children = _children(client, parent)
    never = int(parent.data.tags.get(JOBS, len(children))) - len(children)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        sweep = Sweep.of(client, parent, children, never, folder)
        sweep.write_tables()
        client.log_artifacts(parent_id, scratch, "summary")
        sweep.write_figures()
        sweep.write_report()
        client.log_artifacts(parent_id, scratch, "summary")
        claims, kept = claims_in_words(folder), _kept(folder, parent)
    client.set_tag(parent_id, "mlflow.note.content", sweep.note())
    if sweep.failures:
        said = "; ".join(f"{name}: {why}" for name, why in sweep.failures.items())
        client.set_tag(parent_id, "failed", said[:8000])
    for status, count in sweep.counts.items():
        client.log_metric(parent_id, f"jobs.{status.lower().replace(' ', '_')}", count)
    return Summary(sweep.in_words, sweep.failures, sweep.undrawn, claims, kept)


def sweep_meant(uri: str, asked: str) -> str:
    """Returns the id of the sweep that is asked for: by its id, the beginning of it, or its output folder.

    Raises:
        PrhError: There is no such sweep, or more than one.
    """
    from prh.sweep.jobs import PLACE, SWEPT
    from prh.tracking.address import absolute_uri
    from prh.tracking.finding import all_runs, listed, meant

    _, runs = all_runs(absolute_uri(uri))
    swept = [run for run in runs if SWEPT in run.data.tags]
    if not Path(asked).is_dir():
        begun = [run for run in runs if run.info.run_id.startswith(asked.lower())]
        return str(meant(asked, begun or swept, uri).info.run_id)
    place = Path(asked).resolve()
    found = [run for run in swept if Path(run.data.tags.get(PLACE, "")).resolve() == place]
    if len(found) != 1:
        raise PrhError(
            f"{uri} holds {len(found)} sweeps of {asked}; it holds {listed(swept[::-1]) or 'none'}"
        )
    return str(found[0].info.run_id)


def ending(status: str, summary: Summary | None, parent_id: str, uri: str) -> list[str]:
    """Returns what a sweep ends with in the terminal: how its jobs ended, and where everything is."""
    from prh.report.ending import browsing

    lines = [f"Sweep    {status}", f"Run      {parent_id}", f"Browse   {browsing(uri)}"]
    if status != "FINISHED":
        lines.append("Resume   the same command with resume=true runs what is not recorded yet")
    if summary is not None:
        lines[0] += f", {summary.said}"
        lines.insert(1, f"Summary  {summary.place}")
    return lines


def _kept(summary: Path, parent: Run) -> Path | None:
    """Copies a summary into the sweep's folder, in place of an earlier one; None where that cannot be."""
    from prh.sweep.jobs import PLACE
    from prh.tracking.process import HOST, host

    place = Path(parent.data.tags.get(PLACE, ""))
    if PLACE not in parent.data.tags or parent.data.tags.get(HOST) != host() or not place.is_dir():
        return None
    try:
        shutil.rmtree(place / "summary", ignore_errors=True)
        return Path(shutil.copytree(summary, place / "summary"))
    except OSError:
        return None


def _parent(uri: str, parent_id: str) -> tuple[MlflowClient, Run]:
    from mlflow.exceptions import MlflowException

    from prh.sweep.jobs import SWEPT
    from prh.tracking.database import absolute_uri, open_database

    client, _ = open_database(absolute_uri(uri), "prh")
    try:
        parent = client.get_run(parent_id)
    except MlflowException as error:
        raise PrhError(f"{uri} holds no run {parent_id}; copy the parent's id from the MLflow UI") from error
    if SWEPT not in parent.data.tags:
        raise PrhError(f"run {parent_id} is no sweep's parent; copy that one's id from the MLflow UI")
    return client, parent


def _children(client: MlflowClient, parent: Run) -> list[Run]:
    from prh.sweep.jobs import CHILD_OF
    from prh.sweep.resuming import adopted
    from prh.tracking.runs import search

    condition = f"tags.`{CHILD_OF}` = '{parent.info.run_id}'"
    return [*adopted(client, parent), *search(client, parent.info.experiment_id, condition)]
