"""How alike class centroids are to themselves, and so how alike anything could be to them."""

import numpy as np
import pytest

from prh.inference import noise_ceiling
from prh.similarity import CKA, RSA

METRIC = RSA("euclidean")


def classes(noise, n=200, seed=0, centres=10):
    generator = np.random.default_rng(seed)
    labels = np.arange(n) % centres
    return generator.normal(size=(centres, 6))[labels] + noise * generator.normal(size=(n, 6)), labels


def test_without_noise_it_is_one_and_falls_with_noise():
    ceilings = [noise_ceiling(METRIC, *classes(noise)) for noise in (0.0, 2.0, 8.0)]
    assert ceilings[0].half == pytest.approx(1)
    assert ceilings[0].full == pytest.approx(1)
    assert 1 > ceilings[1].full > ceilings[2].full
    assert ceilings[1].low < ceilings[1].half < ceilings[1].high


def test_the_ceiling_is_the_root_of_the_reliability():
    found = noise_ceiling(METRIC, *classes(2.0))
    assert found.reliability == pytest.approx(2 * found.half / (1 + found.half))
    assert found.full == pytest.approx(np.sqrt(found.reliability))
    # How steeply the ceiling rises with the score of the halves, by a finite difference.
    rises = (np.sqrt(2 * (r := found.half + 1e-6) / (1 + r)) - found.full) / 1e-6
    wide = noise_ceiling(METRIC, *classes(2.0), n=400)
    assert found.se == pytest.approx(rises * (found.high - found.low) / (2 * 1.96), rel=0.35)
    assert found.se == pytest.approx(wide.se, rel=0.3)


def test_it_is_the_score_between_the_centroids_of_two_halves():
    x, labels = classes(1.0, n=20)
    found = noise_ceiling(METRIC, x, labels, n=300)
    # With two stimuli to a class a half is one stimulus, and there are 2^10 splits.
    generator = np.random.default_rng(1)
    scores, with_all = [], []
    for _ in range(300):
        first = np.arange(10) + 10 * generator.integers(0, 2, 10)
        scores.append(METRIC(x[first], x[(first + 10) % 20]))
        with_all.append(METRIC(x[first], (x[:10] + x[10:]) / 2))
    assert found.half == pytest.approx(np.mean(scores), abs=4 * np.std(scores) / np.sqrt(150))
    assert found.upper == pytest.approx(np.mean(with_all), abs=4 * np.std(with_all) / np.sqrt(150))


@pytest.mark.parametrize(("metric", "noise"), [(RSA("cosine"), 2.0), (CKA(unbiased=True), 1.0)])
def test_true_centroids_do_not_exceed_it_beyond_error(metric, noise):
    beyond, above_reliability, gaps, between = 0, 0, [], []
    for seed in range(50):
        generator = np.random.default_rng(seed)
        truth = generator.normal(size=(10, 20))
        x = truth[:, None] + noise * generator.normal(size=(10, 20, 20))
        score = metric(truth, x.mean(axis=1))
        found = noise_ceiling(metric, x.reshape(200, 20), np.repeat(np.arange(10), 20), n=20, seed=seed)
        beyond += score > found.full + 1.96 * found.se
        above_reliability += score > found.reliability
        gaps.append(score - found.full)
        between.append((found.half, metric(truth, x[:, ::2].mean(axis=1)), found.upper))
    assert beyond <= 6
    assert above_reliability >= 45
    assert np.mean(gaps) == pytest.approx(0, abs=0.03)
    lower, measured, upper = np.mean(between, axis=0)
    assert lower < measured < upper


def test_noise_alone_has_no_ceiling_to_speak_of():
    generator = np.random.default_rng(4)
    found = [noise_ceiling(METRIC, generator.normal(size=(200, 6)), np.arange(200) % 10) for _ in range(5)]
    assert all(0 <= ceiling.full < 0.7 for ceiling in found)
    assert all(np.isnan(ceiling.se) == (ceiling.full == 0) for ceiling in found)


def test_bad_labels_are_refused():
    x, labels = classes(1.0, 20)
    with pytest.raises(ValueError, match="labels must be one for each of the 20 rows"):
        noise_ceiling(METRIC, x, labels[:5])
    with pytest.raises(ValueError, match=r"class (0|11) has one row alone"):
        noise_ceiling(METRIC, x, np.where(np.arange(20) == 0, 11, labels))
