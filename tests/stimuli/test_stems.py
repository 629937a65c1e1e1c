"""Names that share a stem, real ones of OpenMoji."""

import numpy as np
import pytest

from prh.stimuli.openmoji import load_pictures
from prh.stimuli.stems import stem, stem_groups


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        (["person running", "woman running facing right", "man running"], "running"),
        (["keycap 7", "keycap #", "keycap 10"], "keycap"),
        (["one o’clock", "twelve o’clock"], "o’clock"),
        (["red heart", "light blue heart"], "heart"),
        (["men’s room", "women’s room"], "room"),
        (["family man woman girl boy", "family adult child", "family"], "family"),
        (["left-facing fist", "right-facing fist"], "fist"),
        (["man", "girl", "person"], ""),
        (["black medium-small square", "white large square"], "square"),
    ],
)
def test_a_stem_leaves_out_who_which_way_which_number_which_colour_and_which_size(names, shared):
    assert {stem(name) for name in names} == {shared}


@pytest.mark.parametrize("name", ["flag in hole", "T-Rex", "broken heart", "OK hand", "two-hump camel"])
def test_other_words_stay(name):
    assert stem(name).split()[-1] == name.split()[-1].split("-")[-1]
    assert stem(name) not in {"hand", "heart", "hole"}


def test_openmoji_has_440_names_that_share_115_stems():
    names = [picture.names["en"] for picture in load_pictures("en")]
    sizes = np.bincount(stem_groups(names))
    assert (sizes[sizes > 1].sum(), (sizes > 1).sum(), sizes.max()) == (440, 115, 30)
