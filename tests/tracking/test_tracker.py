"""Runs are opened, filled and closed whatever happens; the database survives company."""

import multiprocessing
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient
from sqlalchemy import Engine, event

from prh.errors import ConfigError
from prh.ground.files import sha256_of
from prh.tracking import Tracker, races
from prh.tracking.database import _experiment as experiment_of
from prh.tracking.database import absolute_uri, open_database
from prh.tracking.races import patiently
from prh.tracking.upload import upload
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


HEAVY = ["mlflow.store.tracking.sqlalchemy_store", "mlflow.tracking", "prh.stimuli"]
"""What forked processes need not import each for itself; no tests: others have a package of that name."""
RACED = "FROM datasets", "FROM logged_models", "FROM experiments"


def _slow(connection, cursor, statement, *others):
    """Between looking whether something is there and making it, lets the others look too."""
    if statement.startswith("SELECT") and any(table in statement for table in RACED):
        time.sleep(0.05)


def _fitted(folder):
    """A network that every job has fitted, to the same weights."""
    weights = folder.parent / "weights.safetensors"
    return "net (fitted)", "x.y", weights, sha256_of(weights), 0.5, "model"


def _one_of_many_jobs(where):
    uri, number = where
    event.listen(Engine, "after_cursor_execute", _slow)
    folder = Path(uri.removeprefix("sqlite:///")).parent / f"job-{number}"
    (folder / "tables").mkdir(parents=True)
    for index in range(5):
        (folder / "tables" / f"{index}.csv").write_text(f"{number},{index}\n")
    shown = "crowd", "0" * 40, "here", {"image": [1, 2, 2], "classes": ["a", "b", "c"]}, 3
    tracker = Tracker(uri, "prh", f"job {number}", folder, Listening())
    # Not through the lock, as on a server: who makes the experiment first?
    found = experiment_of(MlflowClient(uri), "crowd", None)
    with tracker:
        for index in range(25):
            tracker.metrics([(f"m{index}", number * 1000 + index, 0)])
        tracker.dataset(*shown)
        tracker.model(*_fitted(folder))
        tracker.artifacts(folder)
    return tracker.lost, tracker.refused, tracker.report.warnings, found


def test_eight_jobs_at_once_lose_nothing(workplace, runs):
    uri = absolute_uri(URI)
    weights = workplace / "mlruns" / "weights.safetensors"
    weights.write_bytes(b"w" * 100_000)
    weights.chmod(0o600)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(HEAVY)
    with ProcessPoolExecutor(8, processes) as pool:
        answers = list(pool.map(_one_of_many_jobs, [(uri, number) for number in range(8)], timeout=120))
    assert [answer[:3] for answer in answers] == [(False, [], [])] * 8
    assert len({experiment for *_, experiment in answers}) == 1
    client, found = runs()
    assert [run.info.status for run in found] == ["FINISHED"] * 8
    for run in found:
        number = int(run.info.run_name.split()[1])
        same = {f"m{index}": number * 1000 + index for index in range(25)}
        assert run.data.metrics == {**same, "net fitted.test_accuracy": 0.5}
        assert len(client.list_artifacts(run.info.run_id, "tables")) == 5
        inputs = client.get_run(run.info.run_id).inputs
        assert len(inputs.dataset_inputs) == len(inputs.model_inputs) == 1
    (model,) = client.search_logged_models([found[0].info.experiment_id])
    assert {run.data.tags["weights.model.logged"] for run in found} == {model.model_uri}
    assert (model.params["weights.sha256"], model.status) == (sha256_of(weights), "READY")
    copies = [
        file
        for file in (workplace / "mlruns" / "artifacts").rglob("*")
        if file.is_file() and file.stat().st_size == 100_000
    ]
    assert len(copies) == 1
    assert copies[0].stat().st_mode & 0o040


def test_weights_are_logged_once_for_all_experiments(workplace, runs):
    (workplace / "weights.safetensors").write_bytes(b"weights")
    for experiment in ("prh", "another"):
        with Tracker(URI, experiment, "a run", workplace / experiment, Listening()) as tracker:
            tracker.model(*_fitted(workplace / "x"))
        assert tracker.report.warnings == []
        client, (run,) = runs(experiment)
        (link,) = client.get_run(run.info.run_id).inputs.model_inputs
        assert run.data.metrics["net fitted.test_accuracy"] == 0.5
    everywhere = [experiment.experiment_id for experiment in client.search_experiments()]
    (model,) = client.search_logged_models(everywhere)
    assert link.model_id == model.model_id


def test_an_entry_that_mlflow_refuses_costs_only_itself(workplace, runs):
    with track("a run", folder="out") as tracker:
        tracker.params({"x" * 300: 1, "model@reference": "a", "../up": 2})
        tracker._send("dataset", name="d" * 600, digest="0", source_type="local", source="{}")
        tracker.metrics([("score", 0.5, 0), ("../../x (y)", 1.0, 0)])
    (run,) = runs()[1]
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {"score": 0.5, "__x y": 1.0}
    assert run.data.params == {"x" * 250: "1", "modelreference": "a", "_up": "2"}
    assert run.data.tags["prh.incomplete"].startswith("dataset; ")
    first, last = tracker.report.warnings
    assert "MLflow refused the dataset" in first
    assert "python -m prh.tracking.upload out" in last


def unwritable(workplace):
    """Puts a file where artifacts are to go: not even root can write there."""
    place = workplace / "mlruns" / "artifacts"
    place.mkdir(exist_ok=True)
    shutil.rmtree(place / "prh", ignore_errors=True)
    (place / "prh").touch()


@pytest.mark.parametrize("comes_back", [True, False])
def test_what_could_not_be_sent_is_sent_at_the_end_or_told(workplace, runs, comes_back):
    (workplace / "out").mkdir()
    (workplace / "out" / "scores.csv").write_text("0.5")
    with track("a run", folder="out") as tracker:
        unwritable(workplace)
        tracker.artifacts(Path("out"))
        assert tracker.lost
        tracker.metrics([("score", 0.5, 0)])
        if comes_back:
            (workplace / "mlruns" / "artifacts" / "prh").unlink()
    client, (run,) = runs()
    assert run.info.status == "FINISHED"
    assert ("prh.incomplete" in run.data.tags, tracker.lost) == (not comes_back, not comes_back)
    if not comes_back:
        assert "python -m prh.tracking.upload out" in tracker.report.warnings[-1]
        (workplace / "mlruns" / "artifacts" / "prh").unlink()
        upload(workplace / "out")
        client, (run,) = runs()
    assert "prh.incomplete" not in run.data.tags
    assert run.data.metrics == {"score": 0.5}
    assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["scores.csv"]


def _interrupted_while_it_sends(tracker):
    tracker.pending.append(("tags", {"values": {"kept": "yes"}}))
    raise KeyboardInterrupt


def test_an_interrupted_run_still_records_what_it_had(workplace, runs):
    with pytest.raises(KeyboardInterrupt), track("a run") as tracker:
        _interrupted_while_it_sends(tracker)
    (run,) = runs()[1]
    assert (run.info.status, run.data.tags["kept"]) == ("KILLED", "yes")


def test_a_run_whose_folder_cannot_be_written_to_is_not_left_running(workplace, runs):
    (workplace / "file").touch()
    with pytest.raises(ConfigError, match="output_dir"), track("a run", folder="file/out"):
        pass
    assert runs()[1][0].info.status == "FAILED"


@pytest.mark.parametrize(("name", "says"), [("gone", "is deleted"), ("", "tracking.experiment")])
def test_an_experiment_that_cannot_be_recorded_to(workplace, name, says):
    client, experiment = open_database(absolute_uri(URI), "gone")
    client.delete_experiment(experiment)
    with pytest.raises(ConfigError, match=rf"^tracking\.experiment: .*{says}|^{says}"):
        open_database(absolute_uri(URI), name)


@pytest.mark.parametrize("error", ["UNIQUE constraint failed: datasets.name", "database is locked"])
def test_a_lost_race_is_tried_again_for_seconds_at_most(monkeypatch, error):
    monkeypatch.setattr(races, "PATIENCE_S", 0.5)
    calls = []

    def lost():
        calls.append(time.monotonic())
        raise OSError(error)

    with pytest.raises(OSError, match=error):
        patiently(lost)
    assert len(calls) > 2
    assert calls[-1] - calls[0] < 1
    calls.clear()
    with pytest.raises(OSError, match="something else"):
        patiently(lambda: calls.append(0) or (_ for _ in ()).throw(OSError("something else")))
    assert calls == [0]


def test_a_relative_database_lies_in_the_working_folder(workplace):
    assert absolute_uri(URI) == f"sqlite:///{workplace}/mlruns/mlflow.db"
    assert absolute_uri("http://127.0.0.1:5000") == "http://127.0.0.1:5000"


@pytest.mark.parametrize(
    "key", ["prompt.definitions.R&D", "a$b", "/a", "a//b", "..", "k" * 300, "ü.\udcff", "$"]
)
def test_a_param_of_any_name_is_recorded(workplace, runs, key):
    with Tracker("sqlite:///mlruns/mlflow.db", "prh", "run", workplace / "out", Listening()) as tracker:
        tracker.params({key: "\udcff $x$", "plain": 1})
        assert not tracker.lost
    assert len(runs()[1][0].data.params) == 2
