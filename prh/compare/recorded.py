"""A recorded run, found by its id or by its output folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prh.errors import PrhError
from prh.findings.kept import FILE, Kept
from prh.sweep.jobs import SWEPT
from prh.tracking.calls import JOURNAL

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

SHORT = 8
"""So many characters of an id tell runs apart."""


@dataclass(frozen=True)
class Recorded:
    """A run that ended well.

    Attributes:
        run: Its params, tags and metrics.
        folder: Its figures, tables and matrices.
    """

    run: Run
    folder: Path

    @property
    def id(self) -> str:
        """As many characters of the run's id as are shown."""
        return str(self.run.info.run_id)[:SHORT]

    @property
    def kept(self) -> Kept | None:
        """What the run says of its features; None where it says nothing that can be read."""
        try:
            return Kept.read(self.folder / FILE)
        except (OSError, ValueError):
            return None

    @property
    def figures(self) -> dict[str, Path]:
        """Its figures by name."""
        return {path.stem: path for path in sorted((self.folder / "figures").glob("*.png"))}

    def se(self, pair: str) -> float:
        """Returns the standard error of the last layers' score; NaN where none was kept."""
        try:
            with np.load(self.folder / "matrices" / f"{pair}.npz") as grid:
                return float(grid["se"][-1, -1])
        except (OSError, KeyError, ValueError):
            return float("nan")


def recorded(asked: Sequence[str], uri: str) -> list[Recorded]:
    """Returns the runs that are asked for.

    Args:
        asked: A run's id, the beginning of one, or a run's output folder, each.
        uri: MLflow tracking URI, for ids.

    Raises:
        PrhError: There is no such run, it is a sweep's parent, or it did not end well.
    """
    ids = [word for word in asked if not Path(word).is_dir()]
    if paths := [word for word in ids if "/" in word or "." in word]:
        raise PrhError(
            f"there is no folder {paths[0]}; give a run's output folder, or its id from the MLflow UI"
        )
    client, runs = _all_runs(uri) if ids else (None, [])
    found = list[Recorded]()
    for word in asked:
        if word in ids and client is not None:
            run = _meant(word, runs, uri)
            _refuse_parent(run, runs)
            _refuse_unfinished(run)
            found.append(Recorded(run, _artifacts(client, run)))
        else:
            run = _of_folder(Path(word))
            _refuse_unfinished(run)
            found.append(Recorded(run, Path(word)))
    twice = [one.id for one in found if [other.id for other in found].count(one.id) > 1]
    if twice:
        raise PrhError(f"run {twice[0]} is given twice; give two different ones")
    return found


def _all_runs(uri: str) -> tuple[MlflowClient, list[Run]]:
    """Returns the runs of all experiments."""
    from prh.tracking.database import open_database
    from prh.tracking.runs import search

    file = Path(uri.removeprefix("sqlite:///"))
    if uri.startswith("sqlite:///") and not file.exists():
        raise PrhError(f"{file} does not exist; give --uri, or the output folders of runs")
    client, _ = open_database(uri, "prh")
    return client, [run for one in client.search_experiments() for run in search(client, one.experiment_id)]


def _meant(word: str, runs: Sequence[Run], uri: str) -> Run:
    """Returns the one run whose id begins so."""
    meant = [run for run in runs if run.info.run_id.startswith(word.lower())]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise PrhError(f"{len(meant)} runs begin with {word}: {_listed(meant)}; give more of the id")
    begun = {run.info.run_id[: len(word)]: run for run in runs}
    close = [begun[near] for near in get_close_matches(word.lower(), begun, n=3, cutoff=0.5)]
    near = (
        f"; close to it: {_listed(close)}"
        if close
        else f"; the latest: {_listed(runs[:-4:-1])}"
        if runs
        else ""
    )
    raise PrhError(f"{uri} holds no run {word}{near}")


def _refuse_parent(run: Run, runs: Sequence[Run]) -> None:
    if SWEPT in run.data.tags:
        parent = run.info.run_id
        jobs = [one for one in runs if one.data.tags.get("mlflow.parentRunId") == parent]
        of_it = f"compare its jobs: {_listed(jobs)}" if jobs else "it has no jobs"
        raise PrhError(f"run {parent[:SHORT]} is a sweep's parent and has no scores of its own; {of_it}")


def _refuse_unfinished(run: Run) -> None:
    if run.info.status != "FINISHED":
        why = run.data.tags.get("error", "")
        remedy = f"it says: {why[:300]}" if why else "wait for it, or run it again"
        raise PrhError(
            f"run {run.info.run_id[:SHORT]} is {run.info.status}, so that its scores are not whole; {remedy}"
        )


def _listed(runs: Sequence[Run], most: int = 6) -> str:
    names = [f"{run.info.run_id[:SHORT]} ({run.info.run_name})" for run in runs[:most]]
    return ", ".join(names) + (f" and {len(runs) - most} more" if len(runs) > most else "")


def _artifacts(client: MlflowClient, run: Run) -> Path:
    """Returns the folder of a run's artifacts; those of a server are fetched."""
    from mlflow.exceptions import MlflowException

    try:
        return Path(client.download_artifacts(run.info.run_id, ""))
    except (MlflowException, OSError) as error:
        raise PrhError(f"the artifacts of run {run.info.run_id[:SHORT]} cannot be read ({error})") from error


def _of_folder(folder: Path) -> Run:
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
