"""Names that say the same but for who, which way, which number, which colour or which size."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WHO = "man men woman women person people boy girl adult child"
WHICH_WAY = "left right up down leftwards rightwards upwards downwards facing"
WHICH_ONE = "one two three four five six seven eight nine ten eleven twelve"
COLOUR = "red orange yellow green blue purple brown black white grey pink light"
SIZE = "small medium large"
LEFT_OUT = frozenset(f"{WHO} {WHICH_WAY} {WHICH_ONE} {COLOUR} {SIZE}".split())


def stem(name: str) -> str:
    """Returns an English name without the words that tell drawings after one template apart.

    These are the words of this module, also with ’s, and those without a letter or with a digit, such as
    the 7 of ``keycap 7``: ``woman running facing right`` and ``person running`` are both ``running``,
    ``red heart`` and ``light blue heart`` both ``heart``, ``family man girl`` is ``family``. A name of such
    words alone has an empty stem.
    """
    return " ".join(word for word in re.split(r"[ -]+", name) if not _left_out(word))


def stem_groups(names: Sequence[str]) -> NDArray[np.int64]:
    """Returns a number for each name, N, the same where stems are."""
    return np.unique([stem(name) for name in names], return_inverse=True)[1].astype(np.int64)


def _left_out(word: str) -> bool:
    letters, digits = re.search(r"[^\W\d_]", word), re.search(r"\d", word)
    return word.removesuffix("’s") in LEFT_OUT or not letters or digits is not None
