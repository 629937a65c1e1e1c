"""RDMs that do not fit: the same scores from blocks of distances."""

import numpy as np
import pytest

from prh.similarity import RSA, DegenerateFeatures
from prh.similarity.rdms.streaming import StreamedRDM
from tests.similarity.conftest import KINDS, pair

DISTANCES = ("cosine", "euclidean", "sqeuclidean", "correlation", "cityblock")


def little(distance, compare, n, rows=17):
    """RSA with memory for a few rows of distances."""
    return RSA(distance, compare, memory_gb=8 * 8 * n * rows / 2**30 * 1.0001)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize(("compare", "tolerance"), [("spearman", 1e-3), ("pearson", 1e-5), ("cosine", 1e-5)])
def test_it_equals_what_fits(kind, distance, compare, tolerance):
    x, y = pair(kind, n=300)
    metric = little(distance, compare, 300)
    assert metric.block_rows(300) == 17
    assert isinstance(metric.prepare(x), StreamedRDM)
    assert metric(x, y) == pytest.approx(RSA(distance, compare)(x, y), abs=tolerance)
    assert metric.exact(300) == (compare != "spearman")


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_spearman_copes_with_a_few_distances_far_beyond_the_others(scale):
    x, y = pair("correlated", n=2000)
    x[7] *= 1000
    metric = little("euclidean", "spearman", 2000)
    assert metric(scale * x, y) == pytest.approx(RSA("euclidean")(x, y), abs=1e-3)


def test_blocks_make_no_difference():
    x, y = pair("correlated", n=300)
    scores = [little("cosine", "spearman", 300, rows)(x, y) for rows in (1, 40)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


@pytest.mark.parametrize("compare", ["spearman", "pearson", "cosine"])
def test_permuted_states_and_some_of_the_stimuli_equal_those_that_fit(compare):
    x, y = pair("correlated", n=60)
    whole, metric = RSA("euclidean", compare), little("euclidean", compare, 60, 3)
    generator = np.random.default_rng(0)
    orders = np.array([generator.permutation(60) for _ in range(3)])
    found = metric.permuted([metric.prepare(x)], [metric.prepare(y)], orders)
    expected = whole.permuted([whole.prepare(x)], [whole.prepare(y)], orders)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    some = generator.choice(60, 25, replace=False)
    assert metric.compare(*(metric.prepare(z).among(some) for z in (x, y))) == pytest.approx(
        whole(x[some], y[some]), abs=1e-5
    )


def test_equal_distances_and_kendall_are_refused():
    with pytest.raises(DegenerateFeatures, match="layer7 has the same distance"):
        little("euclidean", "spearman", 30, 1).prepare(np.eye(30), "layer7")
    with pytest.raises(ValueError, match="kendall"):
        little("euclidean", "kendall", 30, 1).prepare(pair("correlated", n=30)[0])
