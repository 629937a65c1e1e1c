"""From a null to numbers."""

from fractions import Fraction
from math import ceil

import numpy as np
import pytest

from prh.inference import Score, benjamini_hochberg
from prh.inference.score import p_text
from prh.inference.significance import critical_values, excess, moments, p_errors, p_values


def test_p_is_never_zero_and_ties_count():
    assert p_values(2.0, np.array([1.0, 1.5, 0.0])) == 1 / 4
    assert p_values(1.5, np.array([1.0, 1.5, 0.0])) == 2 / 4
    assert np.isnan(p_values(np.nan, np.array([1.0])))


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


def test_false_discovery_rates_are_those_of_statsmodels_formula():
    p = np.array([[0.001, 0.04, np.nan], [0.03, 0.5, 0.02]])
    order = np.sort(p[np.isfinite(p)])
    adjusted = {v: min(order[j] * 5 / (j + 1) for j in range(i, 5)) for i, v in enumerate(order)}
    found = benjamini_hochberg(p)
    assert np.isnan(found[0, 2])
    for value, q in zip(p.ravel(), found.ravel(), strict=True):
        assert np.isnan(value) or q == pytest.approx(adjusted[value])
    assert np.isnan(benjamini_hochberg(np.array([np.nan]))).all()


@pytest.mark.parametrize("value", [0.0, 0.3, -0.3, 1.0])
def test_rounding_breaks_no_tie(value):
    """Sums of the same 45 products in another order, as of the pairs of ten centroids."""
    generator = np.random.default_rng(0)
    products = generator.normal(size=45) / 45
    products += (value - products.sum()) / 45
    sums = np.array([generator.permutation(products).astype(np.float32).sum() for _ in range(200)])
    assert len(np.unique(sums)) > 2
    assert p_values(value, sums) == 1
    assert p_values(value, np.concatenate([sums, np.full(99, value - 1e-4)])) == 201 / 300
    assert critical_values(value, sums, 0.05) == pytest.approx(value, abs=1e-12)


def test_a_permutation_without_a_score_counts_as_the_lowest():
    null = np.array([0.5, np.nan, 0.1, np.nan])
    assert p_values(0.3, null) == 2 / 5
    assert [critical_values(0.3, null, alpha) for alpha in (0.01, 0.2, 0.4)] == [0.5, 0.3, 0.1]
    assert np.isnan(critical_values(np.nan, np.full(4, np.nan), 0.5))
    assert moments(null) == pytest.approx((0.3, np.std([0.5, 0.1], ddof=1)))


def test_moments_of_millions_of_single_precision_scores():
    null = np.full((2_000_000, 1), 0.7, dtype=np.float32)
    null[::2] = 0.9
    mean, sd = moments(null)
    assert (mean[0], sd[0]) == pytest.approx((0.8, 0.1), rel=1e-6)


def test_the_error_of_p_is_binomial_or_none():
    assert p_errors(0.05, 999, exact=False) == pytest.approx(np.sqrt(0.05 * 0.95 / 1000))
    assert p_errors(0.05, 999, exact=True) == 0
    assert np.isnan(p_errors(np.nan, 999, exact=True))


@pytest.mark.parametrize(
    ("p", "se", "exact", "text"),
    [
        (0.05584, 0.0, True, "0.0558 exact"),
        (1 / 40320, 0.0, True, "2.48e−05 exact"),
        (0.0042, 0.00204, False, "0.004 ± 0.002"),
        (0.0482, 0.00068, False, "0.0482 ± 0.0007"),
        (1 / 1001, 0.000999, False, "0.001 ± 0.001"),
        (0.0, 0.0, False, "0"),
        (1.0, 0.0, False, "1.000"),
        (0.0471, float("nan"), False, "0.047"),
        (float("nan"), float("nan"), False, "n/a"),
    ],
)
def test_p_is_said_to_the_precision_that_it_has(p, se, exact, text):
    assert p_text(p, se, exact) == text


def test_a_score_without_an_interval_shows_none():
    judged = {"value": 0.5, "null_mean": 0.0, "null_sd": 0.1, "p": 0.5}
    assert str(Score(**judged)).startswith("0.500, p = 0.500")
    assert str(Score(**judged, ci_low=0.4, ci_high=0.6)).startswith("0.500 [0.400, 0.600], p")
