"""Which windows of recordings hang together."""

import numpy as np
import pytest

from prh.stimuli.recordings import FEWEST, window_groups


def slow(n, memory, seed, columns=12):
    """Windows whose measurements are autoregressive, standardised: a correlation of memory**lag."""
    rng = np.random.default_rng(seed)
    values = np.empty((n, columns))
    values[0] = rng.normal(size=columns)
    for t in range(1, n):
        values[t] = memory * values[t - 1] + np.sqrt(1 - memory**2) * rng.normal(size=columns)
    return (values - values.mean(axis=0)) / values.std(axis=0)


def lengths(groups):
    assert (np.diff(groups) >= 0).all()
    return np.bincount(groups)


def test_ten_recordings_are_ten_groups():
    of = np.repeat(list("abcdefghij"), [3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    assert lengths(window_groups(of, slow(39, 0.9, 0))).tolist() == [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]


@pytest.mark.parametrize(("memory", "shortest", "longest"), [(0.0, 2, 2), (0.5, 6, 12), (0.8, 14, 40)])
def test_stretches_are_as_long_as_the_recording_remembers(memory, shortest, longest):
    counts = lengths(window_groups(["a"] * 800, slow(800, memory, 1)))
    assert shortest <= counts[0] <= longest
    assert (counts[:-1] == counts[0]).all()


def test_there_are_ten_stretches_however_slow_it_is():
    constant = np.zeros((35, 3))
    for measured in (slow(35, 0.99, 2), constant):
        assert lengths(window_groups(["a"] * 35, measured)).size >= FEWEST
    assert lengths(window_groups(["a"] * 8, slow(8, 0.9, 0))).tolist() == [1] * 8


def test_no_stretch_reaches_from_one_recording_into_the_next():
    of = ["a"] * 33 + ["b"] * 47
    groups = window_groups(of, slow(80, 0.9, 3))
    assert not set(groups[:33]) & set(groups[33:])


def test_windows_that_could_not_be_measured_count_for_nothing():
    measured = slow(400, 0.5, 4)
    whole = window_groups(["a"] * 400, measured)
    measured[[10, 11, 200]] = np.nan
    torn = window_groups(["a"] * 400, measured)
    assert abs(lengths(torn)[0] - lengths(whole)[0]) <= 2
