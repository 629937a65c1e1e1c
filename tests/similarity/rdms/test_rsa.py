"""RSA against SciPy, rsatoolbox and explicit loops."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import kendalltau, ortho_group, pearsonr, rankdata, spearmanr

from prh.similarity import RSA, DegenerateFeatures, Metric, rsa
from prh.similarity.rdms.ranks import midranks
from tests.similarity.conftest import pair

COMPARISONS = ("spearman", "pearson", "kendall", "cosine")


def correlation(a, b, compare):
    if compare == "spearman":
        return spearmanr(a, b).statistic
    if compare == "pearson":
        return pearsonr(a, b).statistic
    if compare == "kendall":
        return kendalltau(a, b).statistic
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("distance", ["cosine", "euclidean", "cityblock", ("euclidean", "cosine")])
def test_it_equals_scipy(xy, distance, compare):
    left, right = (distance, distance) if isinstance(distance, str) else distance
    expected = correlation(pdist(xy[0], left), pdist(xy[1], right), compare)
    assert rsa(*xy, distance, compare) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("compare", "theirs"),
    [("spearman", "spearman"), ("pearson", "corr"), ("cosine", "cosine"), ("kendall", "tau-b")],
)
@pytest.mark.parametrize(
    ("distance", "method"), [("sqeuclidean", "euclidean"), ("correlation", "correlation")]
)
def test_it_equals_rsatoolbox(xy, distance, method, compare, theirs):
    pytest.importorskip("rsatoolbox")
    from rsatoolbox.data import Dataset
    from rsatoolbox.rdm import calc_rdm
    from rsatoolbox.rdm import compare as compare_rdms

    rdms = [calc_rdm(Dataset(np.asarray(x)), method=method) for x in xy]
    expected = compare_rdms(*rdms, method=theirs)[0, 0]
    assert rsa(*xy, distance, compare) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("compare", COMPARISONS)
def test_it_is_blind_to_rotation_scale_and_the_order_of_stimuli(xy, compare):
    x, y = xy
    score = rsa(x, y, "cosine", compare)
    rotation = ortho_group.rvs(x.shape[1], random_state=0)
    order = np.random.default_rng(1).permutation(len(x))
    assert rsa(3.7 * x @ rotation, y, "cosine", compare) == pytest.approx(score, abs=1e-6)
    assert rsa(x[order], y[order], "cosine", compare) == pytest.approx(score, abs=1e-9)
    assert rsa(y, x, "cosine", compare) == pytest.approx(score, abs=1e-12)
    assert rsa(x, x, "cosine", compare) == pytest.approx(1)


def metrics():
    return [RSA("euclidean", compare) for compare in COMPARISONS]


@pytest.mark.parametrize("metric", metrics(), ids=lambda metric: metric.name)
def test_permuting_a_state_is_preparing_the_permuted_rows(metric):
    x, y = pair("correlated")
    order = np.random.default_rng(0).permutation(len(y))
    permuted = metric.prepare(y).permute(order)
    assert metric.compare(metric.prepare(x), permuted) == pytest.approx(metric(x, y[order]), abs=1e-12)


@pytest.mark.parametrize("n", [4, 5, 24, 70])
@pytest.mark.parametrize("metric", metrics(), ids=lambda metric: metric.name)
def test_compiled_permutations_equal_the_plain_ones(metric, n):
    generator = np.random.default_rng(0)
    a = [metric.prepare(generator.normal(size=(n, 5))) for _ in range(14)]
    b = [metric.prepare(generator.normal(size=(n, 7))) for _ in range(2)]
    orders = np.array([generator.permutation(n) for _ in range(11)])
    fast = metric.permuted(a, b, orders)
    # Kendall's permutations tell 512 distances apart, which 32 stimuli have.
    tolerance = 1e-6 if metric.compare_by != "kendall" or n <= 32 else 1e-3
    np.testing.assert_allclose(fast, Metric.permuted(metric, a, b, orders), atol=tolerance)


@pytest.mark.parametrize("distance", ["euclidean", "cityblock", "sqeuclidean"])
@pytest.mark.parametrize("value", [0.0, 1.0, 1e6 / 3])
def test_constant_features_have_nothing_to_rank(distance, value):
    x = np.full((8, 5), value)
    with pytest.raises(DegenerateFeatures, match="layer7 has the same distance between all pairs"):
        RSA(distance).prepare(x, "layer7")


def test_orthogonal_stimuli_have_nothing_to_rank_either():
    with pytest.raises(DegenerateFeatures):
        RSA("cosine").prepare(np.linalg.qr(np.random.default_rng(0).normal(size=(8, 8)))[0])


def test_many_pairs_are_kept_in_half_the_memory_at_little_loss(monkeypatch):
    x, y = pair("correlated", n=300)
    exact = rsa(x, y)
    monkeypatch.setattr("prh.similarity.rdms.state.FLOAT64_PAIRS", 1000)
    assert RSA().prepare(x).vector.dtype == np.float32
    assert rsa(x, y) == pytest.approx(exact, abs=1e-6)


def test_unpaired_rows_are_refused():
    generator = np.random.default_rng(0)
    with pytest.raises(ValueError, match="x has 8 rows and y has 9"):
        rsa(generator.normal(size=(8, 3)), generator.normal(size=(9, 3)))


@pytest.mark.parametrize("distance", ["euclidean", "sqeuclidean", "cityblock"])
def test_distances_equal_but_for_rounding_are_tied(distance):
    generator = np.random.default_rng(0)
    x, y = generator.integers(0, 3, (30, 4)), generator.integers(0, 3, (30, 4))
    expected = spearmanr(pdist(x, distance).round(9), pdist(y, distance).round(9)).statistic
    assert rsa(x, y, distance) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("low", [0.0, -3.0, 1e3])
@pytest.mark.parametrize("tied", [False, True])
def test_midranks_are_scipys(low, tied):
    values = np.random.default_rng(0).normal(size=5000) + low
    values = np.round(values) if tied else values
    np.testing.assert_array_equal(midranks(values), rankdata(values))
