"""What is recorded of a pair beside its grid is what the library says of the same features."""

import numpy as np
import pytest

from prh.features import Features
from prh.findings.controls import PIXELS, Controls
from prh.findings.further import Judged, further
from prh.findings.remarks import remarks
from prh.ground.build import build
from prh.ground.conf import CONF
from prh.inference import NoInference, Permutation, noise_ceiling
from prh.inference.beyond import beyond, class_features
from prh.inference.ceilings import of_ceiling
from prh.inference.centroids import over_images
from prh.inference.score import Score
from prh.similarity import RSA, MutualKNN
from prh.stimuli import StimulusSet

INFERENCE = Permutation(n_permutations=10, n_bootstrap=10, seed=3)


def stimuli_of(labels):
    n = len(labels)
    names = tuple(map(str, range(labels.max() + 1)))
    return StimulusSet("x", np.zeros((n, 1, 2, 2), np.uint8), labels, names, np.arange(n), "f", "here")


@pytest.fixture
def sides():
    generator = np.random.default_rng(0)
    labels = np.arange(60) % 6
    means = generator.normal(size=(6, 5))
    a = {name: means[labels] + generator.normal(size=(60, 5)) for name in ("early", "late")}
    b = {"only": means[labels] + generator.normal(size=(60, 5))}
    return Features("seeing", a), Features("other", b), labels, generator.normal(size=(60, 7))


def judged(metric, pair, a, b, rows):
    states = tuple({name: metric.prepare(x) for name, x in side.items()} for side in (rows, b))
    return Judged(pair, INFERENCE.judge(metric, *states), metric, metric, a, b, states)


def test_stimuli_get_every_control_and_the_cross_fitted_best(sides):
    a, b, labels, pixels = sides
    metric = RSA("cosine")
    controls = Controls(labels, {"pixels": {"model": pixels, "reference": pixels}})
    found = further(judged(metric, "model_vs_reference", a, b, a), INFERENCE, controls, stimuli_of(labels))
    classes = class_features(metric, labels)
    for name, given in (("pixels", [pixels]), ("classes", [classes]), ("all", [pixels, classes])):
        expected = beyond(metric, a["late"], b["only"], given)
        assert found[f"last.beyond_{name}"] == pytest.approx(expected.value)
        assert found[f"last.beyond_{name}.ci_low"] == pytest.approx(expected.ci_low)
    assert found["best.crossfit"] <= 1
    assert found["best.crossfit_sd"] >= 0


def test_metrics_of_neighbours_have_no_score_beyond_all_controls_at_once(sides):
    a, b, labels, pixels = sides
    controls = Controls(labels, {"pixels": {"model": pixels, "reference": pixels}})
    found = further(
        judged(MutualKNN(5), "model_vs_reference", a, b, a), INFERENCE, controls, stimuli_of(labels)
    )
    assert {"last.beyond_pixels", "last.beyond_classes"} <= set(found)
    assert "last.beyond_all" not in found


def test_class_centroids_get_their_images_interval_and_ceiling(sides):
    a, _, labels, _ = sides
    text = Features("reading", {"only": np.random.default_rng(1).normal(size=(6, 4))}, rows="classes")
    metric = RSA("cosine")
    pair = judged(metric, "model_vs_text", a, text, a.by_class(labels, 6))
    found = further(pair, INFERENCE, Controls(labels, {}), stimuli_of(labels))
    spread = over_images(metric, a["late"], text["only"], labels, INFERENCE.n_bootstrap, seed=3)
    assert found["last.ci_images_low"] == pytest.approx(spread.ci_low)
    assert found["last.se_images"] == pytest.approx(spread.se)
    assert found["last.ceiling"] == pytest.approx(noise_ceiling(metric, a["late"], labels, seed=3).full)
    assert found["last.se_both"] >= found["last.se_images"]
    assert {"last.ci_both_low", "last.ci_both_high", "best.crossfit"} <= set(found)
    assert not any("beyond" in name for name in found)


def test_without_inference_nothing_is_added(sides):
    a, b, labels, _ = sides
    pair = judged(RSA("cosine"), "model_vs_reference", a, b, a)
    assert further(pair, NoInference(), Controls(labels, {}), stimuli_of(labels)) == {}


def test_pixels_are_no_control_for_pixels():
    matrix = np.zeros((4, 2), np.float32)
    controls = Controls(None, {"pixels": {"model": matrix}, "random_twin": {"model": matrix}})
    assert set(controls.of("model_vs_text")) == {"pixels", "random_twin"}
    assert set(controls.of("model_vs_reference")) == {"random_twin"}
    assert controls.of("reference_vs_text") == {}


def test_the_pixels_are_those_of_the_pixels_model():
    from omegaconf import OmegaConf

    assert build(OmegaConf.to_container(OmegaConf.load(CONF / "model" / "pixels.yaml"))) == PIXELS


@pytest.mark.parametrize("metric", [RSA("cosine"), MutualKNN(5)], ids=["rsa", "knn"])
def test_a_second_version_of_the_stimuli_gives_ceilings_and_what_changes_with_it(metric, sides):
    a, b, labels, _ = sides
    generator = np.random.default_rng(1)
    again = {"text": b["only"] + 0.5 * generator.normal(size=b["only"].shape)}
    controls = Controls(None, {}, again)
    found = further(judged(metric, "model_vs_text", a, b, a), INFERENCE, controls, stimuli_of(labels))
    last, first, second = (metric.prepare(x) for x in (a["late"], b["only"], again["text"]))
    assert found["last.text_again"] == metric.compare(first, second)
    difference = metric.compare(last, first) - metric.compare(last, second)
    assert found["last.less_text_again"] == pytest.approx(difference)
    expected = of_ceiling(((metric, last), (metric, first)), (None, second), seed=INFERENCE.seed)
    assert found["last.of_ceiling"] == expected.value
    assert found["last.of_ceiling.ci_low"] == expected.ci_low < expected.value < expected.ci_high
    assert "last.model_again" not in found
    (said,) = [line for line in remarks(found, Score(0.5)) if "second version" in line]
    assert said.startswith("last, text with itself on the second version of the stimuli: ")
    assert "the score as a share of that, chance 0: " in said
    assert "less what it is with the text on the second version: " in said


def test_what_two_share_of_one_drawing_is_not_read_against_another(sides):
    a, b, labels, _ = sides
    metric, generator = RSA("cosine"), np.random.default_rng(1)
    again = {"model": a["late"], "reference": b["only"] + generator.normal(size=b["only"].shape)}
    controls = Controls(None, {}, again)
    found = further(judged(metric, "model_vs_reference", a, b, a), INFERENCE, controls, stimuli_of(labels))
    assert {"last.model_again", "last.reference_again", "last.less_model_again"} <= found.keys()
    assert "last.of_ceiling" not in found
    (said,) = [line for line in remarks(found, Score(0.5)) if "second version" in line]
    assert "share" not in said
