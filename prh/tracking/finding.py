"""Recorded runs, found by the beginning of an id or by an output folder."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prh.errors import PrhError
from prh.tracking.address import file_of
from prh.tracking.calls import JOURNAL

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

SHORT = 8
"""So many characters of an id tell runs apart."""


def all_runs(uri: str) -> tuple[MlflowClient, list[Run]]:
    """Returns the runs of all experiments.

    Raises:
        PrhError: Nothing is recorded there, or the server cannot be reached.
    """
    from prh.tracking.database import open_database
    from prh.tracking.runs import search

    if (file := file_of(uri)) is not None and not file.exists():
        raise PrhError(f"{file} does not exist; give --uri, or the output folders of runs")
    client, _ = open_database(uri, "prh")
    return client, [run for one in client.search_experiments() for run in search(client, one.experiment_id)]


def meant(word: str, runs: Sequence[Run], uri: str) -> Run:
    """Returns the one run whose id begins so.

    Raises:
        PrhError: There is none, or more than one; names those that may be meant.
    """
    meant = [run for run in runs if run.info.run_id.startswith(word.lower())]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise PrhError(f"{len(meant)} runs begin with {word}: {listed(meant)}; give more of the id")
    begun = {run.info.run_id[: len(word)]: run for run in runs}
    close = [begun[near] for near in get_close_matches(word.lower(), begun, n=3, cutoff=0.5)]
    near = (
        f"; close to it: {listed(close)}"
        if close
        else f"; the latest: {listed(runs[:-4:-1])}"
        if runs
        else ""
    )
    raise PrhError(f"{uri} holds no run {word}{near}")


def listed(runs: Sequence[Run], most: int = 6) -> str:
    """Returns runs as they are named in a message: the beginning of the id, and the name."""
    names = [f"{run.info.run_id[:SHORT]} ({run.info.run_name})" for run in runs[:most]]
    return ", ".join(names) + (f" and {len(runs) - most} more" if len(runs) > most else "")


def of_folder(folder: Path) -> Run:
    """Returns a run as its own folder tells of it, whether or not MLflow has it."""
    from mlflow.entities import Metric, Param, Run, RunData, RunInfo, RunTag

    from prh.tracking.journal import read

    record = read(folder / JOURNAL)
    values: dict[str, dict[str, Any]] = {"params": {}, "tags": dict(record.opened["tags"])}
    metrics, status = dict[str, Metric](), "RUNNING"
    for entry in record.entries:
        if entry.call in values:
            values[entry.call] |= entry.values["values"]
        elif entry.call == "metrics":
            metrics |= {name: Metric(name, value, 0, step) for name, value, step in entry.values["values"]}
        elif entry.call == "model":
            of_model = f"{entry.values['name']}.test_accuracy"
            metrics[of_model] = Metric(of_model, entry.values["test_accuracy"], 0, 0)
        elif entry.call == "end":
            status = entry.values["status"]
    name = values["tags"].get("mlflow.runName", record.opened["run_name"])
    info = RunInfo(
        run_id=record.opened["run_id"],
        experiment_id="0",
        user_id="",
        status=status,
        start_time=record.opened["time_ms"],
        end_time=None,
        lifecycle_stage="active",
        run_name=name,
    )
    params = [Param(key, value) for key, value in values["params"].items()]
    tags = [RunTag(key, value) for key, value in values["tags"].items()]
    return Run(info, RunData(list(metrics.values()), params, tags))
