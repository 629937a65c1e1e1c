"""The notebook's cells, run in docs/ on databases of many kinds."""

import json
import os
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from prh.tracking.runs import PAIRS
from tests.recorded import opened, record

NOTEBOOK = Path(__file__).parents[1] / "docs" / "comparing_runs.ipynb"
CELLS = [
    "".join(cell["source"])
    for cell in json.loads(NOTEBOOK.read_text())["cells"]
    if cell["cell_type"] == "code"
]


SINGLE = [
    {"dataset": "fashion_mnist", "dataset.n": "1000", "metric": "cosine", "seed": "0"},
    {"dataset": "fashion_mnist", "dataset.n": "3000", "metric": "euclidean", "seed": "1"},
    {"dataset": "openmoji", "dataset.n": "None", "metric": "mutual_knn", "seed": "0"},
]
PARENT = {"mlflow.parentRunId": "p"}
SWEEP = [
    {
        "dataset": "openmoji",
        "dataset.n": "None",
        "metric": metric,
        "model": model,
        "seed": seed,
        "tags": PARENT,
    }
    for metric, model, seed in product(("cosine", "cka"), ("pixels", "resnet18"), ("0", "1"))
]


def executed(workplace, monkeypatch):
    docs = workplace / "docs"
    docs.mkdir()
    monkeypatch.chdir(docs)
    names = {}
    for cell in CELLS:
        exec(cell, names)
    assert os.listdir(docs) == []
    return names


@pytest.fixture
def recorded(workplace, tmp_path):
    """Records runs with these configs and their grids."""

    def record_all(configs):
        client, experiment = opened(workplace)
        for number, config in enumerate(configs):
            run_id = record(client, experiment, 0.1 + number / 20, **config)
            grids = dict.fromkeys(("scores", "p", "ci_low", "ci_high", "null_mean"), np.zeros((3, 2)))
            np.savez(tmp_path / "model_vs_reference.npz", **grids)
            client.log_artifact(run_id, str(tmp_path / "model_vs_reference.npz"), "matrices")
        return client, experiment

    return record_all


def test_single_runs_of_all_kinds_are_told_apart(recorded, workplace, monkeypatch):
    recorded(SINGLE)
    names = executed(workplace, monkeypatch)
    assert names["table"]["count"].eq(1).all()
    assert len(names["table"]) == len(SINGLE) * len(PAIRS)
    assert names["shapes"]["scores"] == (3, 2)


def test_a_sweep_is_averaged_over_seeds_alone(recorded, workplace, monkeypatch):
    recorded(SINGLE)
    recorded(SWEEP)
    names = executed(workplace, monkeypatch)
    assert set(names["axes"]) == {"metric", "model"}
    assert names["table"]["count"].eq(2).all()
    assert names["table"]["mean"].loc[("model_vs_text", "cka", "resnet18")] == pytest.approx(0.425)


@pytest.mark.parametrize("kept", ["runs that failed", "no runs", "no database"])
def test_where_there_is_nothing_one_line_says_so(recorded, workplace, monkeypatch, capsys, kept):
    if kept == "runs that failed":
        client, experiment = recorded([])
        record(client, experiment, None, status="FAILED", seed="0")
    if kept == "no database":
        (workplace / "mlruns" / "mlflow.db").unlink()
    names = executed(workplace, monkeypatch)
    said = capsys.readouterr().out
    assert len(names["table"]) == 0
    assert names["shapes"] == {}
    assert said.count("\n") == (kept != "runs that failed")
    assert ("python -m prh.run records one" in said) == (kept != "runs that failed")
    assert (workplace / "mlruns" / "mlflow.db").exists() == (kept != "no database")
