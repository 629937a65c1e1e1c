"""A grid is every pair of layers, each prepared once."""

import numpy as np
import pytest

from prh.similarity import RSA, Metric, Rows, grid, rsa


def layers(n, sizes, seed):
    generator = np.random.default_rng(seed)
    return {f"layer{i}": generator.normal(size=(n, d)) for i, d in enumerate(sizes)}


def test_every_cell_is_the_score_of_its_layers():
    a, b = layers(15, (3, 5, 8), 0), layers(15, (4, 6), 1)
    expected = [[rsa(x, y) for y in b.values()] for x in a.values()]
    np.testing.assert_allclose(grid(RSA(), a, b), expected)


def test_each_layer_is_prepared_once():
    class Counting(Metric):
        name = "counting"
        prepared = 0

        def prepare(self, x, name="x"):
            self.prepared += 1
            return Rows(x)

        def compare(self, a, b):
            return 0.0

    metric = Counting()
    assert grid(metric, layers(9, [2] * 4, 0), layers(9, [2] * 6, 1)).shape == (4, 6)
    assert metric.prepared == 10


def test_unpaired_layers_are_refused():
    with pytest.raises(ValueError, match="paired"):
        grid(RSA(), layers(9, [3], 0), layers(8, [3], 0))
