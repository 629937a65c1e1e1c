"""A study's claims: true where they were made true, false where not, undecided where nobody can tell."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import spearmanr

from prh.features import Features
from prh.findings.comparison import Comparison
from prh.findings.findings import Findings, Used
from prh.findings.question import Question
from prh.ground.build import build
from prh.ground.numbers import number as printed
from prh.inference import Permutation
from prh.run import CONF
from prh.similarity import RSA, cluster_scores, rdm, rsa
from prh.stimuli import StimulusSet
from prh.study import combined, tally
from prh.study.claim import FAILS, HOLDS, OPEN, SILENT, SUBSTITUTE, Claim, Part
from prh.study.evidence import substitutes
from prh.study.family import Family, above, below, both, max_min
from tests.sweep.test_sweep import FEW, artifact, family

NAMES = ("Sandal", "Sneaker", "Ankle boot", "Bag", "Coat", "Trouser", "Dress")
N = 140
LABELS = np.arange(N) % 7
STUDY = yaml.safe_load((CONF / "experiment" / "article.yaml").read_text())["study"]
ROLES = ("model", "reference", "text")
LAYERS = ("conv1", "layer1", "layer2", "layer3", "layer4", "avgpool")


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def found(model, reference, text, distance="cosine"):
    """What a run would have found with these features."""
    metric, judge = RSA(distance, "spearman"), Permutation(n_permutations=100, n_bootstrap=20)
    images = np.random.default_rng(7).integers(0, 255, (N, 1, 2, 2)).astype(np.uint8)
    stimuli = StimulusSet("toy", images, LABELS, NAMES, np.arange(N), "f", "here")
    features = {
        "model": Features("m", {k: np.asarray(v, np.float32) for k, v in model.items()}),
        "reference": Features("r", {k: np.asarray(v, np.float32) for k, v in reference.items()}),
        "text": Features("t", {"embedding": text.astype(np.float32)}, "classes"),
    }
    read = {role: features[role].by_class(LABELS, 7) for role in ("model", "reference")}
    read["text"] = features["text"]
    grids = [
        ("model_vs_reference", features["model"], features["reference"], metric),
        ("model_vs_text", read["model"], read["text"], metric.for_text()),
        ("reference_vs_text", read["reference"], read["text"], metric.for_text()),
    ]
    comparisons = [
        Comparison(
            pair, a.encoder, b.encoder, "", judge.judge(metric, prepared(metric, a), prepared(other, b))
        )
        for pair, a, b, other in grids
    ]
    encoders = {role: Used(role, "here") for role in ROLES}
    return Findings(Question(metric, judge), stimuli, encoders, features, read, comparisons, {}, None)


def prepared(metric, features):
    return {name: metric.prepare(matrix) for name, matrix in features.items()}


def judged(*arguments, **changes):
    """The claims by number, each tested when it is asked for."""
    return Judged(build({**STUDY, **changes}).sentences(found(*arguments)))


class Judged(dict):
    def __init__(self, sentences):
        super().__init__({sentence.number: sentence for sentence in sentences})

    def __getitem__(self, number):
        return Claim.of(self.get(number))


@pytest.fixture(scope="module")
def as_said():
    """Networks of which most of what the article says is true.

    Classes lie far apart, three of them beside each other. The reference's early layers are like the model's
    middle ones, its last is not.
    """
    centres = 2.5 * noise(7, 24)
    centres += np.where(np.arange(7) < 3, 5, -5)[:, None] * noise(24, seed=1)
    clean = centres[LABELS]
    amounts = dict(zip(LAYERS, (2.0, 1.2, 0.5, 0.55, 3.5, 0.15), strict=True))
    own = {layer: noise(N, 24, seed=i) for i, layer in enumerate(LAYERS)}
    shared = noise(N, 24, seed=20)
    model = {layer: clean + amount * own[layer] for layer, amount in amounts.items()}
    for layer in ("layer2", "layer3"):
        model[layer] = clean + 1.2 * shared + 0.2 * own[layer]
    reference = {
        "conv1": clean + 1.2 * shared + 0.2 * noise(N, 24, seed=31),
        "conv2": clean + 1.2 * shared + 0.2 * noise(N, 24, seed=32),
        "avgpool": clean + 0.9 * shared + 0.9 * noise(N, 24, seed=33),
    }
    return model, reference, centres


@pytest.mark.parametrize("number", ["1", "3", "9", "10", "13", "14b"])
def test_what_was_made_true_holds(as_said, number):
    claim = judged(*as_said)[number]
    assert claim.verdict == HOLDS, claim


def test_what_was_made_false_does_not(as_said):
    model, reference, centres = as_said
    model = {**model, "layer1": model["layer2"], "layer2": model["layer1"], "layer3": model["conv1"]}
    model["layer4"], model["avgpool"] = model["avgpool"], noise(N, 24, seed=50)
    claims = judged(model, {**reference, "avgpool": noise(N, 24, seed=51)}, centres)
    for number in ("1", "3", "4", "5b", "9"):
        assert claims[number].verdict == FAILS, claims[number]


def test_the_network_that_clusters_better_is_found(as_said):
    model, reference, centres = as_said
    assert judged(*as_said)["2"].verdict == FAILS
    swapped = {**reference, "avgpool": model["avgpool"]}
    assert judged({**model, "avgpool": reference["avgpool"]}, swapped, centres)["2"].verdict == HOLDS


def test_layers_alike_but_for_noise_are_undecided(as_said):
    _, reference, centres = as_said
    twins = {layer: centres[LABELS] + 1.5 * noise(N, 24, seed=60 + i) for i, layer in enumerate(LAYERS)}
    claims = judged(twins, reference, centres)
    assert {claims[number].verdict for number in ("3", "9")} == {OPEN}


def test_a_layer_that_holds_the_very_numbers_of_another_is_named_and_not_counted(as_said):
    model, reference, centres = as_said
    claim = judged({**model, "layer4": model["avgpool"]}, reference, centres)["4"]
    assert "m layer4, averaged over positions, is avgpool" in claim.measured
    assert not any("layer4" in part.what for part in claim.parts)


@pytest.mark.parametrize(
    ("role", "distance", "judged"),
    [
        ("model", "cosine", {"5a", "5b", "14a", "14b", "14c"}),
        ("model", "euclidean", set()),
        ("reference", "cosine", {"3"}),
        ("text", "cosine", {"1", "2", "3", "4", "5a", "5b", "7", "8", "9", "10", "11", "12b", "13"}),
    ],
)
def test_what_is_said_of_a_network_is_not_said_of_its_substitute(as_said, role, distance, judged):
    run = found(*as_said, distance)
    for used in ROLES:
        assert substitutes(run).get(used) is None
    run.encoders[role] = replace(run.encoders[role], substitute="fitted")
    claims = build(STUDY).claims(run)
    assert {claim.number for claim in claims if claim.verdict != SUBSTITUTE} == judged
    assert SUBSTITUTE == "not applicable: substitute"
    name = run.features[role].encoder
    for claim in claims:
        if claim.verdict == SUBSTITUTE:
            assert claim.measured.startswith(f"{name} is not what this is about; there ")
            assert claim.parts or claim.number == "14b" or claim.number == "14a"


def test_a_tally_counts_substitutes_apart():
    assert tally([HOLDS, SUBSTITUTE, SILENT, SUBSTITUTE]) == (
        "1 hold, 0 do not, 0 undecided, 1 not applicable, 2 not applicable: substitute"
    )


def test_every_claim_is_judged_by_one_of_the_two_distances(as_said):
    cosine, euclidean = judged(*as_said), judged(*as_said, "euclidean")
    assert " ".join(cosine) == "1 2 3 4 5a 5b 7 8 9 10 11 12b 13 14a 14b 14c"
    assert " ".join(euclidean) == "6 7 8 9 12a 13"
    for claims, number in ((c, number) for c in (cosine, euclidean) for number in c):
        claim = claims[number]
        assert claim.verdict in (HOLDS, FAILS, OPEN), claim
        assert all(part.low <= part.value <= part.high for part in claim.parts), claim


def test_layers_that_know_only_brightness_score_one(as_said):
    model, reference, centres = as_said
    run = found(*as_said, "euclidean")
    brightness = run.stimuli.images.reshape(N, -1).mean(axis=1)[:, None]
    dim = {layer: brightness * noise(1, 5, seed=i) for i, layer in enumerate(("conv1", "conv2"))}
    claim = judged({**model, "conv1": brightness}, {**reference, **dim}, centres, "euclidean")["6"]
    assert claim.verdict == HOLDS
    assert "m conv1 1.000, r conv1 1.000, r conv2 1.000" in claim.measured
    other = judged(model, reference, centres, "euclidean")["6"]
    assert other.verdict == FAILS
    value = spearmanr(rdm(model["conv1"], "euclidean"), rdm(brightness, "euclidean")).statistic
    assert f"m conv1 {printed(value)}" in other.measured


def test_numbers_are_the_runs_own(as_said):
    model, reference, _ = as_said
    claims = judged(*as_said)
    score = cluster_scores(model["layer2"], np.isin(LABELS, [0, 1, 2]))
    parts = {part.what: part.value for part in claims["1"].parts}
    assert parts["m layer2, silhouette"] == pytest.approx(score.silhouette, abs=1e-5)
    assert parts["m layer2, purity"] == pytest.approx(score.purity, abs=1e-5)
    for part in claims["7"].parts:
        early, layer = part.what.split(" − avgpool, ")
        gain = rsa(model[layer], reference[early]) - rsa(model[layer], reference["avgpool"])
        assert part.value == pytest.approx(gain, abs=1e-4)


def test_the_class_that_spoils_the_agreement_is_found():
    centres, spoilt = noise(7, 16), noise(7, 16)
    spoilt[3] = -10 * noise(16, seed=5)
    layers = dict.fromkeys(("conv1", "conv2", "avgpool"), spoilt[LABELS] + 0.05 * noise(N, 16, seed=2))
    claim = judged(layers, layers, centres)["14c"]
    assert claim.verdict == HOLDS
    rest = [0, 1, 2, 4, 5, 6]
    centroids = np.stack([layers["avgpool"][label == LABELS].mean(axis=0) for label in range(7)])
    gain = rsa(centroids[rest], centres[rest]) - rsa(centroids, centres)
    assert f"without it {gain:+.3f}" in claim.measured
    assert judged(layers, layers, centres, outlier="Coat")["14c"].verdict == FAILS


def test_the_reported_score_is_met_missed_or_undecided(as_said):
    measured = judged(*as_said)["14a"].measured
    low, high = map(float, measured.split("[")[1].strip("]").split(", "))
    for reported, verdict in (((low + high) / 2, HOLDS), (low - 0.04, OPEN), (low - 0.06, FAILS)):
        assert judged(*as_said, rsa=reported)["14a"].verdict == verdict


def test_a_run_without_the_layers_classes_or_words_says_so(as_said):
    layers = {"a": noise(N, 4), "b": noise(N, 4, seed=1)}
    claims = judged(layers, layers, noise(7, 4))
    assert claims["4"].measured == "this run has no 'avgpool' in m"
    assert {claims[number].verdict for number in ("3", "4", "7", "8", "9", "10", "12b")} == {SILENT}
    assert judged(*as_said, marked=["Hat"])["5a"].measured == "this run has no 'Hat'"
    run = replace(found(*as_said), read={})
    wordless = Judged(build(STUDY).sentences(run))
    assert {wordless[number].verdict for number in ("14a", "14b", "14c")} == {SILENT}


def test_what_is_said_of_families():
    a, b = Part("a", 1.0, 0.5, 1.5), Part("b", 0.2, -0.1, 0.5)
    pair = Family((a, b))
    assert pair.least() == b
    assert pair.most() == a
    assert pair.count() == (2, 1, 2)
    assert [above(part) for part in (a, b, Part("c", -1, -2, -0.5), Part("d", 0, 0, 0))] == [
        HOLDS,
        OPEN,
        FAILS,
        FAILS,
    ]
    assert [below(part, 0.5) for part in (a, b, Part("c", 0, -1, 0.4))] == [FAILS, OPEN, HOLDS]
    assert [pair.within(margin) for margin in (2, 1, 0.4)] == [HOLDS, OPEN, FAILS]
    assert [both(HOLDS, OPEN), both(FAILS, OPEN), both(HOLDS, HOLDS)] == [OPEN, FAILS, HOLDS]
    assert max_min([(a, b), (a,)], ["x", "y"]) == Part("y", 1.0, 0.5, 1.5)
    assert tally([HOLDS, HOLDS, FAILS, SILENT]) == "2 hold, 1 do not, 0 undecided, 1 not applicable"


def test_the_articles_study_is_gathered_on_the_parent(prh, runs, tmp_path):
    outcome = prh("+experiment=article", *FEW, "dataset.n=64", "model=fashion_cnn")
    assert outcome.code == 0, outcome.err
    client, parent, children = family(runs)
    table = pd.read_csv(artifact(client, parent, "summary/study/claims.csv", tmp_path))
    assert set(table["metric"]) == {"cosine", "euclidean"}
    assert {HOLDS, FAILS, OPEN, SILENT} >= set(table["verdict"])
    numbers = [int(str(number).rstrip("abc")) for number in table["number"]]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 15))
    files = {file.path.split("/")[-1] for file in client.list_artifacts(parent.info.run_id, "summary/study")}
    tables = {"claims.csv", "claims_by_layer.csv"}
    page = Path(client.download_artifacts(parent.info.run_id, "summary/report.html", tmp_path)).read_text()
    by_number = table.assign(number=numbers).groupby("number")["verdict"].agg(combined)
    said = f"14 claims: {tally(by_number)}"
    assert said in page
    assert said in outcome.out
    assert all(f"Figure {number}: " in page for number in range(1, 9))
    assert {f"fig{number}" for number in range(1, 9)} == {name.split("_")[0] for name in files - tables}
    for run in children:
        own = pd.read_csv(artifact(client, run, "study/claims.csv", tmp_path / run.info.run_id))
        assert len(own) == (table["metric"] == run.data.tags["sweep.metric"]).sum()
