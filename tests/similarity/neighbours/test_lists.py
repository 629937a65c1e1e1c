"""The compiled loops over lists, where no metric of its own tells whether they are right."""

import numpy as np
import pytest

from prh.similarity.neighbours.lists import largest


@pytest.mark.parametrize("k", [1, 2, 7, 29, 30])
@pytest.mark.parametrize("different", [2, 1000])
def test_the_largest_come_in_order_and_of_equals_the_first(k, different):
    values = np.random.default_rng(k).integers(0, different, (20, 30)).astype(np.float32)
    np.testing.assert_array_equal(largest(values, k), np.argsort(-values, axis=1, kind="stable")[:, :k])
