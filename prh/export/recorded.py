"""A run as it was recorded, from MLflow or from its output folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from prh.errors import PrhError

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

SHORT = 8
"""Characters of a run's id that folders and texts show."""
SWEPT = "sweep."
"""What the tags begin with that say what a job of a sweep was given."""
ENDED_BADLY = {
    "RUNNING": "has not ended",
    "SCHEDULED": "has not begun",
    "KILLED": "was stopped before its end",
    "FAILED": "failed",
}


@dataclass(frozen=True)
class Recorded:
    """What is known of one run, as it was recorded.

    Attributes:
        run_id: In MLflow.
        name: What MLflow calls it.
        status: FINISHED, FAILED, KILLED or RUNNING.
        params: Every config value by its key.
        tags: Facts that are words.
        metrics: Numbers.
        folder: Its files.
        jobs: Of a sweep's parent, those that finished.
        lacking: The keys that texts asked for and that are not recorded.
    """

    run_id: str
    name: str
    status: str
    params: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, float]
    folder: Path
    jobs: tuple[Recorded, ...] = ()
    lacking: set[str] = field(default_factory=set)

    @property
    def short_id(self) -> str:
        """The first characters of the run's id."""
        return self.run_id[:SHORT]

    @property
    def files(self) -> Path:
        """Where figures and tables lie: of a sweep, its summary."""
        return self.folder / "summary" if self.jobs else self.folder

    @property
    def metric(self) -> str:
        """What the metric is called in the run's name, where it comes after the two networks."""
        parts = [part for part in self.name.split(" · ") if not re.fullmatch(r"[\w.]+=\S*", part)]
        return parts[2] if len(parts) > 2 and not self.jobs else ""

    @property
    def swept(self) -> list[str]:
        """The keys that tell a sweep's jobs apart."""
        keys = [key for key in self.tags.get("prh.swept", "").split(",") if key]
        return [key for key in keys if len({job.tags.get(f"{SWEPT}{key}") for job in self.jobs}) > 1]

    def value(self, key: str) -> str | None:
        """Returns a config value; None where it is null, or not recorded, which is remembered."""
        if key not in self.params:
            self.lacking.add(key)
        return None if (found := self.params.get(key)) in (None, "None") else found

    def tag(self, key: str) -> str | None:
        """Returns a fact; None where it is not recorded, which is remembered."""
        if key not in self.tags:
            self.lacking.add(key)
        return self.tags.get(key)

    def kind(self, key: str) -> str:
        """Returns the class that the option of a group named, without its module; empty if unknown."""
        return (self.value(f"{key}._target_") or "").rpartition(".")[2]

    @property
    def roles(self) -> list[str]:
        """The config keys of the run's encoders."""
        own = ["model", "reference", "text"]
        also = [found[1] for key in self.params if (found := re.fullmatch(r"also\.(\w+)\._target_", key))]
        return [role for role in own if f"{role}._target_" in self.params] + also


def recorded(run: str, uri: str) -> Recorded:
    """Finds a run.

    Args:
        run: The beginning of an MLflow run id, a run's output folder, or a sweep's.
        uri: MLflow tracking URI, for ids.

    Raises:
        PrhError: There is no such run, more than one, or one that has nothing to pass on.
    """
    folder = Path(run).expanduser()
    if (folder / "tracking.jsonl").is_file():
        found = from_folder(folder)
        _refuse_unfinished(found.run_id, found.status, found.tags)
        return found
    if folder.is_dir():
        return _of_sweep_folder(folder)
    if not re.fullmatch(r"[0-9a-f]{4,32}", run):
        raise PrhError(
            f"{run!r} is neither a folder here nor the id of a run; give a run's output folder, or four or "
            "more characters of its id in MLflow"
        )
    return from_mlflow(run, uri)


def from_folder(folder: Path) -> Recorded:
    """Returns the run whose output folder this is, from its journal; MLflow is not asked.

    Raises:
        PrhError: The journal is damaged.
    """
    from prh.tracking.journal import read

    record = read(folder / "tracking.jsonl")
    params: dict[str, str] = {}
    tags: dict[str, str] = dict(record.opened.get("tags", {}))
    metrics: dict[str, float] = {}
    status = "KILLED"
    for entry in record.entries:
        match entry.call:
            case "params":
                params |= entry.values["values"]
            case "tags":
                tags |= entry.values["values"]
            case "metrics":
                metrics |= {name: value for name, value, _ in entry.values["values"]}
            case "model":
                metrics[f"{entry.values['name']}.test_accuracy"] = entry.values["test_accuracy"]
            case "end":
                status = entry.values["status"]
    name = tags.get("mlflow.runName", record.opened.get("run_name", ""))
    return Recorded(record.opened["run_id"], name, status, params, tags, metrics, folder.absolute())


def from_mlflow(prefix: str, uri: str) -> Recorded:
    """Returns the run whose id begins so, with its artifacts at hand.

    Raises:
        PrhError: There is no such run, more than one, or one that has nothing to pass on.
        ConfigError: Nothing is recorded there, or the server cannot be reached.
    """
    from prh.tracking.address import absolute_uri, file_of
    from prh.tracking.database import open_database

    where = absolute_uri(uri)
    if (file := file_of(where)) is not None and not file.exists():
        raise PrhError(f"there are no recorded runs at {file}; name the place with --uri")
    client, _ = open_database(where, "prh")
    found = [run for run in _all_runs(client) if run.info.run_id.startswith(prefix)]
    if not found:
        raise PrhError(f"{uri} holds no run {prefix}; copy its id from the MLflow UI, or name another --uri")
    if len(found) > 1:
        ids = ", ".join(run.info.run_id[: SHORT + 4] for run in found[:5])
        raise PrhError(f"{len(found)} runs begin with {prefix}: {ids}; give more of the id")
    return _with_files(client, found[0])


def _all_runs(client: MlflowClient) -> Iterator[Run]:
    from prh.tracking.runs import search

    for experiment in client.search_experiments():
        yield from search(client, experiment.experiment_id)


def _with_files(client: MlflowClient, run: Run) -> Recorded:
    from prh.tracking.runs import search

    if "prh.swept" not in run.data.tags:
        _refuse_unfinished(run.info.run_id, run.info.status, run.data.tags)
        return _of(client, run)
    condition = f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
    children = search(client, run.info.experiment_id, condition)
    jobs = tuple(_of(client, child) for child in children if child.info.status == "FINISHED")
    parent = _of(client, run, jobs)
    if not jobs:
        raise PrhError(f"no job of sweep {parent.short_id} finished, so there is nothing to pass on")
    if not (parent.folder / "summary").is_dir():
        raise PrhError(
            f"sweep {parent.short_id} is not summed up; run: python -m prh.sweep {run.info.run_id}"
        )
    return parent


def _of(client: MlflowClient, run: Run, jobs: tuple[Recorded, ...] = ()) -> Recorded:
    from prh.tracking.races import failures

    data = run.data
    try:
        # Of a database here this is the place itself, of a server a copy.
        folder = Path(client.download_artifacts(run.info.run_id, ""))
    except failures() as error:
        raise PrhError(f"the files of run {run.info.run_id[:SHORT]} cannot be had ({error})") from error
    facts = str(run.info.run_name), str(run.info.status), dict(data.params), dict(data.tags)
    return Recorded(run.info.run_id, *facts, dict(data.metrics), folder, jobs)


def _of_sweep_folder(folder: Path) -> Recorded:
    """Returns the sweep whose jobs lie in the folder: what sums them up is in MLflow alone."""
    from prh.tracking.journal import read

    for journal in sorted(folder.glob("*/tracking.jsonl")):
        opened = read(journal).opened
        if parent := opened.get("tags", {}).get("mlflow.parentRunId"):
            return from_mlflow(parent, opened["uri"])
    raise PrhError(f"{folder} is no run's output folder: it holds no tracking.jsonl, nor do folders in it")


def _refuse_unfinished(run_id: str, status: str, tags: Mapping[str, str]) -> None:
    """Refuses a run that did not end well: what there is of it may be half."""
    if status != "FINISHED":
        why = f" ({tags['error'][:200]})" if tags.get("error") else ""
        how = ENDED_BADLY.get(status, "did not finish")
        raise PrhError(f"run {run_id[:SHORT]} {how}{why}; there is nothing to pass on. Run its command again")
