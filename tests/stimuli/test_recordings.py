"""Which windows of recordings hang together."""

import numpy as np
import pytest
from scipy.stats import t

from prh.stimuli.recordings import FEWEST, window_groups


def slow(n, memory, seed, columns=12, centred=True):
    """Windows whose measurements are autoregressive: a correlation of memory**lag."""
    rng = np.random.default_rng(seed)
    values = np.empty((n, columns))
    values[0] = rng.normal(size=columns)
    for at in range(1, n):
        values[at] = memory * values[at - 1] + np.sqrt(1 - memory**2) * rng.normal(size=columns)
    return (values - values.mean(axis=0)) / values.std(axis=0) if centred else values


def lengths(groups):
    assert (np.diff(groups) >= 0).all()
    return np.bincount(groups)


def test_ten_recordings_are_ten_groups():
    of = np.repeat(list("abcdefghij"), [3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    assert lengths(window_groups(of, slow(39, 0.9, 0))).tolist() == [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]


@pytest.mark.parametrize(("memory", "shortest", "longest"), [(0.0, 4, 4), (0.5, 12, 24), (0.8, 28, 80)])
def test_stretches_are_as_long_as_the_recording_remembers(memory, shortest, longest):
    counts = lengths(window_groups(["a"] * 800, slow(800, memory, 1)))
    assert shortest <= counts[0] <= longest
    assert (counts[:-1] == counts[0]).all()


def test_intervals_clustered_by_stretches_cover_where_those_of_windows_do_not():
    """200 means of 400 windows that remember: 95%, and three standard errors of that."""
    clustered, alone = [], []
    for seed in range(200):
        measured = slow(400, 0.5, seed, columns=6, centred=False)
        seen = measured[:, 0]
        sums = np.bincount(window_groups(["a"] * 400, measured), weights=seen - seen.mean())
        error = np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / 400
        clustered.append(abs(seen.mean()) < t.ppf(0.975, len(sums) - 1) * error)
        alone.append(abs(seen.mean()) < 1.96 * seen.std() / 20)
    assert 0.9 < np.mean(clustered) < 0.99
    assert np.mean(alone) < 0.82


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
