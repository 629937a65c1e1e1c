"""Several captions of a stimulus: the first, all of them averaged, all as one text."""

import numpy as np
import pytest

from prh.encoders import Captions, Prompt
from prh.errors import ConfigError
from prh.features import FeatureStore, text_features
from prh.ground.progress import Silent
from tests.encoders.text.test_packages import READERS

WORDINGS = [("dog", "pet", "it barks"), ("car",), ("shoe", "footwear")]
BARE = Prompt(["{}"])


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (Captions(), [["dog", "car", "shoe"]]),
        (Captions("all"), [["dog; pet; it barks", "car", "shoe; footwear"]]),
        (Captions("all", most=2), [["dog; pet", "car", "shoe; footwear"]]),
        (Captions("mean", most=1), [["dog", "car", "shoe"]]),
        (Captions("mean"), [["dog", "car", "shoe"], ["pet", None, "footwear"], ["it barks", None, None]]),
    ],
)
def test_what_is_read_of_each(how, expected):
    assert BARE.about(WORDINGS, how) == expected


def test_every_caption_is_put_into_every_template():
    found = Prompt(["a {}", "{}s"]).about(WORDINGS, Captions("mean", most=2))
    assert found[:2] == [["a dog", "a car", "a shoe"], ["dogs", "cars", "shoes"]]
    assert found[2:] == [["a pet", None, "a footwear"], ["pets", None, "footwears"]]


def test_definitions_of_captions_may_lack_none():
    with pytest.raises(ConfigError, match=r"there is none of pet"):
        Prompt(["{}"], {"dog": "x", "car": "y", "shoe": "z"}).about(WORDINGS, Captions("mean", most=2))


def test_a_row_is_the_mean_of_the_captions_that_are_there(tmp_path):
    reader = READERS["use"]().resolve(None)
    store = FeatureStore(tmp_path, Silent())
    prompts = BARE.about(WORDINGS, Captions("mean"))
    found = text_features(reader, prompts, ["embedding"], "avg", "stimuli", store, Silent())["embedding"]
    for row, captions in zip(found, WORDINGS, strict=True):
        (alone,) = reader.encode(list(captions), ["embedding"], "avg")
        np.testing.assert_allclose(row, alone["embedding"].mean(axis=0), atol=1e-5)
