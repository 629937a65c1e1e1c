"""Neighbour metrics against their definitions, spelled out stimulus by stimulus."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from prh.inference import permutation_test
from prh.similarity import (
    CKNNA,
    LCSKNN,
    CycleKNN,
    EditKNN,
    JaccardKNN,
    Metric,
    MutualKNN,
    cycle_knn,
    edit_knn,
    jaccard_knn,
    lcs_knn,
    mutual_knn,
)
from tests.similarity.conftest import pair


def lists(x, k):
    """Each stimulus' k nearest others by cosine, nearest first."""
    directions = x / np.linalg.norm(x, axis=1, keepdims=True)
    similarity = directions @ directions.T
    others = [[j for j in range(len(x)) if j != i] for i in range(len(x))]
    return [sorted(others[i], key=lambda j: -similarity[i, j])[:k] for i in range(len(x))]


def subsequence(a, b):
    if not a or not b:
        return 0
    if a[0] == b[0]:
        return 1 + subsequence(a[1:], b[1:])
    return max(subsequence(a[1:], b), subsequence(a, b[1:]))


def edits(a, b):
    if not a or not b:
        return len(a) + len(b)
    if a[0] == b[0]:
        return edits(a[1:], b[1:])
    return 1 + min(edits(a[1:], b), edits(a, b[1:]), edits(a[1:], b[1:]))


DEFINITIONS = {
    mutual_knn: lambda a, b, i, k: len({*a[i]} & {*b[i]}) / k,
    jaccard_knn: lambda a, b, i, k: len({*a[i]} & {*b[i]}) / len({*a[i]} | {*b[i]}),
    cycle_knn: lambda a, b, i, k: float(any(i in a[j] for j in b[i])),
    lcs_knn: lambda a, b, i, k: subsequence(a[i], b[i]),
    edit_knn: lambda a, b, i, k: 1 - edits(a[i], b[i]) / k,
}
METRICS = [MutualKNN(5), JaccardKNN(5), CycleKNN(5), LCSKNN(5), LCSKNN(5, normalised=True), EditKNN(5)]


@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("function", DEFINITIONS, ids=lambda function: function.__name__)
def test_it_is_its_definition(xy, function, k):
    a, b = (lists(x, k) for x in xy)
    expected = np.mean([DEFINITIONS[function](a, b, i, k) for i in range(len(a))])
    assert function(*xy, k=k) == pytest.approx(expected)


@pytest.mark.parametrize("function", DEFINITIONS, ids=lambda function: function.__name__)
def test_tensors_are_arrays_to_it(xy, function):
    torch = pytest.importorskip("torch")
    assert function(torch.tensor(xy[0]), xy[1], k=4) == pytest.approx(function(*xy, k=4))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_it_is_blind_to_rotation_scale_and_order_and_greatest_for_itself(metric):
    x, y = pair("correlated")
    score = metric(x, y)
    order = np.random.default_rng(1).permutation(len(x))
    assert metric(0.3 * x @ ortho_group.rvs(x.shape[1], random_state=0), y) == pytest.approx(score)
    assert metric(x[order], y[order]) == pytest.approx(score)
    # A stimulus need not be among the neighbours of its own neighbours.
    assert metric(x, x) == pytest.approx(metric.maximum) or isinstance(metric, CycleKNN)


def test_blocks_make_no_difference():
    x, y = pair("correlated", n=50)
    few = MutualKNN(memory_gb=8 * 8 * 50 * 7 / 2**30)
    assert few.block_rows(50) == 7
    assert few(x, y) == mutual_knn(x, y)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_permuting_a_state_is_preparing_the_permuted_rows(metric):
    x, y = pair("correlated")
    orders = np.array([np.random.default_rng(seed).permutation(len(y)) for seed in range(6)])
    a, b = [metric.prepare(x), metric.prepare(x[:, :3])], [metric.prepare(y)]
    expected = [[[metric(x, y[order])], [metric(x[:, :3], y[order])]] for order in orders]
    np.testing.assert_allclose(Metric.permuted(metric, a, b, orders), expected)
    np.testing.assert_allclose(metric.permuted(a, b, orders), expected)


@pytest.mark.parametrize("kind", [MutualKNN, JaccardKNN, CycleKNN, EditKNN, CKNNA])
def test_a_share_of_the_stimuli_is_that_many_neighbours(kind):
    x, y = pair("correlated", n=40)
    assert kind(0.1)(x, y) == pytest.approx(kind(4)(x, y))
    assert kind(0.001)(x, y) == pytest.approx(kind(1)(x, y), nan_ok=True)
    assert "10%-NN" in kind(0.1).name


def test_lengths_that_grow_with_the_stimuli_must_be_normalised():
    assert LCSKNN(0.1, normalised=True).maximum == 1
    with pytest.raises(ValueError, match="normalised"):
        LCSKNN(0.1)


def test_chance_is_k_over_n_minus_one():
    metric = MutualKNN(10)
    x, y = pair("independent", n=200)
    result = permutation_test(metric, metric.prepare(x), metric.prepare(y), n=300)
    assert result.null_mean == pytest.approx(10 / 199, abs=3 * result.null_sd / np.sqrt(300))
    assert result.p > 0.01


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_bad_input_is_refused(metric):
    x, y = pair("independent")
    with pytest.raises(ValueError, match="k must be less than the 5 rows of layer1, not 5"):
        metric.prepare(x[:5], "layer1")
    with pytest.raises(ValueError, match="zero in row 3"):
        metric.prepare(np.where(np.arange(24)[:, None] == 3, 0, x))
    with pytest.raises(ValueError, match="paired"):
        metric(x, y[:20])
    assert type(metric)(7, k_classes=2).for_classes().k == 2
