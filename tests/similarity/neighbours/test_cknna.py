"""CKNNA against the dense formula of the PRH paper."""

import numpy as np
import pytest

from prh.similarity import CKNNA, cknna
from tests.similarity.conftest import pair
from tests.similarity.neighbours.test_overlap import lists


def dense(x, y, k, copies=None):
    """Masks, kernels and the transposition as the paper's formula has them, over copies of stimuli."""
    n = len(x)
    masks, kernels = [], []
    for z in (x, y):
        mask = np.zeros((n, n))
        for i, near in enumerate(lists(z, k)):
            mask[i, near] = 1
        masks.append(mask)
        directions = z / np.linalg.norm(z, axis=1, keepdims=True)
        kernels.append(directions @ directions.T)
    if copies is not None:
        masks, kernels = ([z[np.ix_(copies, copies)] for z in both] for both in (masks, kernels))

    def s(a, b):
        k, m, n = a * mutual, b * mutual, len(a)
        inner = (k * m.T).sum() + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * (k @ m).sum() / (n - 2)
        return inner / (n * (n - 3))

    mutual = masks[0] * masks[1]
    cross = s(*kernels)
    own = []
    for mask, kernel in zip(masks, kernels, strict=True):
        mutual = mask
        own.append(s(kernel, kernel))
    return cross / np.sqrt(own[0] * own[1])


@pytest.mark.parametrize("k", [1, 4, 10])
def test_it_is_the_dense_formula(xy, k):
    assert cknna(*xy, k=k) == pytest.approx(dense(*xy, k), abs=1e-6, nan_ok=True)


def test_permutations_equal_prepared_ones():
    metric, (x, y) = CKNNA(5), pair("correlated")
    orders = np.array([np.random.default_rng(seed).permutation(24) for seed in range(5)])
    found = metric.permuted([metric.prepare(x)], [metric.prepare(y)], orders)[:, 0, 0]
    np.testing.assert_allclose(found, [metric(x, y[order]) for order in orders], atol=1e-9)


def test_bad_input_is_refused():
    x, y = pair("independent")
    with pytest.raises(ValueError, match="k must be less than the 5 rows of layer1, not 5"):
        CKNNA(5).prepare(x[:5], "layer1")
    with pytest.raises(ValueError, match="paired"):
        CKNNA(5)(x, y[:20])
    assert CKNNA(7, 2).for_classes().k == 2
