"""Intervals over stimuli."""

import numpy as np
import pytest

from prh.inference import bootstrap
from prh.inference.bootstrap import bags, bootstrap_counts, interval
from prh.similarity import RSA

METRIC = RSA("euclidean", "pearson")


def pair(n, seed, noise=1.0):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, 3))
    return x, x + noise * generator.normal(size=(n, 3))


def test_samples_have_the_size_of_the_original_and_enough_different_stimuli():
    counts = bootstrap_counts(5, 500, seed=0)
    assert (counts.sum(axis=1) == 5).all()
    assert ((counts > 0).sum(axis=1) >= 4).all()


def test_it_is_the_quantiles_of_the_resampled_scores():
    x, y = pair(15, 0)
    states = METRIC.prepare(x), METRIC.prepare(y)
    scores = [METRIC.compare(*(s.resample(c) for s in states)) for c in bootstrap_counts(15, 200, seed=4)]
    expected = np.quantile(scores, [0.05, 0.95])
    assert bootstrap(METRIC, x, y, n=200, seed=4, level=0.9) == pytest.approx(tuple(expected))


def test_it_covers_the_score_of_the_population():
    population = METRIC(*pair(2000, 0))
    inside = 0
    for seed in range(1, 61):
        low, high = bootstrap(METRIC, *pair(40, seed), n=200, seed=seed)
        inside += low <= population <= high
    assert inside >= 51


def test_more_stimuli_make_it_narrower():
    widths = [np.ptp(bootstrap(METRIC, *pair(n, 0), n=200)) for n in (20, 200)]
    assert widths[1] < widths[0] / 2


def test_samples_without_a_score_are_left_out():
    low, high = interval(np.array([[np.nan], [0.0], [1.0]]), 0.5)
    assert (low[0], high[0]) == (0.25, 0.75)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match="level"):
        bootstrap(METRIC, *pair(8, 0), level=level)


class InBags(RSA):
    """RSA that resamples more than 300 stimuli in bags."""

    @property
    def bag(self):
        return 150


def test_bags_hold_each_of_their_stimuli_once_and_samples_are_of_full_size():
    batches = list(bags(500, 40, 120, seed=0))
    assert [len(counts) - 1 for counts in batches] == [50, 50, 20]
    for own, *samples in batches:
        assert own.sum() == own.max() * 40 == 40
        assert all(sample.sum() == 500 and (own[sample > 0] == 1).all() for sample in samples)


def test_bags_say_what_samples_of_everything_say():
    x, y = pair(900, 0)
    low, high = bootstrap(METRIC, x, y, n=400)
    low_bags, high_bags = bootstrap(InBags("euclidean", "pearson"), x, y, n=400)
    width = high - low
    assert abs(low_bags - low) < 0.2 * width
    assert abs(high_bags - high) < 0.2 * width


def test_intervals_from_bags_cover_the_score_of_the_population():
    metric = InBags("euclidean", "spearman")
    population = metric(*pair(2000, 0))
    inside = 0
    for seed in range(1, 61):
        low, high = bootstrap(metric, *pair(320, seed), n=200, seed=seed)
        inside += low <= population <= high
    assert inside >= 52
