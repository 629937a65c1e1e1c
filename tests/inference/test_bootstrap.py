"""Samples with replacement."""

import numpy as np
import pytest

from prh.inference.bootstrap import bootstrap_counts, interval


def test_samples_have_the_size_of_the_original_and_enough_different_stimuli():
    counts = bootstrap_counts(5, 500, seed=0)
    assert (counts.sum(axis=1) == 5).all()
    assert ((counts > 0).sum(axis=1) >= 4).all()


def test_samples_without_a_score_are_left_out():
    low, high = interval(np.array([[np.nan], [0.0], [1.0]]), 0.5)
    assert (low[0], high[0]) == (0.25, 0.75)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match="level"):
        interval(np.zeros((4, 1)), level)
