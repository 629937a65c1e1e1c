"""What each stimulus contributes, against leaving it out and against pairs spelled out."""

from itertools import combinations

import numpy as np
import pytest

from prh.inference.uncertainty import influences
from prh.similarity import (
    CKA,
    CKNNA,
    LCSKNN,
    PWCCA,
    RSA,
    SVCCA,
    CycleKNN,
    DegenerateFeatures,
    EditKNN,
    JaccardKNN,
    MutualKNN,
    Procrustes,
)
from prh.similarity.influence import Influence, of_pairs
from prh.similarity.rdms.influence import pair_contributions

SMOOTH = [
    *(RSA("cosine", compare) for compare in ("spearman", "pearson", "kendall", "cosine")),
    *(CKA(kernel, unbiased) for kernel in ("linear", "rbf") for unbiased in (False, True)),
    Procrustes(),
]
NEIGHBOURS = [MutualKNN(4), JaccardKNN(4), CycleKNN(2), LCSKNN(4), LCSKNN(4, normalised=True), EditKNN(4)]
EVERY = [*SMOOTH, *NEIGHBOURS, CKNNA(4), SVCCA(3), PWCCA(3)]


def named(metric):
    return metric.name + ("*" if getattr(metric, "normalised", False) else "")


def aligned(n, seed=0):
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=(n, 4))
    return tuple(shared @ generator.normal(size=(4, d)) + generator.normal(size=(n, d)) for d in (7, 6))


def leaving_each_out(metric, x, y):
    """N − 1 times what the score loses when a stimulus is left out, features prepared anew."""
    n = len(x)
    without = np.array([metric(np.delete(x, i, axis=0), np.delete(y, i, axis=0)) for i in range(n)])
    return (n - 1) * (without.mean() - without)


def signs(n, draws=64, seed=0):
    return np.random.default_rng(seed).choice([-1.0, 1.0], (n, draws))


def influence_of(metric, x, y, draws=64):
    return metric.influence([metric.prepare(x)], [metric.prepare(y)], signs(len(x), draws)).at(0, 0)


@pytest.mark.parametrize("metric", SMOOTH, ids=named)
def test_contributions_are_what_leaving_a_stimulus_out_costs(metric):
    x, y = aligned(150)
    found, expected = influence_of(metric, x, y).by_cluster(), leaving_each_out(metric, x, y)
    assert np.corrcoef(found, expected)[0, 1] > 0.995
    assert found.std() / expected.std() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("metric", [*NEIGHBOURS, CKNNA(4)], ids=named)
def test_contributions_of_neighbours_follow_leaving_out_but_for_who_moves_up(metric):
    x, y = aligned(150)
    found, expected = influence_of(metric, x, y).by_cluster(), leaving_each_out(metric, x, y)
    # Overlaps and kernels take the mean over several who might move up, so they vary less.
    assert np.corrcoef(found, expected)[0, 1] > 0.85
    assert 0.7 < found.std() / expected.std() < 1.1


@pytest.mark.parametrize("metric", [LCSKNN(4), EditKNN(4), CycleKNN(2)], ids=named)
def test_ordered_lists_lose_exactly_what_they_lose_when_a_neighbour_is_left_out(metric):
    x, y = aligned(40, seed=3)
    a, b = metric.prepare(x), metric.prepare(y)
    own, added, _ = metric.contributions(a, b, signs(40))
    np.testing.assert_allclose(own, metric.each(a.indices, b.indices))
    whole = own.sum()
    for j in range(40):
        kept = np.delete(np.arange(40), j)
        without = metric.each(*(s.among(kept).indices for s in (a, b))).sum()
        # For cycles two lists may change at once, which first contributions do not know.
        slack = 1.01 if isinstance(metric, CycleKNN) else 1e-9
        assert own[j] + added[j] == pytest.approx(whole - without, abs=slack)


@pytest.mark.parametrize("metric", [MutualKNN(4), JaccardKNN(4)], ids=named)
def test_overlaps_lose_what_they_lose_on_average_over_who_may_move_up(metric):
    x, y = aligned(30, seed=5)
    a, b = metric.prepare(x), metric.prepare(y)
    own, added, _ = metric.contributions(a, b, signs(30))
    k, likeness = 4, (lambda s: s / 4) if isinstance(metric, MutualKNN) else (lambda s: s / (8 - s))
    expected = np.zeros(30)
    for i in range(30):
        left, right = set(a.indices[i]), set(b.indices[i])
        s = len(left & right)
        low, high = max(s - 1, 0), min(s + 1, k)
        slope = (likeness(high) - likeness(low)) / (high - low)
        gains = [
            np.mean([j in other for j in state.successors[i]]) for state, other in ((a, right), (b, left))
        ]
        for j in left | right:
            expected[j] += likeness(s) - likeness(s - 1) if j in left & right else 0
            expected[j] -= slope * (gains[0] * (j in left) + gains[1] * (j in right))
    np.testing.assert_allclose(added, expected, atol=1e-12)
    np.testing.assert_allclose(own, metric.each(a.indices, b.indices))


@pytest.mark.parametrize("compare", ["spearman", "kendall"])
def test_pairs_of_stimuli_move_ranks_as_adding_them_does(compare):
    from scipy.stats import kendalltau, rankdata, spearmanr

    generator = np.random.default_rng(0)
    a = generator.normal(size=400)
    b = a + generator.normal(size=400)
    kept = [rankdata(z) - 200.5 for z in (a, b)]
    found = pair_contributions(*(z / np.linalg.norm(z) for z in kept), compare)
    measure = spearmanr if compare == "spearman" else kendalltau
    without = np.array([measure(np.delete(a, i), np.delete(b, i)).statistic for i in range(400)])
    expected = 399 * (without.mean() - without)
    assert np.corrcoef(found, expected)[0, 1] > 0.999
    assert found.std() / expected.std() == pytest.approx(1, abs=0.02)


def test_signed_sums_measure_the_sum_of_squares_over_pairs():
    generator = np.random.default_rng(0)
    n = 60
    matrix = np.triu(generator.normal(size=(n, n)), k=1)
    matrix += matrix.T
    values, pairs = of_pairs(matrix, signs(n, 4000), 0.5)
    np.testing.assert_allclose(values, n * 0.5 * matrix.sum(axis=1))
    exact = sum((0.5 * matrix[i, j]) ** 2 for i, j in combinations(range(n), 2))
    assert (pairs**2).sum() == pytest.approx(exact, rel=0.1)


def test_influences_of_differences_are_differences_of_influences():
    x, y = aligned(60)
    metric = MutualKNN(4)
    one, other = influence_of(metric, x, y), influence_of(metric, x[:, :3], y)
    both = Influence.stack([one - other, other - one])
    np.testing.assert_allclose(both.values[:, 0], one.values - other.values)
    np.testing.assert_allclose(both.se[0], both.se[1])
    np.testing.assert_allclose((one * 2.0).se, 2 * one.se)
    assert (one - one).se == 0


def test_stimuli_of_one_cluster_are_summed_before_they_are_squared():
    generator = np.random.default_rng(0)
    values = generator.normal(size=(12, 1))
    clusters = np.repeat([5, 9, 2, 7], 3)
    found = Influence(values, np.zeros((1, 1)), 0.75, clusters=clusters)
    sums = np.array([values[clusters == c].sum() for c in (2, 5, 7, 9)])
    assert found.df == 3
    assert found.se[0] == pytest.approx(np.sqrt(4 * sums.var(ddof=1)) / 12)


@pytest.mark.parametrize("metric", EVERY, ids=named)
def test_some_of_the_stimuli_are_compared_as_if_they_were_all(metric):
    x, y = aligned(40, seed=2)
    x, y = (z - z.mean(axis=0) for z in (x, y))
    kept = np.delete(np.arange(40), [3, 17])
    a, b = (metric.prepare(z).among(kept) for z in (x, y))
    # RBF widths and scales of columns stay those of all stimuli.
    loose = isinstance(metric, SVCCA | PWCCA) or getattr(metric, "kernel", "") == "rbf"
    assert metric.compare(a, b) == pytest.approx(metric(x[kept], y[kept]), abs=0.02 if loose else 1e-6)
    assert a.n == 38


@pytest.mark.parametrize("metric", [MutualKNN(4), CKNNA(4)], ids=named)
def test_neighbours_that_are_not_known_are_not_made_up(metric):
    x, _ = aligned(12)
    with pytest.raises(DegenerateFeatures, match="leave fewer than 4"):
        metric.prepare(x).among(np.arange(5))


@pytest.mark.parametrize("metric", EVERY, ids=named)
def test_a_grid_is_its_cells(metric):
    x, y = aligned(50)
    a, b = [metric.prepare(z) for z in (x, x[:, :4])], [metric.prepare(y)]
    grid, cell = influences(metric, a, b, seed=1), influences(metric, a[1:], b, seed=1)
    assert grid.se.shape == (2, 1)
    np.testing.assert_allclose(grid.values[:, 1], cell.values[:, 0], atol=1e-6)
    np.testing.assert_allclose(grid.se[1], cell.se[0], rtol=1e-4)
