"""Recorded runs against each other: from the features that they left, as the library says of the same."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind_from_stats

from prh import results
from prh.compare.command import main
from prh.features import FeatureStore
from prh.findings.kept import Kept, _node
from prh.ground.progress import Silent
from prh.inference import NoInference, Permutation, compare_scores
from prh.similarity import CKA, RSA, MutualKNN
from tests.recorded import opened, record, record_sweep

WORLD = np.random.default_rng(0)
LATENT = WORLD.normal(size=(200, 6))
FEATURES = {
    name: (LATENT @ WORLD.normal(size=(6, 9)) + noise * WORLD.normal(size=(200, 9))).astype(np.float32)
    for name, noise in (("near", 0.5), ("far", 2.0), ("reference", 0.5))
}
CLASSES = ["a", "b", "c", "d", "e", "f"]
LABELS = np.arange(200) % len(CLASSES)
WORDS = WORLD.normal(size=(len(CLASSES), 4)).astype(np.float32)
PAIR = "model_vs_reference"
COSINE = RSA()


@dataclass
class Place:
    """A folder with a database and a store, to record runs in that were never made."""

    folder: Path
    client: object = field(init=False)

    def __post_init__(self):
        self.client, self.experiment = opened(self.folder)
        store, ids = FeatureStore(self.store, Silent()), np.arange(200)
        for name, matrix in FEATURES.items():
            store.keep(f"{name}/set", ["last"], [(ids, {"last": matrix})])
        store.keep("words/sentences", ["last"], [(ids[: len(CLASSES)], {"last": WORDS})])

    @property
    def store(self):
        return self.folder / "store"

    def run(self, model="near", ids=range(100), metric=COSINE, groups=None, data="set", **more):
        """Records a run of which everything is as it would be; returns its id."""
        ids = np.array(ids)
        score = metric(FEATURES[model][ids], FEATURES["reference"][ids])
        numbers = {
            f"{PAIR}.last.score": score,
            f"{PAIR}.last.ci_low": score - 0.1,
            f"{PAIR}.last.ci_high": score + 0.1,
        }
        numbers |= {
            f"{PAIR}.best.score": score + 0.1,
            f"{PAIR}.best.ci_low": score,
            f"{PAIR}.best.ci_high": 0.99,
        }
        tags = {f"{PAIR}.last.layers": "l × l", f"{PAIR}.best.layers": "k × l"}
        given = {"metrics": numbers | more.pop("metrics", {}), "tags": tags | more.pop("tags", {})}
        run_id = record(self.client, self.experiment, None, model=model, **given, **more)
        own = self.folder / "left" / run_id
        (own / "matrices").mkdir(parents=True)
        np.savez(own / "matrices" / f"{PAIR}.npz", se=np.array([[0.03]]))
        encoders = [
            {
                "role": role,
                "name": name,
                "sense": "images",
                "layer": "last",
                "rows": None,
                "shelf": f"{name}/{data}",
            }
            for role, name in (("model", model), ("reference", "reference"))
        ]
        words = {
            "role": "text",
            "name": "words",
            "sense": "words",
            "layer": "last",
            "shelf": "words/sentences",
        }
        words["rows"] = [list(range(len(CLASSES)))]
        design = {"classes": LABELS[ids].tolist(), "groups": groups, "sequence": None, "copies": None}
        about = {
            "store": str(self.store),
            "stimuli": data,
            "fingerprint": data,
            "ids": ids.tolist(),
            "seed": 0,
        }
        about |= {"metric": _node(metric), "inference": _node(Permutation()), "design": design}
        Kept(about, encoders, [words], CLASSES).write(own / "features.json")
        self.client.log_artifacts(run_id, str(own))
        return run_id

    def compare(self, *runs):
        """Returns the differences of runs by pair and which layers."""
        return results.compare(*runs, uri=self.uri).set_index(["pair", "which"])

    def last(self, *runs):
        """Returns the difference of the last layers of model and reference."""
        return self.compare(*runs).loc[(PAIR, "last")]

    @property
    def uri(self):
        return f"sqlite:///{self.folder}/mlruns/mlflow.db"


@pytest.fixture
def place(workplace):
    return Place(workplace)


def test_a_paired_interval_is_the_librarys_of_the_same_features(place):
    near, far = place.run("near"), place.run("far")
    found = place.last(near[:8], far)
    x, worse, y = (FEATURES[name][:100] for name in ("near", "far", "reference"))
    direct = compare_scores(RSA(), worse, x, y)
    assert (found.interval, found.rows, found.remark) == ("paired", "100 stimuli", "")
    assert found.difference == pytest.approx(direct.value)
    assert (found.ci_low, found.ci_high) == pytest.approx((direct.ci_low, direct.ci_high))
    assert found.p == pytest.approx(direct.p)
    assert found.difference == pytest.approx(found.score_b - found.score_a)
    generator, metric = np.random.default_rng(1), RSA()
    draws = []
    for _ in range(100):
        rows = np.unique(generator.integers(100, size=100))  # copies of a stimulus have no distance
        draws.append(metric(worse[rows], y[rows]) - metric(x[rows], y[rows]))
    assert 0.6 < np.std(draws) / ((found.ci_high - found.ci_low) / 3.97) < 1.6
    best = place.compare(near, far).loc[(PAIR, "best")]
    assert best.interval == ""
    assert np.isnan(best.p)
    assert "chose its own best layers" in best.remark


def test_of_two_samples_what_both_have_is_paired_in_any_order(place):
    small, large = place.run("near", range(60)), place.run("far", range(119, -1, -1))
    found = place.last(small, large)
    direct = compare_scores(RSA(), *(FEATURES[name][:60] for name in ("far", "near", "reference")))
    assert found.rows == "the 60 stimuli that both have"
    assert (found.difference, found.p) == pytest.approx((direct.value, direct.p))
    assert found.of_b != pytest.approx(found.score_b)
    assert found.of_b - found.of_a == pytest.approx(found.difference)


def test_stimuli_that_hang_together_count_as_one(place):
    groups = (np.arange(100) // 5).tolist()
    found = place.last(*(place.run(name, groups=groups) for name in ("near", "far")))
    x, worse, y = (FEATURES[name][:100] for name in ("near", "far", "reference"))
    assert found.ci_low == pytest.approx(compare_scores(RSA(), worse, x, y, groups=np.array(groups)).ci_low)


def test_other_stimuli_are_independent_samples(place):
    found = place.last(place.run("near"), place.run("far", range(100, 160)))
    spread = [0.03 * np.sqrt(n) for n in (60, 100)]
    known = ttest_ind_from_stats(found.score_b, spread[0], 60, found.score_a, spread[1], 100, equal_var=False)
    assert found.interval == "independent"
    assert found.p == pytest.approx(known.pvalue, rel=0.05)
    assert found.ci_low < found.difference < found.ci_high
    assert "two sizes" in found.remark
    few = place.last(place.run("near", range(60)), place.run("far", range(50, 110)))
    assert few.interval == ""
    assert "10 stimuli in common: too few to pair, too many" in few.remark
    elsewhere = place.run("far", data="other", tags={"option.dataset": "other"})
    other = place.last(place.run("near"), elsewhere)
    assert other.interval == "independent"
    assert "other datasets: set and other" in other.remark


def test_class_centroids_are_paired_by_their_classes(place):
    metric = RSA()
    rows = {
        name: np.stack([FEATURES[name][ids][LABELS[ids] == c].mean(axis=0) for c in range(6)])
        for name, ids in (("near", np.arange(100)), ("far", np.arange(100, 200)))
    }
    scores = {name: {"model_vs_text.last.score": metric(found, WORDS)} for name, found in rows.items()}
    runs = place.run("near", metrics=scores["near"]), place.run("far", range(100, 200), metrics=scores["far"])
    found = place.compare(*runs).loc[("model_vs_text", "last")]
    direct = compare_scores(metric, rows["far"], rows["near"], WORDS)
    assert (found.interval, found.rows, found.remark) == ("paired", "6 class centroids", "")
    assert (found.difference, found.p) == pytest.approx((direct.value, direct.p), rel=1e-4)


def test_more_than_one_difference_over_the_same_rows_is_corrected_for(place):
    first, *others = place.run("near"), place.run("far"), place.run("near", metric=RSA("euclidean"))
    found = place.compare(first, *others).loc[(PAIR, "last")]
    assert len(found) == 2
    assert (found.p_corrected > found.p).all()


def test_what_cannot_be_said_is_not(place):
    near = place.run("near")
    assert "one score" in place.last(near, place.run("near")).remark
    sample_alone = place.last(near, place.run("near", range(60)))
    assert sample_alone.interval == ""
    assert "the sample alone" in sample_alone.remark
    other = place.last(near, place.run("near", metric=MutualKNN(5)))
    assert np.isnan(other.difference)
    assert "different quantities" in other.remark
    wide = place.last(*(place.run(name, metric=CKA(unbiased=False)) for name in ("near", "far")))
    assert wide.interval == "paired"
    assert "calibrated" in wide.remark
    assert np.isnan(wide.of_a)
    shutil.rmtree(place.store / "far")
    gone = place.last(near, place.run("far"))
    assert gone.interval == ""
    assert "100 of 100 rows of far" in gone.remark
    assert "Run it again" in gone.remark
    assert gone.score_b < gone.score_a


def refused(capsys, *words):
    assert main(words) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()[-1:]
    assert "Traceback" not in line
    return line


def test_what_is_no_run_is_refused_in_a_line(place, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    near, parent = (
        place.run(),
        record_sweep(place.client, place.experiment, [{"score": 0.5, "seed": "1"}], ("seed",)),
    )
    failed = record(place.client, place.experiment, None, status="FAILED", tags={"error": "out of memory"})
    assert "is one run" in refused(capsys, near)
    assert f"close to it: {near[:8]}" in refused(capsys, near, near[:6] + "x")
    assert "is given twice" in refused(capsys, near, near[:10])
    assert "is a sweep's parent" in refused(capsys, near, parent)
    assert "out of memory" in refused(capsys, near, failed)
    assert "there is no folder ./nothing" in refused(capsys, near, "./nothing")
    assert "no features" not in refused(capsys, near, "mlruns")
    assert "does not exist" in refused(capsys, near, "abc", "--uri", "sqlite:///none/none.db")


def test_the_page_and_the_table_hold_what_is_printed(place, capsys, monkeypatch):
    from matplotlib import pyplot as plt

    monkeypatch.setenv("COLUMNS", "200")
    figures = place.folder / "drawn" / "figures"
    figures.mkdir(parents=True)
    plt.imsave(figures / "heatmap_model_vs_reference.png", np.eye(4))
    near, far = place.run("near", **{"model.name": "n"}), place.run("far", **{"model.name": "f"})
    for run in (near, far):
        place.client.log_artifacts(run, str(figures.parent))
    found = place.last(near, far)
    assert main([near, far[:12], "--output", "out"]) == 0
    said = capsys.readouterr().out
    assert f"−{-found.difference:.3f}" in said
    assert f"−{-found.ci_low:.3f}" in said
    assert "paired, 100 stimuli" in said
    table = pd.read_csv("out/differences.csv").set_index(["pair", "which"])
    assert table.loc[(PAIR, "last"), "difference"] == pytest.approx(found.difference)
    page = Path("out/report.html").read_text()
    assert "model=far" in page
    assert "model.name" in page
    assert f"−{-found.difference:.3f}" in page
    assert page.count("data:image/png") == 3
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "B: model=far" in page.split("Layer against layer")[1]


def test_a_folder_tells_what_mlflow_tells(place):
    from tests.tracking.test_tracker import track

    near = place.run("near")
    shutil.copytree(place.folder / "left" / near, "own")
    with track("own", place.uri) as tracker:
        tracker.params({"model.name": "far"})
        tracker.metrics([(f"{PAIR}.last.score", 0.25, 0)])
        tracker.artifacts(tracker.journal.parent)
    folder = tracker.journal.parent
    by_folder, by_id = place.last(near, str(folder)), place.last(near, tracker.run_id)
    assert by_folder.score_b == by_id.score_b == 0.25
    assert by_folder.run_b == by_id.run_b


def test_without_inference_there_are_scores(place):
    near, far = place.run("near"), place.run("far")
    for run in (near, far):
        file = Path(place.client.download_artifacts(run, "features.json"))
        left = json.loads(file.read_text())
        left["about"]["inference"] = _node(NoInference())
        file.write_text(json.dumps(left))
    assert place.last(near, far).interval == "paired"
