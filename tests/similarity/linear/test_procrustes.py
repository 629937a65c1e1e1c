"""Procrustes against SciPy's rotation, applied."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes as scipy_procrustes

from prh.similarity import DegenerateFeatures, Procrustes, procrustes
from tests.similarity.conftest import pair

METRIC = Procrustes()


def shape(x, columns):
    centred = x - x.mean(axis=0)
    return np.pad(centred / np.linalg.norm(centred), ((0, 0), (0, columns - x.shape[1])))


def test_it_is_the_distance_left_after_the_best_rotation(xy):
    x, y = (shape(z, max(z.shape[1] for z in xy)) for z in xy)
    rotation, _ = orthogonal_procrustes(y, x)
    distance = np.linalg.norm(x - y @ rotation)
    assert procrustes(*xy) == pytest.approx(1 - distance / np.sqrt(2), abs=1e-6)
    disparity = scipy_procrustes(x, y)[2]
    assert (1 - procrustes(*xy)) ** 2 == pytest.approx(1 - np.sqrt(1 - disparity), abs=1e-6)


def test_permuting_a_state_is_permuting_its_rows():
    x, y = pair("correlated", n=30)
    generator = np.random.default_rng(0)
    order = generator.permutation(30)
    a, b = METRIC.prepare(x), METRIC.prepare(y)
    assert METRIC.compare(a, b.permute(order)) == pytest.approx(procrustes(x, y[order]))


@pytest.mark.parametrize("value", [0.0, 1 / 3, 1e9 / 3])
def test_constant_features_are_refused(value):
    with pytest.raises(DegenerateFeatures, match="layer7 is the same in all rows"):
        METRIC.prepare(np.full((7, 3), value), "layer7")
