"""Canonical correlations against the eigenvalue problem that defines them."""

import numpy as np
import pytest
from scipy.linalg import eigh

from prh.similarity import PWCCA, SVCCA, DegenerateFeatures, pwcca, svcca
from tests.similarity.conftest import pair


def canonical(x, y):
    """Canonical correlations and variates of ``x``, largest first, from covariances of full rank."""
    xx, yy, xy = x.T @ x, y.T @ y, x.T @ y
    values, vectors = eigh(xy @ np.linalg.solve(yy, xy.T), xx)
    order = np.argsort(values)[::-1][: min(x.shape[1], y.shape[1])]
    return np.sqrt(np.clip(values[order], 0, 1)), x @ vectors[:, order]


def reduced(x, dim=None):
    centred = x - x.mean(axis=0)
    left, spread, _ = np.linalg.svd(centred, full_matrices=False)
    rank = np.linalg.matrix_rank(centred, tol=1e-9 * spread[0])
    return (left * spread)[:, : min(rank, dim or rank)]


def z_scored(x):
    return (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)


@pytest.mark.parametrize("dim", [1, 3, 10])
def test_svcca_is_its_definition(xy, dim):
    expected, _ = canonical(*(reduced(z_scored(z), dim) for z in xy))
    assert svcca(*xy, dim=dim) == pytest.approx(expected.mean(), abs=1e-5)


def test_pwcca_is_its_definition(xy):
    x, y = xy
    a, b = reduced(x), reduced(y)
    if a.shape[1] > b.shape[1]:
        a, b, x = b, a, y
    correlations, variates = canonical(a, b)
    weights = np.abs(variates.T @ (x - x.mean(axis=0))).sum(axis=1)
    assert pwcca(*xy) == pytest.approx(np.average(correlations, weights=weights), abs=1e-5)


@pytest.mark.parametrize("metric", [SVCCA(4), PWCCA(), PWCCA(4)], ids=lambda metric: metric.name)
def test_permutations_equal_prepared_ones(metric):
    x, y = pair("correlated")
    orders = np.array([np.random.default_rng(seed).permutation(24) for seed in range(5)])
    found = metric.permuted([metric.prepare(x)], [metric.prepare(y)], orders)[:, 0, 0]
    np.testing.assert_allclose(found, [metric(x, y[order]) for order in orders], atol=1e-9)


def test_any_invertible_map_is_no_difference_to_pwcca_of_the_smaller_side():
    x, y = pair("independent", n=60)
    stretch = np.diag(np.arange(1.0, 11.0))
    assert pwcca(x @ stretch, y) == pytest.approx(pwcca(x, y))
    assert svcca(x @ stretch, y, dim=10) == pytest.approx(svcca(x, y, dim=10))


def test_as_many_dimensions_as_stimuli_correlate_perfectly():
    generator = np.random.default_rng(0)
    assert pwcca(generator.normal(size=(12, 30)), generator.normal(size=(12, 30))) == pytest.approx(1)


@pytest.mark.parametrize("metric", [SVCCA(4), PWCCA()], ids=lambda metric: metric.name)
@pytest.mark.parametrize("value", [0.0, 1 / 3, 1e9 / 3])
def test_constant_features_are_refused(metric, value):
    with pytest.raises(DegenerateFeatures, match="layer7 is the same in all rows"):
        metric.prepare(np.full((7, 3), value), "layer7")


def test_class_centroids_are_few():
    assert SVCCA(10, 3).for_classes().dim == PWCCA(None, 3).for_classes().dim == 3
