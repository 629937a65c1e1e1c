"""A trend over models: models are permuted, not pairs."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import spearmanr

from prh.inference import anchor_trend, pair_trend
from prh.inference.dyads import Dyads
from prh.similarity.influence import Influence


def world(m, seed=0, effect=0.0, noise=0.5):
    generator = np.random.default_rng(seed)
    trait = generator.normal(size=m)
    capability = effect * trait + np.sqrt(1 - effect**2) * generator.normal(size=m)
    error = np.triu(generator.normal(size=(m, m)), 1)
    scores = trait[:, None] + trait + noise * (error + error.T)
    np.fill_diagonal(scores, np.nan)
    return scores, capability, trait


def by_hand(scores, capability, order):
    ranks = np.argsort(np.argsort(capability))[list(order)]
    at = np.triu_indices(len(ranks), 1)
    return spearmanr((ranks[:, None] + ranks)[at], scores[at]).statistic


def test_few_models_are_put_in_all_orders():
    scores, capability, _ = world(5, effect=0.9)
    found = pair_trend(scores, capability, bootstrap=0)
    everything = [by_hand(scores, capability, order) for order in permutations(range(5))]
    assert found.exact
    assert found.rho == pytest.approx(everything[0])
    assert found.p == pytest.approx(np.mean(np.array(everything) >= everything[0] - 1e-9))
    assert (found.p_se, found.least_p, found.n_models, found.n_scores) == (0, 1 / 120, 5, 10)


def test_an_anchor_is_a_rank_correlation():
    _, capability, trait = world(7, effect=0.7)
    found = anchor_trend(trait, capability, bootstrap=0)
    everything = [spearmanr(capability[list(order)], trait).statistic for order in permutations(range(7))]
    assert found.rho == pytest.approx(spearmanr(capability, trait).statistic)
    assert found.p == pytest.approx(np.mean(np.array(everything) >= found.rho - 1e-9))


def test_several_anchors_have_the_mean_of_their_trends():
    _, capability, trait = world(9)
    other = trait**2
    both = anchor_trend(np.stack([trait, other], axis=1), capability, bootstrap=50)
    each = [anchor_trend(scores, capability, bootstrap=0).rho for scores in (trait, other)]
    assert both.rho == pytest.approx(np.mean(each))
    assert both.ci_low < both.rho < both.ci_high
    assert not both.exact


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
def test_three_models_cannot_tell(order):
    capability = np.array([1.0, 2.0, 3.0])[order]
    scores = capability[:, None] + capability
    found = pair_trend(scores, capability)
    assert found.rho == pytest.approx(1)
    assert found.p == found.least_p == pytest.approx(1 / 6)
    assert found.too_few
    assert not found.rises
    assert np.isnan([found.detectable, found.ci_low]).all()
    assert anchor_trend(capability, capability).too_few


def test_four_models_can_tell_unless_they_are_equal():
    capability = np.arange(4.0)
    assert pair_trend(capability[:, None] + capability, capability).p == pytest.approx(1 / 24)
    tied = np.array([0.0, 0.0, 1.0, 1.0])
    found = pair_trend(capability[:, None] + capability, tied)
    assert found.least_p == pytest.approx(4 / 24)
    assert found.too_few


def test_models_of_unknown_capability_are_left_out():
    scores, capability, _ = world(6, effect=0.5)
    more = np.full((8, 8), 0.3)
    more[:6, :6] = scores
    found = pair_trend(more, [*capability, np.nan, np.nan], bootstrap=50)
    assert found == pair_trend(scores, capability, bootstrap=50)


def test_pairs_without_a_score_are_left_out():
    scores, capability, _ = world(6, effect=0.5)
    scores[0, 1] = scores[1, 0] = np.nan
    at = tuple(np.array(np.triu_indices(6, 1))[:, 1:])
    ranks = np.argsort(np.argsort(capability))
    expected = spearmanr((ranks[:, None] + ranks)[at], scores[at]).statistic
    found = pair_trend(scores, capability, bootstrap=50)
    assert found.rho == pytest.approx(expected)
    assert found.n_scores == 14


def test_both_directions_of_a_pair_count_as_their_mean():
    scores, capability, _ = world(6)
    skewed = scores + np.triu(np.ones((6, 6))) - np.tril(np.ones((6, 6)))
    found, mean = (pair_trend(each, capability, bootstrap=50) for each in (skewed, scores))
    assert found == mean


def test_only_the_order_of_capability_counts():
    scores, capability, _ = world(9)
    assert pair_trend(scores, np.exp(capability), bootstrap=50) == pair_trend(
        scores, capability, bootstrap=50
    )


@pytest.mark.parametrize("families", [list("aabbcc"), list("aaabbc"), list("abcdef")])
def test_families_change_places_as_blocks(families):
    orders, exact = Dyads.of_pairs(np.zeros((6, 6)), np.arange(6), families).orders(10, 0)
    blocks = [{i for i in range(6) if families[i] == name} for name in sorted(set(families))]
    expected = [
        order
        for order in permutations(range(6))
        if all({order[i] for i in block} in blocks for block in blocks) and order != tuple(range(6))
    ]
    assert exact
    assert sorted(map(tuple, orders.tolist())) == sorted(expected)


def test_many_families_are_drawn():
    families = np.arange(24) // 3
    orders, exact = Dyads.of_pairs(np.zeros((24, 24)), np.arange(24), families).orders(50, 0)
    assert not exact
    assert orders.shape == (50, 24)
    assert all(len(set(families[order[i : i + 3]])) == 1 for order in orders for i in range(0, 24, 3))


def test_a_test_that_permutes_pairs_would_find_what_is_not_there():
    p, naive = [], []
    for seed in range(200):
        scores, capability, _ = world(10, seed)
        found = pair_trend(scores, capability, n=99, bootstrap=0, seed=seed)
        p.append(found.p)
        at = np.triu_indices(10, 1)
        ranks = np.argsort(np.argsort(capability))
        mean = (ranks[:, None] + ranks)[at]
        naive.append(spearmanr(mean, scores[at], alternative="greater").pvalue)
    assert np.mean(np.array(p) <= 0.05) < 0.1
    assert np.mean(np.array(naive) <= 0.05) > 0.2


def test_more_models_detect_less():
    found = [pair_trend(*world(m)[:2], n=999, bootstrap=0).detectable for m in (6, 12, 40)]
    assert 1 > found[0] > found[1] > found[2] > 0


def test_stimuli_widen_the_interval():
    scores, capability, _ = world(20, effect=0.6)
    generator = np.random.default_rng(0)
    values = 40 * generator.normal(size=(100, 190))
    influence = Influence(values - values.mean(axis=0), np.zeros((2, 190)), 0.0)
    alone, both = (pair_trend(scores, capability, influence=i, bootstrap=200) for i in (None, influence))
    assert both.ci_high - both.ci_low > 1.1 * (alone.ci_high - alone.ci_low)
    nothing = pair_trend(scores, capability, influence=influence * 0, bootstrap=200)
    assert nothing.ci_low == pytest.approx(alone.ci_low)


def test_influence_goes_with_the_pairs_that_are_left():
    scores, capability, _ = world(7)
    capability[2], scores[0, 1], scores[1, 0] = np.nan, np.nan, np.nan
    influence = Influence(np.arange(21.0)[None] * np.array([[1.0], [-1], [1], [-1]]), np.zeros((2, 21)), 0.0)
    seen = pair_trend(scores, capability, influence=influence, bootstrap=100)
    kept = [i for i in range(7) if i != 2]
    numbers = np.full((7, 7), -1)
    numbers[np.triu_indices(7, 1)] = np.arange(21)
    left = numbers[np.ix_(kept, kept)][np.triu_indices(6, 1)]
    again = pair_trend(
        scores[np.ix_(kept, kept)], capability[kept], influence=influence.at(left), bootstrap=100
    )
    assert seen == again


@pytest.mark.parametrize("anchors", [(), (2,)], ids=["one anchor", "two"])
def test_influence_goes_with_the_models_that_are_left(anchors):
    generator = np.random.default_rng(0)
    scores, capability = generator.normal(size=(9, *anchors)), np.arange(9.0)
    capability[2], scores[(5, *(0 for _ in anchors))] = np.nan, np.nan
    values = 100 * generator.normal(size=(50, 9, *anchors))
    influence = Influence(values - values.mean(axis=0), np.zeros((2, 9, *anchors)), 0.0)
    left = [0, 1, 3, 4, 6, 7, 8]
    seen = anchor_trend(scores, capability, influence=influence, bootstrap=50)
    again = anchor_trend(scores[left], capability[left], influence=influence.at(np.array(left)), bootstrap=50)
    assert seen == again
    alone = anchor_trend(scores, capability, bootstrap=50)
    assert seen.n_models == 7
    assert (seen.rho, seen.p) == (alone.rho, alone.p)
    assert seen.ci_high - seen.ci_low != alone.ci_high - alone.ci_low


def test_what_does_not_vary_has_no_trend():
    found = pair_trend(np.ones((6, 6)), np.arange(6))
    assert np.isnan([found.rho, found.p]).all()
    assert found.too_few
    assert not found.rises
    assert pair_trend(np.ones((2, 2)), [1.0, 2.0]).too_few
    assert pair_trend(world(5)[0], np.full(5, np.nan)).n_models == 0


@pytest.mark.parametrize(
    ("test", "scores", "families", "message"),
    [
        (pair_trend, np.ones((5, 4)), None, "4 capabilities"),
        (anchor_trend, np.ones(5), None, "4 capabilities"),
        (anchor_trend, np.ones(4), list("abc"), "families of 3"),
    ],
)
def test_shapes_must_go_together(test, scores, families, message):
    with pytest.raises(ValueError, match=message):
        test(scores, np.arange(4), families)


def test_a_verdict_is_numbers():
    verdict = pair_trend(*world(5)[:2], bootstrap=20).verdict()
    assert {"rho", "p", "too_few", "rises", "detectable", "ci_low", "n_models"} <= set(verdict)
    assert all(isinstance(value, bool | int | float) for value in verdict.values())
