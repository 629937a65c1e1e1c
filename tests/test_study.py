"""A study's claims: true where they were made true, false where not, and never from a constant."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import silhouette_score

from prh.config import build
from prh.features import Features
from prh.inference import Permutation
from prh.results import Comparison
from prh.run import CONF
from prh.similarity import RSA, rsa
from prh.stimuli import StimulusSet
from tests.test_sweep import FEW, artifact, family

NAMES = ("Sandal", "Sneaker", "Ankle boot", "Bag", "Coat")
LABELS = np.arange(100) % 5
STUDY = yaml.safe_load((CONF / "experiment" / "article.yaml").read_text())["study"]


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def found(model, reference, text, distance="cosine"):
    """What a run would have found with these features, and the settings it would have run with."""
    metric, judge = RSA(distance, "spearman"), Permutation(n_permutations=20, n_bootstrap=20)
    stimuli = StimulusSet(
        "toy", np.zeros((100, 1, 2, 2), np.uint8), LABELS, NAMES, np.arange(100), "f", "here"
    )
    features = {
        "model": Features("m", model),
        "reference": Features("r", reference),
        "text": Features("t", {"embedding": text}, "classes"),
    }
    centroids = {role: features[role].by_class(LABELS, 5) for role in ("model", "reference")}
    centroids["text"] = features["text"]
    grids = [
        ("model_vs_reference", features["model"], features["reference"]),
        ("model_vs_text", centroids["model"], centroids["text"]),
        ("reference_vs_text", centroids["reference"], centroids["text"]),
    ]
    comparisons = [
        Comparison(pair, a.encoder, b.encoder, "", judge.judge(metric, *map(prepared(metric), (a, b))))
        for pair, a, b in grids
    ]
    settings = SimpleNamespace(metric=metric, seed=0)
    return SimpleNamespace(
        stimuli=stimuli, features=features, read=centroids, comparisons=comparisons
    ), settings


def prepared(metric):
    return lambda features: {name: metric.prepare(matrix) for name, matrix in features.items()}


def verdicts(claims, start):
    return [claim.verdict for claim in claims if claim.claim.startswith(start)]


@pytest.fixture
def clustered():
    """Five classes far apart, the first three of them near each other, with more and more noise."""
    centres = noise(5, 16) * 4
    centres[:3] += 10 * noise(16, seed=1)
    layers = ("conv1", "layer1", "layer2", "layer3", "layer4", "avgpool")
    amounts = (9, 6, 0.1, 0.1, 3, 0.5)
    model = {
        layer: centres[LABELS] + amount * noise(100, 16, seed=i)
        for i, (layer, amount) in enumerate(zip(layers, amounts, strict=True))
    }
    reference = {"conv1": model["layer2"], "conv2": model["layer3"], "avgpool": noise(100, 16, seed=9)}
    return model, reference, centres


def test_what_was_made_true_holds(clustered):
    claims = build(STUDY).claims(*found(*clustered))
    separate = verdicts(claims, "Sandal, Sneaker, Ankle boot separate")
    assert separate[2:4] == ["holds", "holds"]
    assert separate[-1] == "does not hold"
    assert verdicts(claims, "layer2 or layer3 clusters better than layer4") == ["holds"]
    assert verdicts(claims, "avgpool clusters better than layer4") == ["holds"]
    assert verdicts(claims, "conv1 is closer") == verdicts(claims, "conv2 is closer") == ["holds"]
    assert verdicts(claims, "likeness peaks")[:2] == ["holds", "holds"]


def test_what_was_made_false_does_not(clustered):
    model, reference, centres = clustered
    model = {**model, "layer4": model["layer2"], "avgpool": model["conv1"]}
    model["layer2"] = model["layer3"] = clustered[0]["conv1"]
    reference = {
        "conv1": reference["avgpool"],
        "conv2": reference["avgpool"],
        "avgpool": clustered[0]["layer2"],
    }
    claims = build(STUDY).claims(*found(model, reference, centres))
    for start in ("layer2 or layer3 clusters", "avgpool clusters", "conv1 is closer", "conv2 is closer"):
        assert verdicts(claims, start) == ["does not hold"], start


def test_equal_layers_are_undecided(clustered):
    model, reference, centres = clustered
    claims = build(STUDY).claims(*found({**model, "avgpool": model["layer4"]}, reference, centres))
    assert verdicts(claims, "avgpool clusters better") == ["undecided"]


def test_the_class_that_spoils_the_agreement_is_found():
    centres, spoilt = noise(5, 16), noise(5, 16)
    spoilt[3] = -10 * noise(16, seed=5)
    layers = dict.fromkeys(("conv1", "conv2", "avgpool"), spoilt[LABELS] + 0.01 * noise(100, 16, seed=2))
    claims = build(STUDY).claims(*found(layers, layers, centres))
    (claim,) = [claim for claim in claims if claim.claim.startswith("Bag")]
    assert claim.verdict == "holds"
    rest = [0, 1, 2, 4]
    centroids = np.stack([layers["avgpool"][label == LABELS].mean(axis=0) for label in range(5)])
    gain = rsa(centroids[rest], centres[rest]) - rsa(centroids, centres)
    assert f"by {gain:+.3f}" in claim.measured
    other = build({**STUDY, "outlier": "Coat"}).claims(*found(layers, layers, centres))
    assert [c.verdict for c in other if c.claim.startswith("Coat")] == ["does not hold"]


def test_the_reported_score_is_met_or_not(clustered):
    run = found(*clustered)
    score = run[0].comparisons[2].grid.last.value
    for reported, verdict in ((score + 0.04, "holds"), (score + 0.06, "does not hold")):
        claims = build({**STUDY, "rsa": reported}).claims(*run)
        assert verdicts(claims, "RSA with the text model") == [verdict]


def test_numbers_are_those_of_scikit_learn(clustered):
    claims = build(STUDY).claims(*found(*clustered, "euclidean"))
    model = clustered[0]
    footwear = np.isin(LABELS, [0, 1, 2])
    silhouette = silhouette_score(model["layer2"], footwear)
    (claim,) = [claim for claim in claims if claim.where == "m layer2"]
    assert claim.measured.endswith(f"silhouette {silhouette:.3f}")


def test_a_run_without_the_layers_says_so():
    layers = {"a": noise(100, 4), "b": noise(100, 4, seed=1)}
    claims = build(STUDY).claims(*found(layers, layers, noise(5, 4)))
    silent = [claim for claim in claims if claim.verdict == "not applicable"]
    assert {"this run has no 'layer2'", "this run has no 'avgpool'"} <= {c.measured for c in silent}
    assert len(verdicts(claims, "Sandal")) == 4


def test_the_articles_study_is_gathered_on_the_parent(prh, runs, tmp_path):
    outcome = prh("+experiment=article", *FEW, "dataset.n=64", "model=fashion_cnn")
    assert outcome.code == 0, outcome.err
    client, parent, children = family(runs)
    table = pd.read_csv(artifact(client, parent, "summary/study/claims.csv", tmp_path))
    assert set(table["metric"]) == {"cosine", "euclidean"}
    assert {"holds", "does not hold", "not applicable"} >= set(table["verdict"])
    files = {file.path.split("/")[-1] for file in client.list_artifacts(parent.info.run_id, "summary/study")}
    assert {f"fig{number}" for number in range(1, 9)} == {name.split("_")[0] for name in files} - {
        "claims.csv"
    }
    for run in children:
        own = pd.read_csv(artifact(client, run, "study/claims.csv", tmp_path / run.info.run_id))
        assert len(own) == (table["metric"] == run.data.tags["sweep.metric"]).sum()
