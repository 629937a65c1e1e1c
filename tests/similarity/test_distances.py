"""RDMs against SciPy's pdist; what has no distance is refused."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from prh.similarity import DegenerateFeatures, rdm

DISTANCES = ("cosine", "euclidean", "sqeuclidean", "correlation", "cityblock")


@pytest.mark.parametrize("distance", DISTANCES)
def test_it_equals_scipy(xy, distance):
    x, _ = xy
    np.testing.assert_allclose(rdm(x, distance), pdist(x, distance), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("distance", DISTANCES)
def test_numpy_and_torch_of_either_precision_agree(distance):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).normal(size=(12, 5)).astype(np.float32)
    expected = pdist(x.astype(float), distance)
    for given in (x, torch.tensor(x), torch.tensor(x, requires_grad=True), x.tolist()):
        np.testing.assert_allclose(rdm(given, distance), expected, rtol=1e-6)


@pytest.mark.parametrize("distance", DISTANCES)
def test_equal_rows_are_at_distance_zero(distance):
    x = np.random.default_rng(0).normal(size=(6, 40))
    x[3] = x[1]
    assert rdm(x, distance)[6] == 0
    assert (rdm(x, distance) == 0).sum() == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_named_by_row(value):
    x = np.ones((20, 3))
    x[[4, 17], 1] = value
    with pytest.raises(DegenerateFeatures, match="features has NaN or infinite values in rows 4, 17"):
        rdm(x, name="features")


def test_zero_rows_have_no_direction():
    x = np.random.default_rng(0).normal(size=(9, 3))
    x[[2, 3, 4, 5, 6, 7, 8]] = 0
    with pytest.raises(DegenerateFeatures, match=r"zero in rows 2, 3, 4, 5, 6 and 2 more"):
        rdm(x, "cosine")
    assert np.isfinite(rdm(x, "euclidean")).all()


@pytest.mark.parametrize("constant", [0.0, 1.0, 0.1, 1e6 / 3])
def test_constant_rows_have_no_correlation(constant):
    x = np.random.default_rng(0).normal(size=(9, 7))
    x[5] = constant
    with pytest.raises(DegenerateFeatures, match="constant in row 5"):
        rdm(x, "correlation")


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((5, 3, 2)), r"shape \(5, 3, 2\)"),
        (np.zeros(5), r"shape \(5,\)"),
        (np.zeros((3, 3)), "3 rows"),
        ([["a"]] * 5, "numbers"),
        ([[1], [2, 3], [1], [2]], "numbers"),
    ],
)
def test_what_is_no_matrix_is_refused(x, message):
    with pytest.raises(ValueError, match=message):
        rdm(x)


def test_an_unknown_distance_lists_the_known():
    with pytest.raises(ValueError, match=r"cosine, euclidean.*'manhattan'"):
        rdm(np.eye(5), "manhattan")
