"""Which of two is nearer to a third, and whether that matters."""

import numpy as np
import pytest

from prh.inference import compare_pairs, compare_scores, influences, permutation_test
from prh.inference.compare import differences
from prh.similarity import CKA, CKNNA, RSA, MutualKNN, Procrustes
from prh.similarity.influence import Influence

METRIC = RSA("euclidean", "pearson")


def three(seed, near=0.5, far=2.0, n=60, d=4):
    generator = np.random.default_rng(seed)
    y = generator.normal(size=(n, d))
    return (y + near * generator.normal(size=y.shape), y + far * generator.normal(size=y.shape), y)


def test_it_is_the_difference_of_the_scores_and_of_what_stimuli_contribute():
    near, far, y = three(0)
    result = compare_scores(METRIC, near, far, y, level=0.9)
    a, b, target = (METRIC.prepare(x) for x in (near, far, y))
    moved = influences(METRIC, [a], [target]).at(0, 0) - influences(METRIC, [b], [target]).at(0, 0)
    assert result.value == pytest.approx(METRIC(near, y) - METRIC(far, y))
    assert result.se == pytest.approx(float(moved.se))
    assert result.p == result.p_corrected
    assert result.ci_low < result.value < result.ci_high
    assert (result.ci_low, result.ci_high) == (result.sim_low, result.sim_high)


@pytest.mark.parametrize("metric", [METRIC, MutualKNN(5), CKNNA(5), CKA()], ids=lambda metric: metric.name)
def test_the_nearer_is_found_and_the_order_only_turns_the_sign(metric):
    near, far, y = three(0)
    result, turned = compare_scores(metric, near, far, y), compare_scores(metric, far, near, y)
    assert result.value > 0
    assert result.p < 0.05
    same = compare_scores(metric, near, near, y)
    assert (same.value, same.p, same.ci_low) == (0, 1, 0)
    assert (turned.value, turned.ci_low, turned.p) == pytest.approx(
        (-result.value, -result.ci_high, result.p)
    )


@pytest.mark.parametrize("metric", [METRIC, MutualKNN(5), CKA(unbiased=True)], ids=lambda m: m.name)
def test_equally_near_ones_are_told_apart_no_more_often_than_the_level_says(metric):
    p = [compare_scores(metric, *three(seed, 1.0, 1.0, n=100)).p for seed in range(200)]
    # Of a test of size 17 % one run in a million passes.
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.09


@pytest.mark.parametrize("metric", [CKA(), Procrustes()], ids=lambda metric: metric.name)
def test_width_alone_is_no_nearness(metric):
    """Of two networks that have nothing to do with a third the wider scores higher, and is no nearer."""
    values, raw, rejected = [], [], []
    for seed in range(40):
        generator = np.random.default_rng(seed)
        narrow, wide, y = (generator.normal(size=(80, d)) for d in (5, 100, 20))
        raw.append(metric(wide, y) - metric(narrow, y))
        found = compare_scores(metric, wide, narrow, y)
        values.append(found.value)
        rejected.append(found.p <= 0.05)
    assert np.mean(raw) > 0.05
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(40) + 0.005
    assert np.mean(rejected) <= 0.15


def test_many_differences_are_corrected_for_their_number():
    near, _, y = three(3, 1.0, 1.0, n=80)
    target = METRIC.prepare(y)
    generator = np.random.default_rng(0)
    others = [METRIC.prepare(y + generator.normal(size=y.shape)) for _ in range(12)]
    first = METRIC.prepare(near)
    found = compare_pairs([((METRIC, first, target), (METRIC, other, target)) for other in others])
    assert all(d.p <= d.p_corrected for d in found)
    assert all(d.sim_low < d.ci_low and d.ci_high < d.sim_high for d in found)
    alone = compare_pairs([((METRIC, first, target), (METRIC, others[0], target))])[0]
    assert (alone.value, alone.se, alone.p) == pytest.approx((found[0].value, found[0].se, found[0].p))


def test_the_family_keeps_its_level():
    rejected = []
    for seed in range(150):
        generator = np.random.default_rng(seed)
        values = generator.normal(size=(100, 8)) + generator.normal(size=(100, 1))
        influence = Influence(values - values.mean(axis=0), np.zeros((1, 8)), 0.75)
        found = differences(values.mean(axis=0), influence, seed=seed)
        rejected.append([min(d.p for d in found) <= 0.05, min(d.p_corrected for d in found) <= 0.05])
    uncorrected, corrected = np.mean(rejected, axis=0)
    assert uncorrected > 0.12
    assert corrected <= 0.09


def test_no_difference_that_matters_is_shown_by_two_one_sided_tests():
    near, far, y = three(0, 1.0, 1.0, n=400)
    result = compare_scores(METRIC, near, far, y)
    assert result.equivalent(5 * result.se + abs(result.value)) < 0.001
    assert result.equivalent(abs(result.value) + 1e-9) == pytest.approx(0.5, abs=0.01)
    assert result.equivalent(abs(result.value) / 2 + 1e-9) > 0.5
    with pytest.raises(ValueError, match="bound must be above 0"):
        result.equivalent(0)


def test_two_metrics_over_the_same_stimuli_can_be_compared():
    x, _, y = three(0)
    other = RSA("cosine", "pearson")
    found = compare_pairs(
        [((METRIC, METRIC.prepare(x), METRIC.prepare(y)), (other, other.prepare(x), other.prepare(y)))]
    )[0]
    assert found.value == pytest.approx(METRIC(x, y) - other(x, y))


def test_compared_and_tested_scores_agree():
    near, _, y = three(0)
    state = METRIC.prepare(near), METRIC.prepare(y)
    assert permutation_test(METRIC, *state, n=50).value == METRIC.compare(*state)


def test_unpaired_rows_are_refused():
    near, far, y = three(0)
    with pytest.raises(ValueError, match="paired"):
        compare_scores(METRIC, near, far[:30], y)
