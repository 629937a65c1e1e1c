"""All encoders of all jobs of a sweep with each other, from the store alone."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from prh.sweep import summarise
from prh.sweep.encoders import told_apart
from tests.recorded import opened, record_sweep

SWEEP = (
    *("-m", "dataset=openmoji", "dataset.n=40", "dataset.size=32", "layers=last", "metric.k=5"),
    *("inference.n_permutations=99", "figures.umap_layers=1", "figures.dpi=60", "prompt=photo"),
    *("model=pixels,efficientnet_lite1_random", "model@reference=efficientnet_lite0_random"),
)


@pytest.fixture
def swept(prh, workplace, runs, tmp_path_factory):
    """A sweep over two models beside one reference and one text encoder; sums it up anew when called."""
    cache = tmp_path_factory.mktemp("cache")
    outcome = prh(*SWEEP, cache=cache)
    assert outcome.code == 0, outcome.err
    client, found = runs()
    (parent,) = (run for run in found if "prh.swept" in run.data.tags)
    jobs = {run.data.tags["sweep.model"]: run for run in found if "sweep.model" in run.data.tags}

    def again():
        told = summarise(f"sqlite:///{workplace}/mlruns/mlflow.db", parent.info.run_id).undrawn
        own = workplace / "again"
        own.mkdir(exist_ok=True)
        return told, Path(client.download_artifacts(parent.info.run_id, "summary", str(own)))

    return client, jobs, cache, again


def pairs_of(folder):
    table = pd.read_csv(folder / "pairs.csv")
    return {frozenset(row[:2]): row[2] for row in table[["a", "b", "score"]].itertuples(index=False)}


def test_encoders_of_different_jobs_are_compared_as_those_of_one(swept, monkeypatch, workplace):
    _, jobs, _, again = swept

    def computed(*arguments):
        raise AssertionError("a forward pass")

    monkeypatch.setattr("prh.features.extract.extract", computed)
    told, folder = again()
    assert told == []
    found = pairs_of(folder)
    pixels, net = "pixels", "efficientnet_lite1 (random)"
    twin, reader = "efficientnet_lite0 (random)", "all-MiniLM-L6-v2"
    assert set(found) == {
        frozenset(pair)
        for pair in (
            (pixels, net),
            (pixels, twin),
            (pixels, reader),
            (net, twin),
            (net, reader),
            (twin, reader),
        )
    }
    for option, name in (("pixels", pixels), ("efficientnet_lite1_random", net)):
        metrics = jobs[option].data.metrics
        assert found[frozenset((name, twin))] == pytest.approx(metrics["model_vs_reference.last.score"])
        assert found[frozenset((name, reader))] == pytest.approx(metrics["model_vs_text.last.score"])
    table = pd.read_csv(folder / "pairs.csv").set_index(["a", "b"])
    metrics = jobs["pixels"].data.metrics
    assert table.loc[(pixels, reader), "p"] == pytest.approx(metrics["model_vs_text.last.p"])
    assert table.loc[(pixels, reader), "ci_low"] == pytest.approx(metrics["model_vs_text.last.ci_low"])
    for name in ("pairs", "map"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 5000
    page = (folder / "report.html").read_text()
    assert page.index("All pairs of encoders at their last layers") < page.index("Scores of the last layers.")
    what_cannot_be_read_costs_one_line(swept, workplace)


def what_cannot_be_read_costs_one_line(swept, workplace):
    client, jobs, cache, again = swept
    (shelf,) = (cache / "features").glob("pixels-*")
    shutil.rmtree(shelf)
    told, folder = again()
    (line,) = told
    assert "40 of 40 rows of pixels" in line
    assert not any("pixels" in pair for pair in pairs_of(folder))
    shutil.rmtree(cache / "features")
    (line,) = again()[0]
    assert "could not be compared (PrhError: " in line
    run_id = jobs["pixels"].info.run_id
    broken = workplace / "broken" / "features.json"
    broken.parent.mkdir()
    broken.write_text(json.dumps({"about": 1}))
    client.log_artifact(run_id, str(broken))
    told, folder = again()
    assert any("features.json of" in line and "cannot be read (ValueError)" in line for line in told)
    assert (folder / "figures" / "scores.png").exists()


def test_jobs_with_other_stimuli_or_metrics_do_not_go_together(workplace):
    client, experiment = opened(workplace)
    parent = record_sweep(client, experiment, [{"score": 0.5, "seed": s} for s in "012"], ("seed",))
    jobs = [run for run in client.search_runs([experiment]) if "mlflow.parentRunId" in run.data.tags]
    encoder = {"name": "a", "shelf": "a", "layer": "l", "rows": None}
    for run, ids in zip(jobs, ([1, 2], [1, 2], [1, 3]), strict=True):
        own = workplace / run.info.run_id
        own.mkdir()
        encoders = [{**encoder, "shelf": f"{run.info.run_id}{i}"} for i in range(2)]
        about = {"store": str(workplace / "none"), "stimuli": "set", "ids": ids, "metric": {}}
        (own / "features.json").write_text(json.dumps({"about": about, "encoders": encoders}))
        client.log_artifacts(run.info.run_id, str(own))
    told = summarise(f"sqlite:///{workplace}/mlruns/mlflow.db", parent).undrawn
    # Two jobs have four encoders over the same stimuli; the third has two of its own, which are no matrix.
    (line,) = told
    assert line.startswith("all pairs of set, 2 stimuli could not be compared")


def test_groups_of_one_title_are_told_apart_by_what_was_swept():
    groups = {
        ("photos/test, 9 stimuli", "cka", "0"): "photos/test, seed 0, 9 stimuli",
        ("photos/test, 9 stimuli", "cka", "1"): "photos/test, seed 1, 9 stimuli",
        ("photos/test, 9 stimuli", "rsa", "0"): "photos/test, 9 stimuli",
        ("photos/test, 8 stimuli", "cka", "0"): "photos/test, 8 stimuli",
    }
    jobs = [[{"sweep.seed": seed, "sweep.model": model} for model in "ab"] for _, _, seed in groups]
    assert told_apart([group[:2] for group in groups], jobs) == list(groups.values())
