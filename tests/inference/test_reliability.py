"""How alike class centroids are to themselves."""

import numpy as np
import pytest

from prh.inference import noise_ceiling
from prh.similarity import RSA

METRIC = RSA("euclidean")


def classes(noise, n=200, seed=0):
    generator = np.random.default_rng(seed)
    labels = np.arange(n) % 10
    return generator.normal(size=(10, 6))[labels] + noise * generator.normal(size=(n, 6)), labels


def test_without_noise_it_is_one_and_falls_with_noise():
    ceilings = [noise_ceiling(METRIC, *classes(noise)) for noise in (0.0, 2.0, 8.0)]
    assert ceilings[0].half == pytest.approx(1)
    assert 1 > ceilings[1].half > ceilings[2].half
    assert ceilings[1].low < ceilings[1].half < ceilings[1].high
    assert ceilings[1].full == pytest.approx(2 * ceilings[1].half / (1 + ceilings[1].half))


def test_it_is_the_score_between_the_centroids_of_two_halves():
    x, labels = classes(1.0, n=20)
    found = noise_ceiling(METRIC, x, labels, n=300)
    # With two stimuli to a class a half is one stimulus, and there are 2^10 splits.
    generator = np.random.default_rng(1)
    scores = []
    for _ in range(300):
        first = np.arange(10) + 10 * generator.integers(0, 2, 10)
        scores.append(METRIC(x[first], x[(first + 10) % 20]))
    assert found.half == pytest.approx(np.mean(scores), abs=4 * np.std(scores) / np.sqrt(150))


def test_what_full_predicts_is_seen_with_twice_the_stimuli():
    small, large = noise_ceiling(METRIC, *classes(4.0, 400)), noise_ceiling(METRIC, *classes(4.0, 800))
    assert small.full == pytest.approx(large.half, abs=0.1)


def test_bad_labels_are_refused():
    x, labels = classes(1.0, 20)
    with pytest.raises(ValueError, match="labels must be one for each of the 20 rows"):
        noise_ceiling(METRIC, x, labels[:5])
    with pytest.raises(ValueError, match=r"class (0|11) has one row alone"):
        noise_ceiling(METRIC, x, np.where(np.arange(20) == 0, 11, labels))
