"""Scores under cyclic shifts of the stimuli."""

import numpy as np
import pytest

from prh.similarity import CKA, RSA, MutualKNN
from prh.similarity.shifts import shift_orders

METRICS = [
    RSA("cosine", "spearman"),
    RSA("euclidean", "pearson"),
    RSA("euclidean", "cosine"),
    RSA("euclidean", "kendall"),
    CKA(),
    CKA(unbiased=True),
    CKA(kernel="rbf"),
    MutualKNN(5),
]


def layers(n, seed):
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=(n, 4))
    return [shared + generator.normal(size=(n, 4)) for _ in range(5)]


def test_a_shift_moves_every_stimulus_on_along_the_order():
    order = np.array([3, 0, 2, 1])
    assert shift_orders(order, np.array([0, 1])).tolist() == [[0, 1, 2, 3], [2, 3, 1, 0]]


@pytest.mark.parametrize("n", [40, 41, 90])
@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_all_at_once_are_the_permutations_one_by_one(metric, n):
    states = [metric.prepare(x) for x in layers(n, 0)]
    order = np.random.default_rng(1).permutation(n)
    shifts = np.array([0, 1, n // 2, n // 2 + 1, n - 1])
    found = metric.shifted(states[:2], states[2:], order, shifts)
    for row, permutation in zip(found, shift_orders(order, shifts), strict=True):
        expected = [[metric.compare(a, b.permute(permutation)) for b in states[2:]] for a in states[:2]]
        # Kendall's permutations come from a table of rank classes.
        np.testing.assert_allclose(row, expected, atol=2e-3 if "kendall" in metric.name else 1e-5)


def test_little_memory_changes_nothing():
    few = CKA(memory_gb=2 * 4 * 60**2 / 2**30)
    assert few.squares(60) == 2
    order, shifts = np.random.default_rng(1).permutation(60), np.arange(60)
    grids = []
    for metric in (CKA(), few):
        states = [metric.prepare(x) for x in layers(60, 0)]
        grids.append(metric.shifted(states[:2], states[2:], order, shifts))
    np.testing.assert_allclose(*grids, atol=1e-5)
