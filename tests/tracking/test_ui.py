"""The UI starts on our database, answers on loopback and shows the run."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from tests.tracking.test_tracker import track


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url, deadline):
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5).read()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def test_the_ui_shows_the_run(workplace):
    with track("seen in the UI") as tracker:
        tracker.metrics([("score", 0.5, 0)])
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    server = subprocess.Popen(
        [sys.executable, "-m", "prh.ui", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        assert b"<html" in get(base, time.monotonic() + 60)
        url = f"{base}/api/2.0/mlflow/runs/get?run_id={tracker.run_id}"
        run = json.loads(get(url, time.monotonic() + 10))["run"]
        assert run["info"]["run_name"] == "seen in the UI"
        assert run["data"]["metrics"][0]["value"] == 0.5
    finally:
        server.terminate()
        server.wait(20)


def test_without_a_database_it_says_what_to_run_first(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "prh.ui"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "python -m prh.run first" in done.stderr
