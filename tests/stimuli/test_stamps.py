"""Stamps as their files have them."""

import numpy as np
import pytest
from PIL import Image

from prh.stimuli.stamps import Stamp, captions_in, drawing, sharing_none, stamps_in
from prh.stimuli.tuxpaint_files import Stamps
from tests.stimuli.toy_stamps import SVG


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"A dog.\nfr.utf8=Un chien.\n", {"en": "A dog.", "fr": "Un chien."}),
        ("\ufeffA dog.\r\nfr.utf8= Un  chien. \r\n".encode(), {"en": "A dog.", "fr": "Un chien."}),
        (b"\nfr.utf8=Un chien.", {"en": "", "fr": "Un chien."}),
        (b"", {"en": ""}),
        (b"A dog.\nfr.utf8=\nde.utf8=  \n\n", {"en": "A dog."}),
        (b"A dog.\nen_GB.utf8=A hound.\nca@valencia.utf8=Un gos.", None),
        (b"A dog.\nfr.utf8=2 + 2 = 4\nfr=no\nsome words", {"en": "A dog.", "fr": "2 + 2 = 4"}),
        ("A dog.\nfr.utf8=\xe9t\xe9".encode("latin-1"), {"en": "A dog.", "fr": "�t�"}),
    ],
)
def test_captions_are_read_whatever_the_file_is_like(content, expected):
    expected = expected or {"en": "A dog.", "en_GB": "A hound.", "ca@valencia": "Un gos."}
    assert captions_in(content) == expected


@pytest.mark.parametrize(
    ("caption", "bare"),
    [
        ("A red apple.", "red apple"),
        ("An owl!", "owl"),
        ("Some cherries…", "cherries"),
        ("The Sun.", "sun"),
        ("Another one.", "another one"),
        ("", ""),
    ],
)
def test_what_a_stamp_shows_is_the_caption_without_article(caption, bare):
    assert Stamp("a/b", "a/b.png", {"en": caption}).bare == bare


def test_captions_that_share_no_word_are_told():
    captions = [
        "Un drapeau vert.",
        "Le drapeau bleu.",
        "Un cheval.",
        "Deux chevaux!",
        "Un âne.",
        "Une île verte.",
        "Un os.",
    ]
    assert sharing_none(captions).tolist() == [0, 2, 4, 5, 6]
    assert sharing_none([]).tolist() == []


def test_stamps_have_a_caption_and_a_picture_drawings_first(tmp_path):
    sums = dict.fromkeys(
        ["a/one.txt", "a/one.png", "a/one.svg", "a/two.txt", "three.png", "four.txt", "four.png"]
    )
    for name in sums:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("A thing.")
    found = stamps_in(Stamps(tmp_path, "here", sums))
    assert [(stamp.name, stamp.picture, stamp.within(1)) for stamp in found] == [
        ("a/one", "a/one.svg", "a"),
        ("four", "four.png", "/"),
    ]


def test_a_drawing_in_points_is_as_large_as_it_can_be_and_on_white(tmp_path):
    (tmp_path / "duck.svg").write_text(SVG)
    shown = np.asarray(drawing(tmp_path / "duck.svg", 40))
    assert shown.shape == (40, 40, 3)
    assert shown[20, 20].tolist() == [0, 0, 255]
    assert shown[0, 0].tolist() == shown[20, 35].tolist() == [255, 255, 255]


@pytest.mark.parametrize(("mode", "options"), [("RGBA", {}), ("LA", {}), ("P", {"transparency": 0})])
def test_what_is_transparent_is_white_in_every_mode(mode, options, tmp_path):
    Image.new("RGBA", (6, 6), (0, 0, 0, 0)).convert(mode).save(tmp_path / "a.png", **options)
    assert (np.asarray(drawing(tmp_path / "a.png", 8)) == 255).all()
