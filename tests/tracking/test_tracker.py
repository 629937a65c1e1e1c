"""Runs are opened, filled and closed whatever happens; the database survives company."""

import multiprocessing
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from prh.errors import ConfigError
from prh.tracking import Tracker
from prh.tracking.database import absolute_uri, open_database
from tests.conftest import Listening

URI = "sqlite:///mlruns/mlflow.db"


def track(name, uri=URI, folder=None):
    return Tracker(uri, "prh", name, Path(folder or name.replace(" ", "_")), Listening())


def test_metrics_keep_their_steps_and_nan_is_left_out(runs):
    with track("a run") as tracker:
        tracker.metrics([("curve", 0.1, 0), ("curve", 0.2, 1), ("gone", float("nan"), 0)])
        tracker.params({"long": "x" * 9000, "list": [1, 2]})
    client, (run,) = runs()
    assert [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, "curve")] == [
        (0, 0.1),
        (1, 0.2),
    ]
    assert "gone" not in run.data.metrics
    assert run.data.params["list"] == "[1, 2]"


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")])
def test_a_run_that_breaks_off_says_how(runs, error, status):
    with pytest.raises(error), track("a run"):
        raise error("because")
    (run,) = runs()[1]
    assert run.info.status == status
    assert run.data.tags["error"] == f"{error.__name__}: because"


def test_a_run_that_ends_is_finished(runs):
    with track("a run"):
        assert runs()[1][0].info.status == "RUNNING"
    assert runs()[1][0].info.status == "FINISHED"


def test_runs_whose_process_is_gone_are_marked_killed(runs):
    with track("left behind") as tracker:
        gone = subprocess.run(
            [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True
        )
        tracker.tag({"prh.pid": gone.stdout.strip()})
        with track("next"):
            statuses = {run.info.run_name: run.info.status for run in runs()[1]}
    assert statuses == {"left behind": "KILLED", "next": "RUNNING"}


def test_a_run_of_a_living_process_is_left_alone(runs):
    with track("first"), track("second"):
        assert {run.info.status for run in runs()[1]} == {"RUNNING"}


def _open(uri):
    open_database(uri, "prh")
    return os.getpid()


def test_processes_that_open_a_fresh_database_at_once_all_succeed(tmp_path):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        opened = pool.map(_open, [f"sqlite:///{tmp_path}/fresh/mlflow.db"] * 3, chunksize=1)
    assert len(opened) == 3
    client, experiment = open_database(f"sqlite:///{tmp_path}/fresh/mlflow.db", "prh")
    assert (
        client.get_experiment(experiment).artifact_location
        == (tmp_path / "fresh" / "artifacts" / "prh").as_uri()
    )


def _one_of_many_jobs(where):
    uri, number = where
    folder = Path(uri.removeprefix("sqlite:///")).parent / f"job-{number}"
    (folder / "tables").mkdir(parents=True)
    for index in range(20):
        (folder / "tables" / f"{index}.csv").write_text(f"{number},{index}\n")
    with track(f"job {number}", uri, folder) as tracker:
        for index in range(200):
            tracker.metrics([(f"m{index}", number * 1000 + index, 0)])
        tracker.artifacts(folder)
    return tracker.lost, tracker.report.warnings


def test_eight_jobs_at_once_lose_nothing(workplace, runs):
    uri = absolute_uri(URI)
    open_database(uri, "prh")
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["prh", "mlflow.tracking", "mlflow.entities", "prh.tracking.tracker"])
    with processes.Pool(8) as pool:
        answers = pool.map(_one_of_many_jobs, [(uri, number) for number in range(8)], chunksize=1)
    assert answers == [(False, [])] * 8
    client, found = runs()
    assert {run.info.status for run in found} == {"FINISHED"}
    for run in found:
        number = int(run.info.run_name.split()[1])
        assert run.data.metrics == {f"m{index}": number * 1000 + index for index in range(200)}
        assert len(client.list_artifacts(run.info.run_id, "tables")) == 20
    with closing(sqlite3.connect(workplace / "mlruns" / "mlflow.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_relative_database_lies_in_the_working_folder(workplace):
    assert absolute_uri(URI) == f"sqlite:///{workplace}/mlruns/mlflow.db"
    assert absolute_uri("http://127.0.0.1:5000") == "http://127.0.0.1:5000"


@pytest.mark.parametrize("uri", ["mlruns", "file:///tmp/mlruns", ""])
def test_what_is_no_database_is_refused(uri):
    with pytest.raises(ConfigError, match=r"tracking\.uri"):
        absolute_uri(uri)


@pytest.mark.parametrize("key", ["prompt.definitions.R&D", "a$b", "/a", "a//b", "..", "k" * 300, "ü.\udcff"])
def test_a_param_of_any_name_is_recorded(workplace, runs, key):
    with Tracker("sqlite:///mlruns/mlflow.db", "prh", "run", workplace / "out", Listening()) as tracker:
        tracker.params({key: "\udcff $x$", "plain": 1})
        assert not tracker.lost
    assert len(runs()[1][0].data.params) == 2
