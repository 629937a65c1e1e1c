"""A sweep's parent run, closed as its jobs ended, with a table of all jobs, figures and a report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prh.console.terminal import Terminal
from prh.errors import PrhError

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient


@contextmanager
def closing(terminal: Terminal) -> Iterator[None]:
    """Closes the parent run of a multirun, if one is opened in here, however its jobs end."""
    from prh.sweep.parent import KEYS, PARENT, URI

    interrupted = False
    try:
        yield
    except KeyboardInterrupt:
        interrupted = True
        raise
    finally:
        parent, uri = os.environ.pop(PARENT, None), os.environ.pop(URI, "")
        os.environ.pop(KEYS, None)
        if parent:
            with terminal.progress("Summing up the sweep", 0, ""):
                status = close(uri, parent, interrupted, terminal)
            terminal.say(f"Sweep    {status}, summary/report.html among the artifacts of run {parent}")


def close(uri: str, parent_id: str, interrupted: bool, terminal: Terminal) -> str:
    """Ends a parent run as its jobs ended, and sums them up.

    Returns:
        The parent's status: FINISHED, FAILED where a job is not, KILLED where the sweep was interrupted.
    """
    from prh.tracking.races import failures

    client, parent = _parent(uri, parent_id)
    children = _children(client, parent)
    whole = children and all(run.info.status == "FINISHED" for run in children)
    status = "KILLED" if interrupted else "FINISHED" if whole else "FAILED"
    try:
        for line in summarise(uri, parent_id)["undrawn"]:
            terminal.warn(line)
    except failures() as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        terminal.warn(f"no summary ({reason[:200]}); python -m prh.sweep {parent_id} makes it anew")
    finally:
        client.set_terminated(parent_id, status)
    return status


def summarise(uri: str, parent_id: str) -> dict[str, Any]:
    """Writes tables, figures and report of a sweep and records them on its parent run, tables first.

    Returns:
        ``counts``, how many jobs there are by status; ``failures``, the error of each that failed by name;
        ``undrawn``, a line for each figure that could not be drawn.

    Raises:
        PrhError: There is no such run, or it is no sweep's.
    """
    from prh.sweep.parent import JOBS
    from prh.sweep.summary import Sweep
    from prh.tracking.runs import bury_the_dead

    client, parent = _parent(uri, parent_id)
    bury_the_dead(client, parent.info.experiment_id)
    children = _children(client, parent)
    never = int(parent.data.tags.get(JOBS, len(children))) - len(children)
    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep.of(client, parent, children, never, Path(folder))
        sweep.write_tables()
        client.log_artifacts(parent_id, folder, "summary")
        sweep.write_figures()
        sweep.write_report()
        client.log_artifacts(parent_id, folder, "summary")
    client.set_tag(parent_id, "mlflow.note.content", sweep.note())
    if sweep.failures:
        said = "; ".join(f"{name}: {why}" for name, why in sweep.failures.items())
        client.set_tag(parent_id, "failed", said[:8000])
    for status, count in sweep.counts.items():
        client.log_metric(parent_id, f"jobs.{status.lower().replace(' ', '_')}", count)
    return {"counts": sweep.counts, "failures": sweep.failures, "undrawn": sweep.undrawn}


def _parent(uri: str, parent_id: str) -> tuple[MlflowClient, Run]:
    from mlflow.exceptions import MlflowException

    from prh.sweep.parent import SWEPT
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
    from prh.tracking.runs import search

    condition = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    return search(client, parent.info.experiment_id, condition)
