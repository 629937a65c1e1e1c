"""All permutations of a few stimuli against a loop over them, one by one."""

from itertools import permutations

import numpy as np
import pytest

from prh.similarity import CKA, CKNNA, RSA, SVCCA, MutualKNN
from prh.similarity.walk import walked_products

SUMS = [
    *(RSA("euclidean", compare) for compare in ("spearman", "pearson", "cosine")),
    *(CKA(kernel, unbiased) for kernel in ("linear", "rbf") for unbiased in (False, True)),
    MutualKNN(2),
]


def columns(scores):
    """The scores of all cells, one sorted row per permutation: the walk has an order of its own."""
    rows = np.reshape(scores, (-1, np.shape(scores)[-1])).T
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
@pytest.mark.parametrize("layers", [(1, 1), (3, 2), (2, 3)])
def test_it_is_a_loop_over_all_permutations(n, layers):
    generator = np.random.default_rng(n)
    # Whole numbers, whose sums are exact.
    a, b = (generator.integers(-9, 9, (count, n, n)) for count in layers)
    others = list(permutations(range(n)))[1:]
    expected = [[[(x * y[np.ix_(order, order)]).sum() for order in others] for y in b] for x in a]
    np.testing.assert_array_equal(columns(walked_products(a, b)), columns(expected))


@pytest.mark.parametrize("metric", SUMS, ids=lambda metric: metric.name)
def test_scores_that_are_sums_of_products_are_walked(metric):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(6, 4))
    y = x + generator.normal(size=x.shape)
    walked = walked_products(*(metric.terms(metric.prepare(z))[None] for z in (x, y)))
    expected = [metric(x, y[list(order)]) for order in list(permutations(range(6)))[1:]]
    np.testing.assert_allclose(np.sort(walked[0, 0]), np.sort(expected), atol=1e-6)


@pytest.mark.parametrize("metric", [RSA("cosine", "kendall"), SVCCA(2), CKNNA(3)], ids=lambda m: m.name)
def test_other_metrics_have_no_terms(metric):
    assert metric.terms(metric.prepare(np.random.default_rng(0).normal(size=(8, 5)))) is None
