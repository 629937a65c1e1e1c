"""Intervals for scores of class centroids cover what they speak of."""

import numpy as np
import pytest

from prh.inference.centroids import over_both, over_images, two_factor_variance
from prh.similarity import CKA, RSA, MutualKNN

METRIC = RSA("euclidean")


def images(classes=10, each=20, noise=2.0, seed=0):
    """Images around class means, and words that know these means but for some noise."""
    generator = np.random.default_rng(seed)
    means = generator.normal(size=(classes, 8))
    words = means + 0.7 * generator.normal(size=means.shape)
    return means, words, np.repeat(np.arange(classes), each), noise


def drawn(means, labels, noise, generator):
    return means[labels] + noise * generator.normal(size=(len(labels), means.shape[1]))


@pytest.mark.parametrize("metric", [METRIC, CKA(unbiased=True)], ids=["rsa", "cka"])
def test_other_images_of_these_classes_stay_within_the_interval(metric):
    means, words, labels, noise = images()
    generator = np.random.default_rng(1)
    scores, spreads = [], []
    for seed in range(50):
        x = drawn(means, labels, noise, generator)
        scores.append(metric(np.stack([x[labels == c].mean(axis=0) for c in range(10)]), words))
        spreads.append(over_images(metric, x, words, labels, n=50, seed=seed))
    expected = np.mean(scores)
    covered = np.mean([spread.ci_low <= expected <= spread.ci_high for spread in spreads])
    assert covered >= 0.88
    errors = np.sqrt(np.mean([spread.se**2 for spread in spreads]))
    assert errors == pytest.approx(np.std(scores, ddof=1), rel=0.3)


def test_it_is_the_spread_of_centroids_of_drawn_images():
    means, words, labels, noise = images(each=30)
    x = drawn(means, labels, noise, np.random.default_rng(2))
    generator, scores = np.random.default_rng(3), []
    for _ in range(400):
        rows = np.concatenate([generator.choice(np.flatnonzero(labels == c), 30) for c in range(10)])
        scores.append(METRIC(np.stack([x[rows[labels == c]].mean(axis=0) for c in range(10)]), words))
    assert over_images(METRIC, x, words, labels, n=400).se == pytest.approx(np.std(scores), rel=0.15)


def test_two_sides_of_the_same_images_are_drawn_alike():
    means, _, labels, noise = images()
    x = drawn(means, labels, noise, np.random.default_rng(4))
    same = over_images(METRIC, x, 3 * x + 1, labels, n=40)
    assert same.se == pytest.approx(0, abs=1e-9)
    other = over_images(METRIC, x, drawn(means, labels, noise, np.random.default_rng(5)), labels, n=40)
    assert other.se > 0.01


def test_without_noise_images_add_nothing_to_classes():
    means, words, labels, _ = images(each=4)
    x = means[labels]
    assert over_images(METRIC, x, words, labels, n=40).se == pytest.approx(0, abs=1e-9)
    both = over_both(METRIC, x, words, labels, n=200)
    alone = over_both(METRIC, means.repeat(2, axis=0), words, np.repeat(np.arange(10), 2), n=200)
    assert both.se == pytest.approx(alone.se)
    assert both.se > 0.02


def test_other_classes_and_images_stay_within_the_interval_over_both():
    scores, spreads = [], []
    for seed in range(40):
        means, words, labels, noise = images(each=8, noise=3.0, seed=seed)
        x = drawn(means, labels, noise, np.random.default_rng(seed + 1000))
        scores.append(METRIC(np.stack([x[labels == c].mean(axis=0) for c in range(10)]), words))
        spreads.append(over_both(METRIC, x, words, labels, n=15, seed=seed))
    expected = np.mean(scores)
    covered = np.mean([spread.ci_low <= expected <= spread.ci_high for spread in spreads])
    assert covered >= 0.88


@pytest.mark.parametrize(
    ("images", "classes", "both", "expected"),
    [(1.0, 4.0, 7.0, 3.0 + 1.0), (1.0, 4.0, 5.5, 4.5), (1.0, 1.0, 1.5, 1.5), (0.0, 2.0, 1.0, 2.0)],
)
def test_the_correction_takes_the_noise_off_twice_and_keeps_its_bounds(images, classes, both, expected):
    assert two_factor_variance(images, classes, both) == pytest.approx(expected)


def test_level_and_rows_are_checked():
    means, words, labels, noise = images(each=3)
    x = drawn(means, labels, noise, np.random.default_rng(0))
    narrow, wide = (over_images(METRIC, x, words, labels, n=50, level=level) for level in (0.5, 0.99))
    assert wide.ci_low < narrow.ci_low < narrow.ci_high < wide.ci_high <= 1
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        over_images(METRIC, x, words, labels, level=1)
    with pytest.raises(ValueError, match="labels must be one for each of the 30 rows"):
        over_images(METRIC, x, words, labels[:4])
    with pytest.raises(ValueError, match="30 images or 10 classes, not 7"):
        over_images(METRIC, x, words[:7], labels)
    alone = over_images(MutualKNN(3), x[::3], words, np.arange(10), n=20)
    assert np.isnan([alone.se, alone.ci_low]).all()
