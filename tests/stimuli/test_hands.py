"""The same emoji by other hands: real drawings, fetched once."""

import numpy as np
import pytest

from prh.ground.progress import Silent
from prh.stimuli import OpenMoji
from prh.stimuli.hands import _svg

HANDS = {"noto": 1629, "fluent": 1586, "twemoji": 1629}


@pytest.fixture(autouse=True)
def drawn_when_looked_at(monkeypatch):
    monkeypatch.setattr("prh.stimuli.drawings.Drawings.complete", lambda drawings: None)


@pytest.mark.parametrize(("hand", "count"), HANDS.items())
def test_another_hand_drew_the_same_things(hand, count, data_dir):
    shown = OpenMoji(size=64, also_drawn_by=hand).draw(0, data_dir, Silent())
    assert len(shown) == count
    assert shown.again.captions == shown.captions
    assert shown.again.fingerprint != shown.fingerprint
    for name, channel in (("red heart", 0), ("green heart", 1), ("blue heart", 2)):
        place = shown.captions.index(name)
        for picture in (shown.images[place], shown.again.images[place]):
            assert picture[:, 0, 0].tolist() == [255, 255, 255]
            assert picture[channel].mean() == picture.mean(axis=(1, 2)).max()


def test_it_can_be_the_first_version_too(data_dir):
    noto = OpenMoji(n=20, size=64, drawn_by="noto").draw(0, data_dir, Silent())
    both = OpenMoji(n=20, size=64, also_drawn_by="noto").draw(0, data_dir, Silent())
    assert noto.captions == both.captions
    assert noto.fingerprint == both.again.fingerprint
    np.testing.assert_array_equal(np.asarray(noto.images), np.asarray(both.again.images))
    assert "Noto" in noto.credit
    assert noto.source == "npm:@iconify-json/noto@1.2.9"


def test_another_language_is_a_second_version_of_the_names(data_dir):
    shown = OpenMoji(n=20, size=64, also_named_in="de").draw(0, data_dir, Silent())
    assert shown.again.fingerprint == shown.fingerprint
    assert shown.again.captions != shown.captions
    german = OpenMoji(size=64, language="de").draw(0, data_dir, Silent())
    named = dict(zip(german.ids, german.captions, strict=True))
    known = [row for row in shown.again.ids if row in named]
    assert len(known) > 15
    assert all(
        named[row] == caption
        for row, caption in zip(shown.again.ids, shown.again.captions, strict=True)
        if row in named
    )


def test_icons_become_square_documents_and_mirrors_are_mirrored():
    drawn = {
        "width": 10,
        "height": 10,
        "icons": {"left": {"body": "<path/>"}, "tall": {"body": "<g/>", "height": 14}},
        "aliases": {"right": {"parent": "left", "hFlip": True}},
    }
    assert 'viewBox="0 0 10 10"><path/></svg>' in _svg(drawn, "left")
    assert 'viewBox="-2 0 14 14"><g/></svg>' in _svg(drawn, "tall")
    assert '<g transform="translate(10 0) scale(-1 1)"><path/></g>' in _svg(drawn, "right")
    assert _svg(drawn, "none") is None
