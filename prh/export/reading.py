"""Recorded runs, read from MLflow or from an output folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from prh.errors import PrhError
from prh.export.recorded import Recorded
from prh.tracking.finding import SHORT

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

ENDED_BADLY = {
    "RUNNING": "has not ended",
    "SCHEDULED": "has not begun",
    "KILLED": "was stopped before its end",
    "FAILED": "failed",
}


def recorded(run: str, uri: str, scratch: Path) -> Recorded:
    """Finds a run.

    Args:
        run: The beginning of an MLflow run id, a run's output folder, or a sweep's.
        uri: MLflow tracking URI, for ids.
        scratch: Where files of a server are put.

    Raises:
        PrhError: There is no such run, more than one, or one that has nothing to pass on.
    """
    folder = Path(run).expanduser()
    if (folder / "tracking.jsonl").is_file():
        found = from_folder(folder)
        _refuse_unfinished(found.run_id, found.status, found.tags)
        return found
    if folder.is_dir():
        return _of_sweep_folder(folder, scratch)
    if not re.fullmatch(r"[0-9a-f]{4,32}", run):
        raise PrhError(
            f"{run!r} is neither a folder here nor the id of a run; give a run's output folder, or four or "
            "more characters of its id in MLflow"
        )
    return from_mlflow(run, uri, scratch)


def from_folder(folder: Path) -> Recorded:
    """Returns the run whose output folder this is, from its journal; MLflow is not asked.

    Raises:
        PrhError: The journal is damaged.
    """
    from prh.tracking.finding import of_folder

    run = of_folder(folder)
    facts = str(run.info.run_name), str(run.info.status), dict(run.data.params), dict(run.data.tags)
    return Recorded(run.info.run_id, *facts, dict(run.data.metrics), folder.absolute())


def from_mlflow(prefix: str, uri: str, scratch: Path) -> Recorded:
    """Returns the run whose id begins so, with its artifacts at hand.

    Raises:
        PrhError: There is no such run, more than one, or one that has nothing to pass on.
        ConfigError: Nothing is recorded there, or the server cannot be reached.
    """
    from prh.tracking.address import absolute_uri
    from prh.tracking.finding import all_runs, meant

    client, runs = all_runs(absolute_uri(uri))
    return _with_files(client, meant(prefix, runs, uri), scratch)


def _with_files(client: MlflowClient, run: Run, scratch: Path) -> Recorded:
    from prh.sweep.resuming import adopted
    from prh.tracking.runs import search

    if "prh.swept" not in run.data.tags:
        _refuse_unfinished(run.info.run_id, run.info.status, run.data.tags)
        return _of(client, run, _files(client, run, scratch))
    condition = f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
    children = [*adopted(client, run), *search(client, run.info.experiment_id, condition)]
    finished = [child for child in children if child.info.status == "FINISHED"]
    found = (_of(client, job, _files_if_any(client, job, scratch)) for job in finished)
    jobs = tuple(replace(job, among=True) for job in found)
    parent = _of(client, run, _files_if_any(client, run, scratch), jobs)
    if not jobs:
        raise PrhError(f"no job of sweep {parent.short_id} finished, so there is nothing to pass on")
    if not (parent.folder / "summary").is_dir():
        raise PrhError(
            f"sweep {parent.short_id} is not summed up; run: python -m prh.sweep {run.info.run_id}"
        )
    return parent


def _of(client: MlflowClient, run: Run, folder: Path, jobs: tuple[Recorded, ...] = ()) -> Recorded:
    data = run.data
    facts = str(run.info.run_name), str(run.info.status), dict(data.params), dict(data.tags)
    return Recorded(run.info.run_id, *facts, dict(data.metrics), folder, jobs)


def _files(client: MlflowClient, run: Run, scratch: Path) -> Path:
    """Returns where a run's files lie: its own place if that is on this machine, else a copy.

    Raises:
        PrhError: They cannot be had.
    """
    from prh.tracking.races import failures

    run_id, place = run.info.run_id, None
    if not run.info.artifact_uri.startswith("file:"):
        place = scratch / run_id
        place.mkdir()
    try:
        return Path(client.download_artifacts(run_id, "", None if place is None else str(place)))
    except failures() as error:
        raise PrhError(f"the files of run {run_id[:SHORT]} cannot be had ({error})") from error


def _files_if_any(client: MlflowClient, run: Run, scratch: Path) -> Path:
    """Returns where files lie, a folder that is not there if there are none: a job need have none."""
    try:
        return _files(client, run, scratch)
    except PrhError:
        return scratch / "none"


def _of_sweep_folder(folder: Path, scratch: Path) -> Recorded:
    """Returns the sweep whose jobs lie in the folder: what sums them up is in MLflow alone."""
    from prh.tracking.journal import read

    for journal in sorted(folder.glob("*/tracking.jsonl")):
        opened = read(journal).opened
        if parent := opened.get("tags", {}).get("mlflow.parentRunId"):
            return from_mlflow(parent, opened["uri"], scratch)
    raise PrhError(f"{folder} is no run's output folder: it holds no tracking.jsonl, nor do folders in it")


def _refuse_unfinished(run_id: str, status: str, tags: Mapping[str, str]) -> None:
    """Refuses a run that did not end well: what there is of it may be half."""
    if status != "FINISHED":
        why = f" ({tags['error'][:200].rstrip(': ')})" if tags.get("error") else ""
        how = ENDED_BADLY.get(status, "did not finish")
        raise PrhError(f"run {run_id[:SHORT]} {how}{why}; there is nothing to pass on. Run its command again")
