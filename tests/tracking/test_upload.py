"""MLflow fails in the middle of a run: the run goes on, and is sent later, whole and once."""

import json
from pathlib import Path

import pytest

from prh.errors import PrhError
from prh.tracking import Tracker, upload
from prh.tracking.database import open_database
from tests.conftest import Listening
from tests.sweep.test_sweep import FEW

URI = "sqlite:///mlruns/mlflow.db"


def recorded(tracker, folder):
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "tables" / "scores.csv").write_text("score\n0.5\n")
    tracker.metrics([("score", 0.5, 0), ("score", 0.75, 1)])
    tracker.tag({"data": "here"})
    tracker.artifacts(folder)


@pytest.fixture
def broken_off(workplace):
    """A run whose database went away after its params were recorded."""
    listening = Listening()
    with Tracker(URI, "prh", "a run", Path("out"), listening) as tracker:
        tracker.params({"seed": 3})
        engine = tracker.client._tracking_client.store.engine
        engine.dispose()
        (workplace / "mlruns" / "mlflow.db").rename(workplace / "mlruns" / "away.db")
        recorded(tracker, Path("out"))
    (workplace / "mlruns" / "mlflow.db").unlink(missing_ok=True)
    engine.dispose()
    (workplace / "mlruns" / "away.db").rename(workplace / "mlruns" / "mlflow.db")
    return tracker, listening


def test_the_run_goes_on_and_the_user_is_told_how_to_send_it(broken_off, runs):
    tracker, listening = broken_off
    assert tracker.lost
    assert "does not answer any more" in listening.warnings[0]
    assert "python -m prh.tracking.upload out" in listening.warnings[-1]
    (run,) = runs()[1]
    assert run.info.status == "RUNNING"
    assert "score" not in run.data.metrics


@pytest.mark.parametrize("times", [1, 2])
def test_it_is_completed_later_and_nothing_doubles(broken_off, runs, times):
    for _ in range(times):
        upload.upload(Path("out"))
    client, (run,) = runs()
    assert run.info.status == "FINISHED"
    assert run.data.params == {"seed": "3"}
    assert run.data.tags["data"] == "here"
    history = client.get_metric_history(run.info.run_id, "score")
    assert [(point.step, point.value) for point in history] == [(0, 0.5), (1, 0.75)]
    assert [file.path for file in client.list_artifacts(run.info.run_id, "tables")] == ["tables/scores.csv"]


def test_a_whole_run_can_be_sent_elsewhere(prh, workplace, runs, monkeypatch, capfd):
    assert prh(*FEW, "dataset.n=64", "model=fashion_cnn", "output_dir=out").code == 0
    _, (here,) = runs()
    elsewhere = f"sqlite:///{workplace}/elsewhere/mlflow.db"
    monkeypatch.setattr("sys.argv", ["upload", "out", "--uri", elsewhere])
    upload.main()
    upload.main()
    assert "as run" in capfd.readouterr().out
    client, experiment = open_database(elsewhere, "prh")
    (there,) = client.search_runs([experiment])
    assert there.data.metrics == here.data.metrics
    assert there.data.params == here.data.params
    assert there.data.tags["prh.uploaded_from"] == here.info.run_id
    assert (there.info.start_time, there.info.end_time) == (
        pytest.approx(here.info.start_time, abs=1000),
        here.info.end_time,
    )
    assert len(client.search_logged_models([experiment])) == 1


@pytest.mark.parametrize(("before", "after"), [("RUNNING", "KILLED"), ("FINISHED", "FINISHED")])
def test_a_killed_runs_last_half_line_is_left_out(workplace, runs, before, after):
    with Tracker(URI, "prh", "a run", Path("out"), Listening()) as tracker:
        tracker.tag({"kept": "yes"})
    runs()[0].update_run(tracker.run_id, before)
    lines = (workplace / "out" / "tracking.jsonl").read_text().splitlines()[:-1]
    (workplace / "out" / "tracking.jsonl").write_text("\n".join([*lines, '{"call": "tags", "val']))
    listening = Listening()
    upload.upload(Path("out"), report=listening)
    (run,) = runs()[1]
    assert run.data.tags["kept"] == "yes"
    assert run.info.status == after
    assert "line 3, the last, is half-written" in listening.warnings[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "give the output folder of a run"),
        ("", "does not start with a run"),
        ("{}", "does not start with a run"),
        ('{"run_id": 1}\nnonsense\n{}', "damaged in line 2"),
    ],
)
def test_what_is_no_run_is_refused_in_one_line(tmp_path, content, says):
    if content is not None:
        (tmp_path / "tracking.jsonl").write_text(content)
    with pytest.raises(PrhError, match=says):
        upload.upload(tmp_path)


def test_the_journal_is_no_artifact(workplace, runs):
    with Tracker(URI, "prh", "a run", Path("out"), Listening()) as tracker:
        recorded(tracker, Path("out"))
    client, (run,) = runs()
    assert {file.path for file in client.list_artifacts(run.info.run_id)} == {"tables"}
    first, *others = map(json.loads, (workplace / "out" / "tracking.jsonl").read_text().splitlines())
    assert first["run_id"] == run.info.run_id
    assert [entry["call"] for entry in others] == ["metrics", "tags", "artifacts", "end"]
