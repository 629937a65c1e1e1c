"""How much of a likeness is that both sides see the same classes."""

import numpy as np
import pytest

from prh.inference.explained import explained
from prh.similarity import RSA, MutualKNN

METRIC = RSA("euclidean")
LABELS = np.arange(60) % 6


def sides(classes, shared, seed=0):
    """Two representations that share their classes, and single stimuli, as far as asked."""
    generator = np.random.default_rng(seed)
    centres, own = generator.normal(size=(6, 5)), generator.normal(size=(60, 5))
    return [
        METRIC.prepare(classes * centres[LABELS] + shared * own + generator.normal(size=(60, 5)))
        for _ in range(2)
    ]


def test_it_is_its_definition():
    a, b = sides(2, 1)
    generator = np.random.default_rng(9)
    free, within = [], []
    for _ in range(1000):
        order = generator.permutation(60)
        free.append(METRIC.compare(a, b.permute(order)))
        for label in range(6):
            members = np.flatnonzero(label == LABELS)
            order[members] = generator.permutation(members)
        within.append(METRIC.compare(a, b.permute(order)))
    expected = (np.mean(within) - np.mean(free)) / (METRIC.compare(a, b) - np.mean(free))
    assert explained(METRIC, a, b, LABELS) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(("classes", "shared", "low", "high"), [(4, 0, 0.97, 1.03), (0, 2, -0.03, 0.03)])
def test_it_is_one_where_classes_are_all_and_zero_where_they_are_nothing(classes, shared, low, high):
    assert low < explained(METRIC, *sides(classes, shared), LABELS) < high


@pytest.mark.parametrize("labels", [np.zeros(60, dtype=int), np.arange(60)])
def test_one_class_or_a_class_each_explains_nothing(labels):
    assert np.isnan(explained(METRIC, *sides(1, 1), labels))


def test_there_is_nothing_to_explain_in_noise():
    found = [explained(METRIC, *sides(0, 0, seed), LABELS, n=50) for seed in range(20)]
    assert np.mean(np.isnan(found)) > 0.8


def test_neighbours_have_a_share_too():
    generator = np.random.default_rng(0)
    x = 3 * np.eye(6)[LABELS] + generator.normal(size=(60, 6))
    metric = MutualKNN(5)
    share = explained(metric, metric.prepare(x), metric.prepare(x + generator.normal(size=x.shape)), LABELS)
    assert 0.1 < share < 0.9
