"""One stamp of Tux Paint's: its picture, its captions, and where they are read aloud."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from prh.ground.files import identity
from prh.ground.progress import Reporter
from prh.stimuli.names import plain
from prh.stimuli.speech import HOW, Speech, kept_speech, largest_series
from prh.stimuli.tuxpaint_files import Stamps

if TYPE_CHECKING:
    from PIL.Image import Image

CAPTION = re.compile(r"(?P<language>[\w@]+)\.utf8=(?P<text>.*)")
ARTICLE = re.compile(r"(an?|the|some) ")
WORD = re.compile(r"[^\W\d_]{4,}")
BEGINNING = 5
"""Letters by which words are told apart."""
DPI = 96
"""Of drawings whose size is in points or millimetres."""


@dataclass(frozen=True)
class Stamp:
    """One stamp.

    Attributes:
        name: Its path without an ending, below the folder of stamps, with slashes.
        picture: The same of its picture.
        captions: Language to caption; English is there, if empty.
    """

    name: str
    picture: str
    captions: dict[str, str]

    def within(self, folders: int) -> str:
        """Returns the first so many folders that it lies in."""
        return "/".join(self.name.split("/")[:-1][:folders]) or "/"

    @property
    def bare(self) -> str:
        """What it shows, in English: the caption without article and full stop, in lower case."""
        return ARTICLE.sub("", self.captions["en"].lower().rstrip(" .!…"), count=1)

    def recording(self, language: str) -> str:
        """Returns where its caption is read aloud."""
        return f"{self.name}_desc_{language}.ogg"


def sharing_none(captions: Sequence[str]) -> NDArray[np.int64]:
    """Returns the places of captions that share no word with one before them that is among these.

    Words of three letters and fewer, such as articles, do not count, and of longer ones the first five
    letters, so that inflected forms are one.
    """
    said, places = set[str](), []
    for place, caption in enumerate(captions):
        words = {word[:BEGINNING] for word in WORD.findall(caption.lower())}
        if not words & said:
            said |= words
            places.append(place)
    return np.array(places, dtype=np.int64)


@dataclass(frozen=True)
class Recordings:
    """What is said of each of N stamps in one language.

    Attributes:
        contents: SHA-256 of each recording, N; empty where there is none.
        usual: Whether each is of the largest series, encoded by the same program, N.
        speech: Those that there are.
        places: Of each in ``speech``, N; −1 where there is none.
    """

    contents: tuple[str, ...]
    usual: NDArray[np.bool_]
    speech: Speech
    places: NDArray[np.int64]

    @staticmethod
    def of(
        stamps: Sequence[Stamp], at_hand: Stamps, language: str, data_dir: Path, report: Reporter
    ) -> Recordings:
        """Returns those of one language, decoded once.

        Raises:
            ConfigError: A library is missing, or they cannot be kept.
        """
        contents = tuple(at_hand.sums.get(stamp.recording(language), "") for stamp in stamps)
        there = np.array([bool(content) for content in contents], dtype=bool)
        files = [at_hand.folder / stamps[row].recording(language) for row in np.flatnonzero(there).tolist()]
        usual = np.zeros(len(stamps), dtype=bool)
        usual[there] = largest_series(files)
        key = identity([content for content in contents if content], HOW)
        speech = kept_speech(files, data_dir / "speech", key, report)
        return Recordings(contents, usual, speech, np.where(there, np.cumsum(there) - 1, -1))

    @property
    def heard(self) -> NDArray[np.bool_]:
        """Whether anything is said of each stamp, N."""
        return self._of_each(self.speech.lengths > 0)

    @property
    def longer(self) -> NDArray[np.bool_]:
        """Whether what is said of each is cut, N."""
        return self._of_each(self.speech.longer)

    def signals(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Returns what is said of some stamps, padded with zeros, N×T."""
        return self.speech.padded(self.places[rows])

    def _of_each(self, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.append(values, False)[self.places]


def stamps_in(at_hand: Stamps) -> list[Stamp]:
    """Returns all stamps that have a caption and a picture, by name."""
    found = []
    for file in sorted(at_hand.sums):
        name = file.removesuffix(".txt")
        picture = next((name + end for end in (".svg", ".png") if name + end in at_hand.sums), None)
        if name != file and picture is not None:
            found.append(Stamp(name, picture, captions_in((at_hand.folder / file).read_bytes())))
    return found


def captions_in(content: bytes) -> dict[str, str]:
    """Returns language to caption: the first line is English, others are ``LANGUAGE.utf8=…``.

    A caption is one line without spaces at its ends; one that is empty is none, but English is there.
    """
    first, *rest = content.decode("utf-8-sig", "replace").splitlines() or [""]
    matches = (CAPTION.fullmatch(line.strip()) for line in rest)
    told = {match["language"]: plain(match["text"]) for match in matches if match is not None}
    return {language: text for language, text in told.items() if text} | {"en": plain(first)}


def drawing(file: Path, size: int) -> Image:
    """Returns a picture on white, as large as fits size×size, in its middle; PNG, SVG, or what Pillow reads.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no picture.
    """
    from PIL import Image, ImageOps

    with Image.open(BytesIO(_pixels(file, size)) if file.suffix == ".svg" else file) as opened:
        seen = opened.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    whole = Image.alpha_composite(white, seen).convert("RGB")
    return ImageOps.pad(whole, (size, size), Image.Resampling.BICUBIC, color="white")


def _pixels(file: Path, size: int) -> bytes:
    """Returns a drawing as a PNG whose longer side has ``size`` pixels or more."""
    from resvg_py import svg_to_bytes

    return bytes(svg_to_bytes(svg_path=str(file), width=size, background="white", dpi=DPI))
