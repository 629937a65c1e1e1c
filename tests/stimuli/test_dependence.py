"""What is done about stimuli that are not independent of each other."""

from dataclasses import replace

import numpy as np
import pytest

from prh.errors import ConfigError
from prh.stimuli import StimulusSet
from prh.stimuli.dependence import components, joined, treated
from tests.conftest import Listening

SAME = np.array([0, 1, 0, 2, 3, 2, 2])
"""Seven stimuli of four pictures."""


@pytest.fixture
def stimuli():
    labels = np.array([0, 0, 0, 1, 0, 1, 1])
    images = np.zeros((7, 1, 4, 4), np.uint8)
    return StimulusSet("few", images, labels, ("a", "b"), np.array([9, 4, 7, 1, 0, 3, 2]), "few-1", "here")


def partition(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}


def test_one_of_each_is_the_first_that_was_drawn(stimuli):
    heard = Listening()
    kept = treated(stimuli, SAME, "one", heard)
    assert kept.ids.tolist() == [9, 4, 1, 0]
    (warning,) = heard.warnings
    assert "5 of the 7 stimuli show 2 pictures two or more times" in warning
    assert "4 remain" in warning


def test_grouped_copies_join_the_groups_that_were_there(stimuli):
    heard = Listening()
    assert partition(treated(stimuli, SAME, "group", heard).groups) == partition(SAME)
    own = replace(stimuli, groups=np.array([5, 5, 1, 2, 3, 4, 3]))
    grouped = treated(own, SAME, "group", heard)
    assert partition(grouped.groups) == {frozenset({0, 1, 2}), frozenset({3, 4, 5, 6})}
    assert len(heard.warnings) == 2
    assert all("dataset.duplicates=one" in warning for warning in heard.warnings)


def test_kept_copies_are_said_and_nothing_else(stimuli):
    heard = Listening()
    assert treated(stimuli, SAME, "keep", heard) is stimuli
    assert "p too small" in heard.warnings[0]


def test_silence_does_not_make_all_recordings_one(stimuli):
    heard = Listening()
    windows = replace(stimuli, groups=np.array([0, 0, 1, 1, 2, 2, 2]), consecutive=True)
    assert treated(windows, SAME, "group", heard) is windows
    assert len(heard.warnings) == 1


@pytest.mark.parametrize("duplicates", ["keep", "one", "group"])
def test_without_copies_nothing_is_said_or_done(stimuli, duplicates):
    heard = Listening()
    assert treated(stimuli, np.arange(7), duplicates, heard) is stimuli
    assert heard.warnings == []


def test_a_class_of_copies_alone_is_not_dropped_in_silence(stimuli):
    across = np.array([0, 1, 2, 0, 3, 0, 0])
    with pytest.raises(ConfigError, match=r"dataset\.duplicates: without near duplicates there is no b"):
        treated(stimuli, across, "one", Listening())
    captioned = replace(stimuli, captions=tuple("abcdefg"))
    assert len(treated(captioned, across, "one", Listening())) == 4


def test_components_and_joins_are_those_of_brute_force():
    rng = np.random.default_rng(0)
    links = rng.integers(0, 40, (2, 25))
    together = np.eye(40, dtype=bool)
    together[links[0], links[1]] = together[links[1], links[0]] = True
    for _ in range(6):
        together = (together.astype(int) @ together.astype(int)) > 0
    found = components(40, links)
    np.testing.assert_array_equal(found[:, None] == found, together)
    a, b = rng.integers(0, 25, (2, 40))
    both = (a[:, None] == a) | (b[:, None] == b)
    for _ in range(6):
        both = (both.astype(int) @ both.astype(int)) > 0
    found = joined(a, b)
    np.testing.assert_array_equal(found[:, None] == found, both)


def test_groups_and_sequence_follow_the_stimuli(stimuli):
    windows = replace(stimuli, groups=np.arange(7) // 2, consecutive=True)
    picked = windows.at(np.array([6, 0, 3]))
    assert picked.groups.tolist() == [3, 0, 1]
    assert picked.ids[picked.sequence].tolist() == [1, 2, 9]
    assert (stimuli.groups, stimuli.sequence) == (None, None)
    assert windows.sample(4, 1).groups.tolist() == (windows.sample(7, 1).groups[:4]).tolist()
