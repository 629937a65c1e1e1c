"""Permutation tests: exact where they can be, honest where they can't."""

from fractions import Fraction
from itertools import permutations
from math import ceil

import numpy as np
import pytest
from scipy.stats import ks_2samp

from prh.inference import benjamini_hochberg, permutation_orders, permutation_test
from prh.inference.null import critical_values, excess, null_scores, p_values
from prh.similarity import CKA, PWCCA, RSA, MutualKNN

METRIC = RSA("euclidean")


def pair(n, seed, noise=None):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, 4))
    y = generator.normal(size=(n, 4)) if noise is None else x + noise * generator.normal(size=(n, 4))
    return x, y


def test_few_stimuli_are_permuted_in_every_way_there_is():
    orders = permutation_orders(5, 120, seed=0)
    assert len(orders) == 119
    assert {tuple(order) for order in orders} | {tuple(range(5))} == set(permutations(range(5)))


def test_more_are_permuted_at_random_and_repeatably():
    orders = permutation_orders(6, 100, seed=3)
    assert orders.shape == (100, 6)
    assert (np.sort(orders) == np.arange(6)).all()
    assert (orders == permutation_orders(6, 100, seed=3)).all()
    assert (orders != permutation_orders(6, 100, seed=4)).any()


@pytest.mark.parametrize(("n", "k"), [(5, 200), (30, 99)])
def test_it_equals_an_explicit_loop(n, k):
    x, y = pair(n, 0, noise=1.0)
    result = permutation_test(METRIC, METRIC.prepare(x), METRIC.prepare(y), n=k, seed=7)
    null = np.array([METRIC(x, y[order]) for order in permutation_orders(n, k, 7)])
    value = METRIC(x, y)
    assert result.value == pytest.approx(value)
    assert result.p == pytest.approx((1 + (null >= value - 1e-6).sum()) / (1 + len(null)))
    assert result.null_mean == pytest.approx(null.mean(), abs=1e-6)
    assert result.null_sd == pytest.approx(null.std(ddof=1), abs=1e-6)
    assert result.z == pytest.approx((value - null.mean()) / null.std(ddof=1), rel=1e-4)
    assert result.calibrated == pytest.approx((value - null.mean()) / (1 - null.mean()), abs=1e-6)


def test_p_is_never_zero_and_ties_count():
    assert p_values(2.0, np.array([1.0, 1.5, 0.0])) == 1 / 4
    assert p_values(1.5, np.array([1.0, 1.5, 0.0])) == 2 / 4
    assert np.isnan(p_values(np.nan, np.array([1.0])))


def test_identical_representations_score_one_with_the_smallest_p():
    x, _ = pair(20, 0)
    result = permutation_test(METRIC, METRIC.prepare(x), METRIC.prepare(x), n=99)
    assert (result.value, result.p, result.calibrated) == (pytest.approx(1), 0.01, pytest.approx(1))
    assert "p = 0.010" in str(result)


@pytest.mark.parametrize("metric", [METRIC, MutualKNN(5), CKA(), CKA(unbiased=True)], ids=lambda m: m.name)
def test_p_is_uniform_under_the_null(metric):
    p = []
    for seed in range(500):
        x, y = pair(24, seed)
        p.append(permutation_test(metric, metric.prepare(x), metric.prepare(y), n=199, seed=seed).p)
    assert 0.03 <= np.mean(np.array(p) <= 0.05) <= 0.07
    assert 0.45 <= np.mean(p) <= 0.55


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.5])
@pytest.mark.parametrize("k", [19, 99, 200])
def test_critical_values_are_order_statistics_of_null_and_score_together(alpha, k):
    null = np.random.default_rng(0).normal(size=k)
    for observed in (-3.0, 0.1, 3.0):
        place = ceil(Fraction(str(1 - alpha)).limit_denominator(100) * (k + 1))
        expected = sorted([observed, *null])[place - 1]
        critical = critical_values(observed, null, alpha)
        assert critical == expected
        assert (p_values(observed, null) <= alpha) == (observed > critical) or observed == critical


def test_excess_is_zero_unless_significant_and_one_at_identity():
    assert excess(0.2, 0.3, 1.0) == 0
    assert excess(0.65, 0.3, 1.0) == pytest.approx(0.5)
    assert excess(1.0, 0.3, 1.0) == 1


def test_where_the_null_is_at_the_maximum_nothing_is_left_to_calibrate():
    generator = np.random.default_rng(0)
    x, y = (PWCCA().prepare(generator.normal(size=(12, 30))) for _ in range(2))
    result = permutation_test(PWCCA(), x, y, n=50)
    assert result.p == 1
    assert np.isnan(result.calibrated)
    assert np.isnan(result.excess)


def test_it_equals_the_calibration_of_the_aristotelian_view():
    """τ, p and the calibrated score from the definition in Gröger et al. (2026), score by score."""
    x, y = pair(20, 0, noise=1.0)
    result = permutation_test(METRIC, METRIC.prepare(x), METRIC.prepare(y), n=200, seed=3)
    null = [METRIC(x, y[order]) for order in permutation_orders(20, 200, 3)]
    tau = sorted([*null, METRIC(x, y)])[191 - 1]
    assert result.critical == pytest.approx(tau, abs=1e-6)
    assert result.excess == pytest.approx(max(0, (METRIC(x, y) - tau) / (1 - tau)), abs=1e-6)


def test_false_discovery_rates_are_those_of_statsmodels_formula():
    p = np.array([[0.001, 0.04, np.nan], [0.03, 0.5, 0.02]])
    order = np.sort(p[np.isfinite(p)])
    adjusted = {v: min(order[j] * 5 / (j + 1) for j in range(i, 5)) for i, v in enumerate(order)}
    found = benjamini_hochberg(p)
    assert np.isnan(found[0, 2])
    for value, q in zip(p.ravel(), found.ravel(), strict=True):
        assert np.isnan(value) or q == pytest.approx(adjusted[value])
    assert np.isnan(benjamini_hochberg(np.array([np.nan]))).all()


def test_unpaired_states_are_refused():
    with pytest.raises(ValueError, match="paired"):
        permutation_test(METRIC, METRIC.prepare(pair(8, 0)[0]), METRIC.prepare(pair(9, 0)[0]))


def test_many_stimuli_are_shifted_along_one_random_order_after_another(monkeypatch):
    monkeypatch.setattr("prh.inference.null.INDEPENDENT", 20)
    x, y = (METRIC.prepare(side) for side in pair(30, 0, noise=1.0))
    told = []
    null = null_scores(METRIC, [x], [y], 70, 0, told.append)
    assert told == [29, 29, 12]
    assert null.shape == (70, 1, 1)
    assert len(np.unique(null.round(9))) > 60
    assert null.max() < METRIC.compare(x, y)


@pytest.mark.parametrize("metric", [METRIC, CKA(), MutualKNN(5)], ids=lambda metric: metric.name)
def test_shifts_have_the_distribution_of_independent_permutations(metric, monkeypatch):
    generator = np.random.default_rng(0)
    # Clusters and outliers, so that stimuli differ in how far they lie from all others.
    x = 3 * generator.normal(size=(5, 4))[generator.integers(0, 5, 200)] + generator.standard_t(3, (200, 4))
    states = [metric.prepare(x)], [metric.prepare(x + generator.normal(size=x.shape))]
    independent = null_scores(metric, *states, 1000, 0).ravel()
    monkeypatch.setattr("prh.inference.null.INDEPENDENT", 20)
    shifted = null_scores(metric, *states, 1000, 1).ravel()
    assert ks_2samp(independent, shifted).pvalue > 0.01


@pytest.mark.parametrize("metric", [METRIC, CKA()], ids=lambda metric: metric.name)
def test_p_of_shifts_is_uniform_under_the_null(metric, monkeypatch):
    monkeypatch.setattr("prh.inference.null.INDEPENDENT", 10)
    p = [permutation_test(metric, *map(metric.prepare, pair(20, seed)), n=19).p for seed in range(500)]
    assert 0.03 <= np.mean(np.array(p) <= 0.05) <= 0.075
    assert 0.45 <= np.mean(p) <= 0.58
