"""Recorded runs as a table: typed columns, real sources of weights, conditions that are told apart."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from prh.results import load
from prh.tracking.runs import COUNTS, NUMBERS, PAIRS, WORDS, conditions, tidy
from tests.recorded import opened, record, record_sweep

RESNET = {
    "model": "resnet18",
    "model.name": "resnet18",
    "model.weights._target_": "prh.encoders.weights.Pretrained",
    "model.weights.tag": "IMAGENET1K_V1",
    "model.imagenet_top1": "69.758",
}


@pytest.fixture
def loaded(workplace):
    """The table of runs with these keywords, in their order."""

    def record_all(*jobs):
        client, experiment = opened(workplace)
        for job in jobs:
            record(client, experiment, **job)
        return load(uri=f"sqlite:///{workplace}/mlruns/mlflow.db")

    return record_all


def test_every_table_has_the_same_typed_columns(loaded):
    whole = {"dataset": "fashion_mnist", "metric": "cosine", "seed": "3", "dataset.n": "64"}
    jobs = [
        {"score": 0.5, **whole, "tags": {"weights.model": "fit:x"}},
        {"score": None, "status": "FAILED"},
        {
            "score": 0.4,
            "judged": False,
            "dataset": "openmoji",
            "dataset.n": "None",
            "tags": {"data.n": "1629"},
        },
        {"score": None, "status": "RUNNING", "tags": {"prh.swept": "seed", "data.n": ""}, "seed": "0,1"},
    ]
    for table in (tidy([]), loaded(*jobs)):
        assert list(table.columns[: len(WORDS) + len(COUNTS) + len(NUMBERS)]) == [*WORDS, *COUNTS, *NUMBERS]
        assert all(isinstance(value, str) for column in WORDS for value in table[column])
        assert all(table[column].dtype == "Int64" for column in COUNTS)
        assert all(table[column].dtype == float for column in NUMBERS)
    first = table[table["score"] == 0.5].iloc[0]
    names = ["dataset", "metric", "n", "seed", "weights"]
    assert first[names].tolist() == ["fashion_mnist", "cosine", 64, 3, "fit:x"]
    assert table[table["dataset"] == "openmoji"]["n"].eq(1629).all()
    failed = table[table["status"] == "FAILED"]
    assert len(failed) == 1
    assert failed[["n", "seed"]].iloc[0].tolist() == [64, pd.NA]


def test_runs_recorded_by_old_versions_have_these_columns_too(loaded):
    old = {"data": "fashion_mnist/test", "data.n": ""}
    table = loaded({"score": 0.5, "tags": old, "metric._target_": "prh.similarity.RSA", "dataset.n": "500"})
    assert set(zip(table["dataset"], table["metric"], table["n"], strict=True)) == {
        ("fashion_mnist", "RSA", 500)
    }


@pytest.mark.parametrize("new", [True, False])
def test_a_substitute_is_called_one_and_has_nothing_of_what_it_stands_for(loaded, new):
    tags = {"weights.model": "fit:fashion_mnist"} | ({"substitute.model": "fitted"} if new else {})
    table = loaded({"score": 0.3, **RESNET, "tags": tags})
    assert set(table["model"]) == set(table["model.name"]) == {"resnet18 (fitted)"}
    assert set(table["weights"]) == set(table["weights.model"]) == {"fit:fashion_mnist"}
    assert table[["model.imagenet_top1", "model.weights.tag"]].isna().all(axis=None)
    assert not table.isin(["IMAGENET1K_V1", 69.758, "69.758"]).any(axis=None)


def test_published_accuracy_is_that_of_the_very_weights(loaded):
    published = {
        "tags": {"weights.model": "torchvision:IMAGENET1K_V1"},
        "metrics": {"model.imagenet_top1": 69.758},
    }
    own = {"tags": {"weights.model": "file:own.pt"}}
    table = loaded({"score": 0.3, **RESNET, **published}, {"score": 0.2, **RESNET, **own})
    by = table.groupby("score").first()
    assert by.loc[0.3, "model.imagenet_top1"] == 69.758
    assert by.loc[0.3, "model.weights.tag"] == "IMAGENET1K_V1"
    assert np.isnan(by.loc[0.2, "model.imagenet_top1"])
    assert by.loc[0.2, "model.weights.tag"] is None or by["model.weights.tag"].isna()[0.2]


def test_a_substitute_among_text_models_is_called_one(loaded):
    tags = {"substitute.text": "all-MiniLM-L6-v2 instead", "weights.text": "pypi:x"}
    table = loaded({"score": 0.3, "text": "mpnet", "text.name": "st/all-mpnet-base-v2", "tags": tags})
    assert set(table["text"]) == {"mpnet (all-MiniLM-L6-v2 instead)"}
    assert set(table["text.name"]) == {"st/all-mpnet-base-v2 (all-MiniLM-L6-v2 instead)"}


def test_numbers_and_words_of_config_values():
    data = SimpleNamespace(tags={}, metrics={}, params={"a": "1", "b": "None", "c": "x"})
    run = SimpleNamespace(info=SimpleNamespace(run_id="r", run_name="n", status="FINISHED"), data=data)
    table = tidy([run])
    assert table["a"].tolist() == [1]
    assert table["c"].tolist() == ["x"]
    assert "b" not in table


def sweep_of(workplace, swept, *jobs):
    client, experiment = opened(workplace)
    record_sweep(client, experiment, jobs, swept)
    table = load(uri=f"sqlite:///{workplace}/mlruns/mlflow.db")
    return table[(table["parent"] != "") & (table["which"] == "last")]


def test_conditions_are_the_fewest_columns_that_tell_runs_apart(workplace):
    jobs = [
        {
            "score": 0.1,
            "metric": metric,
            "model": model,
            "model.name": model.removesuffix("_random"),
            "model.architecture": "x",
            "seed": seed,
            "model.fit.seed": seed,
            "output_dir": f"{metric}{model}{seed}",
        }
        for metric, model, seed in product(("cosine", "cka"), ("a", "a_random", "b"), ("0", "1"))
    ]
    table = sweep_of(workplace, ("metric", "model", "seed"), *jobs)
    assert sorted(conditions(table)) == ["metric", "model"]
    assert conditions(table[table["seed"] == 0]) == conditions(table)
    assert conditions(table[table["model"] == "a"]) == ["metric"]
    assert conditions(table[:0]) == []
    assert table.groupby(["pair", *conditions(table)]).size().eq(2).all()


def test_what_is_known_beside_a_score_and_classes_that_moved_are_no_conditions(workplace):
    targets = ("prh.encoders.preprocess.Preprocess", "prh.encoders.Preprocess")
    jobs = [
        {
            "score": 0.1,
            "seed": "0",
            "model.preprocess._target_": target,
            "metrics": {"model_vs_text.last.beyond_pixels": value, "model_vs_vit.last.score": 0.4},
        }
        for target, value in zip(targets, (0.05, 0.06), strict=True)
    ]
    table = sweep_of(workplace, ("seed",), *jobs)
    assert conditions(table) == []
    by_pair = table.set_index("pair")
    assert by_pair.loc["model_vs_text", "score.beyond_pixels"].tolist() == [0.05, 0.06]
    assert by_pair.loc["model_vs_reference", "score.beyond_pixels"].isna().all()
    assert by_pair.loc["model_vs_vit", "score"].tolist() == [0.4, 0.4]


def test_what_only_a_config_value_tells_apart_is_found(workplace):
    jobs = [{"score": 0.1, "metric": "mutual_knn", "metric.k": k, "seed": "0"} for k in ("5", "10")]
    table = sweep_of(workplace, ("metric.k",), *jobs)
    assert conditions(table) == ["metric.k"]
    assert set(table["pair"]) == set(PAIRS)
