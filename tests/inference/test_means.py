"""Intervals of means: those of scipy one by one, and covering all at once."""

import numpy as np
import pytest
from scipy.stats import norm, ttest_1samp

from prh.inference.means import mean_intervals


def correlated(n, m, seed, share=0.6):
    rng = np.random.default_rng(seed)
    return share * rng.normal(size=(n, 1)) + np.sqrt(1 - share**2) * rng.normal(size=(n, m))


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_each_on_its_own_is_the_t_interval(level):
    values = correlated(30, 4, 0) + 0.3
    found, expected = mean_intervals(values, level=level), ttest_1samp(values, 0)
    low, high = expected.confidence_interval(level)
    assert np.allclose(found.value, values.mean(axis=0))
    assert np.allclose(found.p, expected.pvalue)
    assert np.allclose([found.ci_low, found.ci_high], [low, high])


@pytest.mark.parametrize("m", [1, 2, 8])
def test_independent_means_have_sidaks_intervals_and_copies_those_of_one(m):
    values = np.random.default_rng(m).normal(size=(4000, m))
    found = mean_intervals(values)
    half = (found.sim_high - found.sim_low) / 2 / found.se
    assert np.allclose(half, norm.ppf((1 + 0.95 ** (1 / m)) / 2), rtol=0.02)
    copies = mean_intervals(np.repeat(values[:, :1], m, axis=1))
    assert np.allclose(copies.sim_high - copies.sim_low, copies.ci_high - copies.ci_low, rtol=0.02)
    assert np.allclose(copies.p_corrected, copies.p, atol=0.02)


def test_corrected_p_is_below_5_percent_where_the_simultaneous_interval_excludes_zero():
    for seed in range(20):
        found = mean_intervals(correlated(40, 6, seed) + 0.35)
        outside = (found.sim_low > 0) | (found.sim_high < 0)
        assert np.array_equal(found.p_corrected < 0.05, outside)
        assert (found.p_corrected >= found.p - 0.01).all()


@pytest.mark.parametrize("n", [12, 60])
def test_all_means_lie_within_their_intervals_as_often_as_said(n):
    hits = []
    for seed in range(250):
        found = mean_intervals(correlated(n, 6, seed), seed=seed)
        hits.append(
            [((found.sim_low <= 0) & (found.sim_high >= 0)).all(), found.ci_low[0] <= 0 <= found.ci_high[0]]
        )
    assert np.all(np.abs(np.mean(hits, axis=0) - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 250))


def test_groups_count_as_one_each():
    centres = correlated(25, 3, 0)
    groups = np.arange(25).repeat(4)
    shuffled = np.random.default_rng(1).permutation(100)
    spread = centres[groups] + np.tile([-1.5, -0.5, 0.5, 1.5], 25)[:, None]
    found = mean_intervals(spread[shuffled], groups[shuffled])
    expected = ttest_1samp(centres, 0)
    assert np.allclose(found.p, expected.pvalue)
    assert np.allclose(found.ci_low, expected.confidence_interval().low)


def test_a_constant_is_sure():
    found = mean_intervals(np.column_stack([np.full(20, 0.5), np.zeros(20), correlated(20, 1, 0)]))
    assert found.sim_low[0] == found.sim_high[0] == 0.5
    assert found.p[0] == 0
    assert found.p[1] == found.p_corrected[1] == 1


@pytest.mark.parametrize(
    ("values", "groups", "level", "words"),
    [
        (np.zeros(5), None, 0.95, "N×M"),
        (np.full((5, 2), np.nan), None, 0.95, "finite"),
        (np.zeros((5, 2)), None, 1.0, "between 0 and 1"),
        (np.zeros((5, 2)), np.zeros(5, int), 0.95, "1 independent group"),
        (np.zeros((5, 2)), np.zeros(4, int), 0.95, "one for each of the 5"),
    ],
)
def test_what_has_no_interval_is_refused(values, groups, level, words):
    with pytest.raises(ValueError, match=words):
        mean_intervals(values, groups, level)
