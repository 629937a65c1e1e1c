"""Permutation tests: exact where they can be, honest where they can't."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from scipy.stats import ks_2samp

from prh.inference import Exchange, permutation_orders, permutation_test
from prh.inference.null import enough, null_parts, permuted_null
from prh.similarity import CKA, PWCCA, RSA, SVCCA, MutualKNN, Procrustes

METRIC = RSA("euclidean")


def pair(n, seed, noise=None):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, 4))
    y = generator.normal(size=(n, 4)) if noise is None else x + noise * generator.normal(size=(n, 4))
    return x, y


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


def test_identical_representations_score_one_with_the_smallest_p():
    x, _ = pair(20, 0)
    result = permutation_test(METRIC, METRIC.prepare(x), METRIC.prepare(x), n=99)
    assert (result.value, result.p, result.calibrated) == (pytest.approx(1), 0.01, pytest.approx(1))
    assert "p = 0.01 ± 0.01," in str(result)


@pytest.mark.parametrize("metric", [METRIC, MutualKNN(5), CKA(), CKA(unbiased=True)], ids=lambda m: m.name)
def test_p_is_uniform_under_the_null(metric):
    p = []
    for seed in range(500):
        x, y = pair(24, seed)
        p.append(permutation_test(metric, metric.prepare(x), metric.prepare(y), n=199, seed=seed).p)
    assert 0.03 <= np.mean(np.array(p) <= 0.05) <= 0.07
    assert 0.45 <= np.mean(p) <= 0.55


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


def test_unpaired_states_are_refused():
    with pytest.raises(ValueError, match="paired"):
        permutation_test(METRIC, METRIC.prepare(pair(8, 0)[0]), METRIC.prepare(pair(9, 0)[0]))


def test_many_stimuli_are_shifted_along_one_random_order_after_another(monkeypatch):
    monkeypatch.setattr("prh.inference.null.INDEPENDENT", 20)
    x, y = (METRIC.prepare(side) for side in pair(30, 0, noise=1.0))
    told = []
    null = permuted_null(METRIC, [x], [y], 70, 0, told.append).scores
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
    independent = permuted_null(metric, *states, 1000, 0).scores.ravel()
    monkeypatch.setattr("prh.inference.null.INDEPENDENT", 20)
    shifted = permuted_null(metric, *states, 1000, 1).scores.ravel()
    assert ks_2samp(independent, shifted).pvalue > 0.01


@pytest.mark.parametrize("metric", [METRIC, CKA()], ids=lambda metric: metric.name)
def test_p_of_shifts_is_uniform_under_the_null(metric, monkeypatch):
    monkeypatch.setattr("prh.inference.null.INDEPENDENT", 10)
    p = [permutation_test(metric, *map(metric.prepare, pair(20, seed)), n=19).p for seed in range(500)]
    assert 0.03 <= np.mean(np.array(p) <= 0.05) <= 0.075
    assert 0.45 <= np.mean(p) <= 0.58


def columns(scores):
    """One sorted row per permutation, whose order is the walk's own."""
    rows = scores.reshape(len(scores), -1).round(5)
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("metric", [METRIC, CKA(), MutualKNN(2), SVCCA(2)], ids=lambda metric: metric.name)
@pytest.mark.parametrize("n", [4, 6])
def test_a_few_rows_are_permuted_in_all_ways(metric, n):
    x, y = pair(n, 0, noise=1.0)
    result = permutation_test(metric, metric.prepare(x), metric.prepare(y))
    everything = np.array([metric(x, y[list(order)]) for order in permutations(range(n))])
    assert result.exact
    assert result.p_se == 0
    assert result.p == np.mean(everything >= everything[0] - 1e-6)
    assert result.null_mean == pytest.approx(everything[1:].mean(), abs=1e-6)
    assert result.null_sd == pytest.approx(everything[1:].std(ddof=1), abs=1e-6)
    assert " exact" in str(result)


def test_ten_rows_are_exact_and_ask_for_no_more_than_a_grid_at_a_time(monkeypatch):
    x, y = pair(8, 0, noise=1.0)
    a, b = [METRIC.prepare(z) for z in (x, x**3, -x)], [METRIC.prepare(y), METRIC.prepare(y[:, :2])]
    whole = permuted_null(METRIC, a, b, 100_000, 0)
    assert whole.exact
    assert whole.scores.shape == (factorial(8) - 1, 3, 2)
    monkeypatch.setattr("prh.inference.null.NUMBERS", factorial(8) * 2)
    parts = list(null_parts(METRIC, a, b, 100_000, 0))
    assert [rows.start for rows, _ in parts] == [0, 1, 2]
    apart = np.concatenate([null.scores for _, null in parts], axis=1)
    np.testing.assert_allclose(columns(apart), columns(whole.scores), atol=2e-5)


@pytest.mark.parametrize(
    ("metric", "rows", "n", "draws"),
    [
        (METRIC, 40, 1000, 100_000),
        (METRIC, 12, 200_000, 200_000),
        (METRIC, 41, 1000, 1000),
        (Procrustes(), 10, 1000, 10_000),
    ],
)
def test_few_rows_have_enough_permutations(metric, rows, n, draws):
    assert enough(metric, rows, n) == draws


def test_asked_for_a_number_of_permutations_it_draws_so_many_and_says_how_far_off_p_may_be():
    x, y = (METRIC.prepare(z) for z in pair(10, 3, noise=4.0))
    exact = permutation_test(METRIC, x, y).p
    drawn = [permutation_test(METRIC, x, y, n=400, seed=seed) for seed in range(60)]
    assert not any(result.exact for result in drawn)
    assert drawn[0].p_se == pytest.approx(np.sqrt(drawn[0].p * (1 - drawn[0].p) / 401))
    z = [(result.p - exact) / result.p_se for result in drawn]
    assert 0.7 < np.std(z) < 1.35


def test_one_scheme_of_exchange_is_one_null():
    x, y = (METRIC.prepare(z) for z in pair(30, 0, noise=1.0))
    labels = np.arange(30) % 3
    null = permuted_null(METRIC, [x], [y], 50, 0, exchange=Exchange(within=labels))
    orders, _ = Exchange(within=labels).orders(30, 50, 0)
    expected = [METRIC.compare(x, y.permute(order)) for order in orders]
    np.testing.assert_allclose(null.scores[:, 0, 0], expected, atol=1e-6)
