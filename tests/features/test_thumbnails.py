"""Thumbnails: made once of images on disk."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from prh.features.store import FeatureStore
from prh.features.thumbnails import thumbnails_of
from prh.ground.progress import Silent
from prh.stimuli import ImageFolder
from prh.stimuli.duplicates import thumbnails


@pytest.fixture
def stimuli(tmp_path):
    rng = np.random.default_rng(0)
    for index in range(70):
        path = tmp_path / "pictures" / "ab"[index % 2] / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(path)
    return ImageFolder(str(tmp_path / "pictures"), size=40).draw(0, tmp_path, Silent())


def test_images_on_disk_are_opened_once_whatever_is_drawn(stimuli, tmp_path):
    store = FeatureStore(tmp_path / "features", Silent())
    found = thumbnails_of(stimuli, store, Silent())
    np.testing.assert_array_equal(found, thumbnails(np.asarray(stimuli.images)))

    def never(row):
        raise AssertionError("opened again")

    closed = replace(stimuli, images=replace(stimuli.images, open=never))
    again = thumbnails_of(closed.at(np.array([5, 60, 3])), store, Silent())
    np.testing.assert_array_equal(again, found[[5, 60, 3]])
    assert again.dtype == np.uint8


def test_images_in_memory_give_the_same_and_are_not_kept(stimuli, tmp_path):
    held = replace(stimuli, images=np.asarray(stimuli.images))
    store = FeatureStore(tmp_path / "none", Silent())
    np.testing.assert_array_equal(
        thumbnails_of(held, store, Silent()), thumbnails(np.asarray(stimuli.images))
    )
    assert not (tmp_path / "none").exists()
