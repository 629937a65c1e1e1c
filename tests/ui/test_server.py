"""The UI starts on our database, answers on loopback, and shows sweeps, figures and reports in a browser."""

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from prh.ground.secrets import concealed
from prh.tracking.database import open_database
from prh.tracking.upload import upload
from prh.ui.port import is_free, next_free
from prh.ui.server import main
from scripts.screenshot_ui import browser, screenshots, server
from tests.sweep.test_sweep import FEW, family
from tests.tracking.test_tracker import track

URI = "sqlite:///mlruns/mlflow.db"
NOTEBOOK = Path(__file__).parents[2] / "docs" / "comparing_runs.ipynb"


def test_a_sweep_seen_in_a_browser_and_in_the_notebook(prh, runs, tmp_path):
    assert prh("-m", *FEW, "dataset.n=40,64", "model=fashion_cnn").code == 0
    the_notebook_runs(tmp_path / "docs")
    if browser() is None:
        pytest.skip("no Chromium on the path")
    _, parent, children = family(runs)
    with server(URI) as url:
        seen = screenshots(url, parent.info.experiment_id, parent.info.run_id, tmp_path / "shots")
    assert "sweep · dataset.n=40,64" in seen["ui_runs"]
    assert {run.info.run_name.split(" · ")[0] for run in children} == {"n=40", "n=64"}
    for run in children:
        assert run.info.run_name in seen["ui_runs"]
        assert str(run.data.metrics["model_vs_reference.last.score"])[:6] in seen["ui_runs"]
    assert "model_vs_text.last.score" in seen["ui_charts"]
    assert "scores.png" in seen["ui_figure"]
    score = children[0].data.metrics["reference_vs_text.last.score"]
    assert f"{score:.3f}" in seen["ui_report"]
    for name in seen:
        assert (tmp_path / "shots" / f"{name}.png").stat().st_size > 20_000


def the_notebook_runs(folder):
    folder.mkdir()
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    table, by_size, picture, grid = [output["data"] for output in shown]
    assert "model_vs_text" in table["text/plain"]
    words = by_size["text/plain"].split()
    assert words.index("40") < words.index("64")
    assert len(picture["image/png"]) > 5000
    assert "(3, 3)" in grid["text/plain"]
    assert not list(folder.iterdir())


def test_a_server_records_runs_and_its_end_loses_none(workplace, capsys):
    with server(URI) as url:
        with_password = concealed(url.replace("http://", "http://me:pw-one@"))
        with track("over the network", with_password) as tracker:
            tracker.metrics([("score", 0.5, 0)])
        assert not tracker.lost
        who_asks_for_the_port(int(url.rpartition(":")[2]), workplace, capsys)
        assert b'"machine_learning"' in urllib.request.urlopen(f"{url}/prh/2").read()
        assert "http://me:***@127.0.0.1" in tracker.journal.read_text()
        assert "pw-one" not in tracker.journal.read_text()
        answer = urllib.request.urlopen(f"{url}/api/2.0/mlflow/runs/get?run_id={tracker.run_id}")
        run = json.loads(answer.read())["run"]
        assert run["info"]["run_name"] == "over the network"
        assert run["data"]["metrics"][0]["value"] == 0.5
        cut_off = track("cut off", url).__enter__()
        cut_off.metrics([("score", 0.5, 0)])
    assert is_free(int(url.rpartition(":")[2]))
    cut_off.metrics([("late", 0.25, 0)])
    cut_off.__exit__(None, None, None)
    assert cut_off.lost
    uri = f"sqlite:///{workplace}/mlruns/mlflow.db"
    upload(cut_off.journal.parent, uri)
    client, experiment = open_database(uri, "prh")
    late, early = client.search_runs([experiment])
    assert (late.info.run_id, late.info.status) == (cut_off.run_id, "FINISHED")
    assert late.data.metrics == {"score": 0.5, "late": 0.25}
    assert (early.info.run_id, early.info.status) == (tracker.run_id, "FINISHED")


def who_asks_for_the_port(port, workplace, capsys):
    """The same runs are shown where they are; others, and other programs, are told apart."""
    given = ["--port", str(port), "--no-browser"]
    assert main(given) == 0
    assert f"It runs already\nMLflow   http://127.0.0.1:{port}/prh/2" in capsys.readouterr().out
    other = workplace / "other"
    other.mkdir()
    with (
        closing(sqlite3.connect(workplace / "mlruns" / "mlflow.db")) as own,
        closing(sqlite3.connect(other / "mlflow.db")) as fresh,
    ):
        own.backup(fresh)
        fresh.execute("UPDATE experiments SET creation_time = 1")
        fresh.commit()
    assert main([*given, "--uri", f"sqlite:///{other}/mlflow.db"]) == 2
    assert re.search(r"taken by an MLflow server on other runs.*--port \d+", flat(capsys))


def flat(capsys):
    return " ".join(capsys.readouterr().err.split())


def test_a_port_of_another_program_is_left_to_it(workplace, capsys):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    assert re.search(
        rf"--port: {port} is taken by another program. Use another with --port \d+", flat(capsys)
    )
    assert main(["--port", "99999"]) == 2
    assert "99999 is no port" in flat(capsys)
    assert main(["--uri", "http://me:secret@127.0.0.1:1"]) == 2
    assert "http://me:***@127.0.0.1:1 is a server" in flat(capsys)


def test_a_server_that_fails_says_so(workplace, capsys, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert main(["--port", str(next_free(40_000))]) == 2
    assert "MLflow's server did not start (exit code 1)" in flat(capsys)


def test_without_a_database_it_says_what_to_run_first(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "prh.ui"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "python -m prh.run first" in done.stderr
