"""The notebook's cells, run in docs/ on databases of many kinds."""

import json
import os
from itertools import product
from pathlib import Path

import pytest

from prh.tracking.database import open_database
from prh.tracking.runs import PAIRS

NOTEBOOK = Path(__file__).parents[1] / "docs" / "comparing_runs.ipynb"
CELLS = [
    "".join(cell["source"])
    for cell in json.loads(NOTEBOOK.read_text())["cells"]
    if cell["cell_type"] == "code"
]


def record(client, experiment, folder, score, parent="", status="FINISHED", **config):
    """A run as it is recorded, with its grids."""
    import numpy as np

    tags = {"mlflow.parentRunId": parent} if parent else {}
    tags |= {f"option.{key}": value for key, value in config.items() if "." not in key and key != "seed"}
    run_id = client.create_run(
        experiment, tags=tags | {"data.n": config.get("dataset.n", "1629")}
    ).info.run_id
    for key, value in config.items():
        client.log_param(run_id, key, value)
    if score is not None:
        numbers = {"score": score, "ci_low": score - 0.1, "ci_high": score + 0.1, "p": 0.01, "critical": 0.1}
        for (name, value), pair in product(numbers.items(), PAIRS):
            client.log_metric(run_id, f"{pair}.last.{name}", value)
        np.savez(
            folder / "model_vs_reference.npz",
            **dict.fromkeys(("scores", "p", "ci_low", "ci_high", "null_mean"), np.zeros((3, 2))),
        )
        client.log_artifact(run_id, str(folder / "model_vs_reference.npz"), "matrices")
    client.set_terminated(run_id, status)


SINGLE = [
    {"dataset": "fashion_mnist", "dataset.n": "1000", "metric": "cosine", "seed": "0"},
    {"dataset": "fashion_mnist", "dataset.n": "3000", "metric": "euclidean", "seed": "1"},
    {"dataset": "openmoji", "dataset.n": "None", "metric": "mutual_knn", "seed": "0"},
]
SWEEP = [
    {
        "dataset": "openmoji",
        "dataset.n": "None",
        "metric": metric,
        "model": model,
        "seed": seed,
        "parent": "p",
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
    def record_all(configs, **more):
        client, experiment = open_database(f"sqlite:///{workplace}/mlruns/mlflow.db", "prh")
        for number, config in enumerate(configs):
            record(client, experiment, tmp_path, 0.1 + number / 20, **{**config, **more})
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
        record(client, experiment, workplace, None, status="FAILED", seed="0")
    if kept == "no database":
        (workplace / "mlruns" / "mlflow.db").unlink()
    names = executed(workplace, monkeypatch)
    said = capsys.readouterr().out
    assert len(names["table"]) == 0
    assert names["shapes"] == {}
    assert said.count("\n") == (kept != "runs that failed")
    assert ("python -m prh.run records one" in said) == (kept != "runs that failed")
    assert (workplace / "mlruns" / "mlflow.db").exists() == (kept != "no database")
