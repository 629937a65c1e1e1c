"""Intervals over stimuli: how often they hold the mean score, and what they are made of."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from prh.inference import Permutation, influences, intervals, score_interval
from prh.similarity import CKA, CKNNA, RSA, SVCCA, CycleKNN, JaccardKNN, MutualKNN, Procrustes
from prh.similarity.influence import Influence

KINDS = [RSA("euclidean", "pearson"), CKA(unbiased=True), MutualKNN(5), CKNNA(5), Procrustes(), SVCCA(3)]


def by_name(metrics):
    return pytest.mark.parametrize("metric", metrics, ids=lambda metric: metric.name)


MIXED = np.random.default_rng(99).normal(size=(2, 4, 8))


def pair(n, seed, noise=1.0):
    """Features of 8 columns, of which four directions of unequal size are shared but for noise."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, 4)) * [4, 3, 2, 1]
    y = x + noise * generator.normal(size=(n, 4)) * [4, 3, 2, 1]
    return x @ MIXED[0], y @ MIXED[1]


def coverage(metric, draw, repetitions):
    """Returns how often intervals hold the mean score of all samples, and the ratio of standard errors."""
    scores, ends, errors = [], [], []
    for seed in range(repetitions):
        x, y, *groups = draw(seed)
        a, b = metric.prepare(x), metric.prepare(y)
        scores.append(metric.compare(a, b))
        found = influences(metric, [a], [b], *groups, seed=seed)
        ends.append([float(end[0, 0]) for end in intervals(metric, np.array([[scores[-1]]]), found)])
        errors.append(found.se[0, 0])
    middle = np.mean(scores)
    held = [low <= middle <= high for low, high in ends]
    return np.mean(held), np.sqrt(np.mean(np.square(errors))) / np.std(scores, ddof=1)


@by_name([*KINDS, JaccardKNN(5), MutualKNN(1), MutualKNN(25)])
def test_intervals_hold_the_mean_score_of_other_samples(metric):
    # 82 % would pass one time in a hundred thousand.
    held, ratio = coverage(metric, lambda seed: pair(120, seed), 150)
    assert held >= 0.91
    assert 0.9 <= ratio <= 1.35


@by_name([RSA("euclidean", "pearson"), MutualKNN(3), CKA(unbiased=True), SVCCA(3)])
def test_so_do_those_of_few_classes(metric):
    held, _ = coverage(metric, lambda seed: pair(12, seed), 150)
    assert held >= 0.91


def grouped(seed, groups=60, each=4):
    """Stimuli in groups that are nearly copies, in both representations."""
    generator = np.random.default_rng(seed)
    x = np.repeat(generator.normal(size=(groups, 5)), each, axis=0)
    y = x + np.repeat(generator.normal(size=(groups, 5)), each, axis=0)
    labels = np.repeat(np.arange(groups), each)
    noise = 0.05 * generator.normal(size=(2, *x.shape))
    return x + noise[0], y + noise[1], labels


@by_name([RSA("euclidean", "pearson"), CKA(unbiased=True)])
def test_groups_vary_as_one(metric):
    held, ratio = coverage(metric, grouped, 100)
    alone, narrow = coverage(metric, lambda seed: grouped(seed)[:2], 100)
    assert held >= 0.9
    assert 0.85 <= ratio <= 1.3
    assert narrow < 0.7
    assert alone < 0.85


def test_more_stimuli_make_it_narrower():
    widths = [np.ptp(score_interval(KINDS[0], *pair(n, 0))) for n in (60, 600)]
    assert widths[1] < widths[0] / 2


@by_name([RSA("euclidean"), CKA(), Procrustes()])
def test_so_many_are_enough(metric, monkeypatch):
    """Standard errors from some of the stimuli are those from all."""
    x, y = pair(2500, 0)
    states = [metric.prepare(x)], [metric.prepare(y)]
    some = influences(metric, *states).se[0, 0]
    monkeypatch.setattr(type(metric), "enough", None)
    assert some == pytest.approx(influences(metric, *states).se[0, 0], rel=0.1)


def test_whole_groups_are_drawn_where_some_stimuli_are_enough(monkeypatch):
    x, y, groups = grouped(0, groups=300)
    metric = RSA("euclidean", "pearson")
    states = [metric.prepare(x)], [metric.prepare(y)]
    exact = influences(metric, *states, groups).se[0, 0]
    monkeypatch.setattr(type(metric), "enough", 500)
    found = influences(metric, *states, groups)
    assert np.bincount(np.unique(found.clusters, return_inverse=True)[1]).min() == 4
    assert found.se[0, 0] == pytest.approx(exact, rel=0.25)


def test_ends_stay_where_scores_can_lie():
    low, high = score_interval(MutualKNN(3), *pair(12, 0, noise=5))
    assert 0 <= low < high <= 1
    assert score_interval(RSA(), *pair(6, 1))[1] <= 1


def test_a_share_near_one_has_an_interval_inside():
    # Of 80 that all come back, as many as 4 in 80 may not in another sample (Wilson 1927).
    none = Influence(np.zeros((80, 1)), np.zeros((1, 1)), 0.75)
    low, high = intervals(CycleKNN(5), np.array([1.0]), none)
    assert (low[0], high[0]) == pytest.approx((1 / (1 + 1.99**2 / 80), 1), abs=1e-3)
    scattered = Influence(np.random.default_rng(0).normal(size=(80, 1)) / 5, np.zeros((1, 1)), 0.75)
    low, high = intervals(CycleKNN(5), np.array([0.99]), scattered)
    assert 0.99 - low[0] > 3 * (high[0] - 0.99) > 0


def test_too_few_to_vary_have_no_interval():
    x, y = pair(30, 0)
    low, high = score_interval(RSA(), x, y, groups=np.arange(30) % 2)
    assert np.isnan([low, high]).all()


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match="level"):
        score_interval(KINDS[0], *pair(60, 0), level=level)


@dataclass(frozen=True)
class Plain(RSA):
    """RSA that does not say what stimuli contribute, as a metric of one's own need not."""

    def influence(self, a, b, signs):
        return None


def test_a_metric_that_says_nothing_has_stimuli_left_out():
    plain, known = Plain("euclidean", "pearson"), RSA("euclidean", "pearson")
    x, y = pair(200, 3)
    ratio = np.ptp(score_interval(plain, x, y)) / np.ptp(score_interval(known, x, y))
    assert 0.7 < ratio < 1.5
    held, _ = coverage(plain, lambda seed: pair(80, seed), 60)
    assert held >= 0.88


def test_the_judge_says_the_same_of_every_cell():
    x, y = pair(80, 0)
    metric, judge = RSA("cosine"), Permutation(n_permutations=20, level=0.9)
    a = {"near": metric.prepare(y), "dead": None, "far": metric.prepare(pair(80, 5)[0])}
    grid = judge.judge(metric, a, {"x": metric.prepare(x)})
    for row, z in ((0, y), (2, pair(80, 5)[0])):
        low, high = score_interval(metric, z, x, level=0.9)
        assert (grid.ci_low[row, 0], grid.ci_high[row, 0]) == pytest.approx((low, high), abs=1e-4)
    assert np.isnan(grid.se[1, 0])


def test_groups_reach_the_judge():
    from prh.inference.design import Design

    x, y, groups = grouped(0)
    metric = RSA("euclidean")
    states = {"x": metric.prepare(x)}, {"y": metric.prepare(y)}
    judge = Permutation(n_permutations=20)
    alone = judge.judge(metric, *states)
    together = judge.judge(metric, *states, design=replace(Design(), groups=groups))
    assert together.se[0, 0] > 1.3 * alone.se[0, 0]
