"""What an experiment is told of its stimuli."""

import numpy as np
import pytest

from prh.config import resolve
from prh.experiment import drawn
from prh.features import FeatureStore
from prh.findings.comparing import design_of
from prh.run import composed
from tests.conftest import Listening


def sample(data_dir, folder, *overrides):
    places = f"data_dir={data_dir}", f"cache_dir={folder}", f"output_dir={folder}"
    settings, heard = resolve(composed([*overrides, *places])), Listening()
    return drawn(settings, FeatureStore(folder / "features", heard), heard), heard.warnings


TWICE = {2115, 4926}
"""A trouser of the test split and its copy; with this seed both are among the first 200."""
SEED = 183


@pytest.mark.parametrize(("duplicates", "n"), [("group", 200), ("keep", 200), ("one", 199)])
def test_clothes_that_were_photographed_twice_are_dealt_with(data_dir, tmp_path, duplicates, n):
    few = "dataset.n=200", f"seed={SEED}"
    stimuli, warnings = sample(data_dir, tmp_path, *few, f"dataset.duplicates={duplicates}")
    (warning,) = warnings
    assert warning.startswith("2 of the 200 stimuli show 1 picture ")
    assert len(stimuli) == n
    assert len(TWICE & set(stimuli.ids.tolist())) == (1 if duplicates == "one" else 2)
    design = design_of(stimuli)
    np.testing.assert_array_equal(design.classes, stimuli.labels)
    if duplicates == "group":
        shared = np.flatnonzero(np.bincount(design.groups)[design.groups] == 2)
        assert set(stimuli.ids[shared].tolist()) == TWICE
    else:
        assert design.groups is None


def test_the_default_sample_is_independent_and_nothing_is_said(data_dir, tmp_path):
    stimuli, warnings = sample(data_dir, tmp_path)
    assert (len(stimuli), warnings) == (1000, [])
    design = design_of(stimuli)
    assert (design.groups, design.sequence) == (None, None)
