"""The real OpenMoji."""

import numpy as np
import pytest

from prh.errors import ConfigError
from prh.ground.progress import Silent
from prh.stimuli.drawings import Drawings
from prh.stimuli.emojis import load_pictures
from prh.stimuli.openmoji import OpenMoji
from tests.conftest import Listening


@pytest.fixture(scope="module")
def few(data_dir):
    return OpenMoji(n=24).draw(0, data_dir, Silent())


def test_there_are_as_many_pictures_as_names_and_neither_flags_nor_skin_tones(data_dir, monkeypatch):
    monkeypatch.setattr("prh.stimuli.drawings.Drawings.complete", lambda drawings: None)
    full = OpenMoji().draw(0, data_dir, Silent())
    assert 1500 < len(full) == len(set(full.captions)) < 1700
    assert len(full.class_names) == 8
    assert not [name for name in full.captions if "skin tone" in name or name.startswith("flag:")]


def test_pictures_show_what_their_names_say(data_dir):
    full = OpenMoji(size=32).draw(0, data_dir, Silent())
    red, green = (full.images[full.captions.index(f"{colour} heart")] for colour in ("red", "green"))
    assert red[0].mean() > red[1].mean() + 20
    assert green[1].mean() > green[0].mean() + 5
    assert red[:, 0, 0].tolist() == [255, 255, 255]


def test_samples_are_prefixes_and_carry_their_credit(few, data_dir):
    more = OpenMoji(n=30).draw(0, data_dir, Silent())
    assert more.captions[:24] == few.captions
    assert (more.ids[:24] == few.ids).all()
    assert "CC BY-SA 4.0" in few.credit


DAMAGE = {
    "cut short": lambda content: content[: len(content) // 2],
    "emptied": lambda content: b"",
    "a byte flipped": lambda content: bytes([*content[:99], content[99] ^ 4, *content[100:]]),
    "another picture": None,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_picture_is_named_and_drawn_again(damage, tmp_path):
    pictures, report = load_pictures("en")[:3], Listening()
    Drawings(pictures, 32, tmp_path, report).complete()
    first, second, _ = sorted(tmp_path.glob("*.png"))
    whole, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(damage(whole) if damage else other)
    again = Drawings(pictures, 32, tmp_path, report)
    again.complete()
    shown = np.asarray(again.open(0))
    assert report.warnings == [f"{first} is damaged; it is made again"]
    assert first.read_bytes() == whole
    assert (shown == np.asarray(Drawings(pictures, 32, tmp_path, report).open(0))).all()
    assert len(report.warnings) == 1


@pytest.mark.parametrize(("language", "cat"), [("de", "katze"), ("ja", "ネコ"), ("fr", "chat")])
def test_languages_name_the_same_pictures(language, cat):
    english, other = load_pictures("en"), load_pictures(language)
    assert [picture.svg for picture in english] == [picture.svg for picture in other]
    place = [picture.names["en"] for picture in english].index("cat")
    assert other[place].names[language] == cat


def test_languages_share_features_and_groups(data_dir):
    german, english = (OpenMoji(language=name).draw(0, data_dir, Silent()) for name in ("de", "en"))
    assert german.fingerprint == english.fingerprint
    _, here, there = np.intersect1d(german.ids, english.ids, return_indices=True)
    assert len(here) > 1500
    np.testing.assert_array_equal(german.groups[here], english.groups[there])
    groups = dict(zip(english.captions, english.groups, strict=True))
    assert groups["red heart"] == groups["light blue heart"] != groups["broken heart"]


def test_more_than_there_are_is_refused(data_dir):
    with pytest.raises(ConfigError, match=r"dataset\.n: 5000 is more than the 16\d\d stimuli"):
        OpenMoji(n=5000).draw(0, data_dir, Silent())


def test_nothing_can_be_trained_on_it(data_dir):
    with pytest.raises(ConfigError, match=r"no training images.*efficientnet_lite0_random"):
        OpenMoji().training_data(data_dir, Silent())
