"""What ``make`` deletes, and what it asks about first."""

import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"
RESULTS = ("mlruns/mlflow.db", "mlruns/artifacts/prh/file", "outputs/2026-01-01/scores.csv")


@pytest.fixture
def checkout(tmp_path):
    shutil.copy(MAKEFILE, tmp_path)
    for name in (*RESULTS, "mlruns/README.md", ".venv/bin/python"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def make(checkout, target, said=""):
    command = ["make", "-C", str(checkout), target]
    return subprocess.run(command, input=said, capture_output=True, text=True, timeout=60)


def left(checkout):
    return {name for name in RESULTS if (checkout / name).exists()}


def test_clean_keeps_results(checkout):
    assert make(checkout, "clean").returncode == 0
    assert left(checkout) == set(RESULTS)
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("said", ["", "\n", "no\n", "y\n"])
def test_distclean_deletes_nothing_unless_told_yes(checkout, said):
    outcome = make(checkout, "distclean", said)
    assert outcome.returncode != 0
    assert "mlruns, outputs" in outcome.stdout
    assert left(checkout) == set(RESULTS)
    assert (checkout / ".venv").exists()


def test_distclean_told_yes_deletes_results_alone_of_mlruns(checkout):
    assert make(checkout, "distclean", "yes\n").returncode == 0
    assert not left(checkout)
    assert (checkout / "mlruns" / "README.md").exists()
