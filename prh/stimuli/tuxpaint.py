"""Tux Paint's stamps (GPL-2): pictures that have a caption in many languages, and are spoken of in some."""

from __future__ import annotations

import re
from dataclasses import dataclass as plain_dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.ground.files import identity
from prh.ground.progress import Reporter
from prh.ground.values import SETTINGS, Count, PathText, Side
from prh.stimuli.dependence import joined
from prh.stimuli.folders import numbered
from prh.stimuli.images import LazyImages
from prh.stimuli.names import plain
from prh.stimuli.speech import HOW, LONGEST_S, kept_speech
from prh.stimuli.stems import stem_groups
from prh.stimuli.stimulus_set import StimulusSet, no_training_data, require_enough
from prh.stimuli.tuxpaint_files import Stamps, stamps_at_hand

if TYPE_CHECKING:
    from PIL.Image import Image

Spoken = Literal["fr", "ru", "ro", "bg", "ca", "es", "be", "el", "da"]
"""Languages in which three hundred captions and more are read aloud."""
# fmt: off
Written = Literal[
    "ach", "af", "am", "an", "ar", "ast", "be", "bg", "ca", "ca@valencia", "cs", "da", "de", "el", "en",
    "en_AU", "en_GB", "eo", "es", "eu", "ff", "fi", "fr", "ga", "gd", "gl", "gu", "he", "hi", "hr", "hu",
    "hy", "id", "is", "it", "iu", "ja", "ka", "km", "ko", "lv", "ml", "ms", "nb", "nl", "nn", "pl", "pt",
    "pt_BR", "ro", "ru", "sk", "sl", "son", "sq", "sr", "sr@latin", "sv", "th", "tr", "uk", "vec", "vi",
    "zh_CN", "zh_TW", "zu",
]
"""Languages in which six hundred captions and more are written."""
# fmt: on
CREDIT = "Pictures and recordings: Tux Paint Stamps, © Bill Kendrick and contributors, GPL-2"
SYMBOLS = "symbols"
"""The folder of letters, digits, coins, notes and signs."""
CAPTION = re.compile(r"(?P<language>[\w@]+)\.utf8=(?P<text>.*)")
ARTICLE = re.compile(r"(an?|the|some) ")
DPI = 96
"""Of drawings whose size is in points or millimetres."""


@plain_dataclass(frozen=True)
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


@dataclass(frozen=True, config=SETTINGS)
class TuxPaint:
    """Stamps with a caption and its recording: each caption once; those of one stem are a group.

    Attributes:
        n: How many of them; None for all.
        language: Of the captions.
        speech: Of the recordings; None for the language of the captions.
        symbols: Whether letters, digits, money and signs are among them.
        folders: How many levels of folders a class is: one for animals, two for birds.
        size: Pixels of a side.
        path: A folder of stamps of one's own; None for the package's.
    """

    n: Count | None = None
    language: Written = "fr"
    speech: Annotated[Spoken | None, Field(validate_default=True)] = None
    symbols: bool = False
    folders: Annotated[int, Field(ge=1, le=9)] = 1
    size: Side = 224
    path: PathText | None = None

    @field_validator("speech")
    @classmethod
    def _of_the_captions(cls, speech: str | None, info: ValidationInfo) -> Any:
        language, spoken = info.data.get("language"), get_args(Spoken)
        if speech is None and language is not None and language not in spoken:
            raise ValueError(
                f"is needed, since no captions are read aloud in {language}: {', '.join(spoken)}"
            )
        return speech or language

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample, fetching the stamps and decoding what is said of them if need be.

        Raises:
            ConfigError: The stamps cannot be had or kept, a library is missing, or there are fewer stamps
                than ``n``.
        """
        at_hand = stamps_at_hand(self.path, data_dir, report)
        stamps = [stamp for stamp in stamps_in(at_hand) if self.symbols or stamp.within(1) != SYMBOLS]
        full = self._all(at_hand, stamps, data_dir, report)
        require_enough(self.n, full)
        return full.sample(self.n or len(full), seed)

    training_data = held_out_data = no_training_data

    def _all(self, at_hand: Stamps, stamps: list[Stamp], data_dir: Path, report: Reporter) -> StimulusSet:
        language, spoken = self.language, str(self.speech)
        written = [stamp for stamp in stamps if stamp.captions.get(language)]
        told = [stamp for stamp in written if stamp.recording(spoken) in at_hand.sums]
        contents = [at_hand.sums[stamp.recording(spoken)] for stamp in told]
        files = [at_hand.folder / stamp.recording(spoken) for stamp in told]
        speech = kept_speech(files, data_dir / "speech", identity(contents, HOW), report)
        captions = [stamp.captions[language] for stamp in told]
        rows = _first_of_each(captions, speech.lengths > 0)
        self._tell(len(stamps), len(written), int((speech.lengths > 0).sum()), speech.longer[rows], report)
        if not len(rows):
            problem = (
                f"{at_hand.folder} has no stamp with a caption in {language} that is read aloud in {spoken}"
            )
            raise ConfigError("dataset.language", problem, "Use another language, or another dataset.path")
        labels, classes = numbered([told[row].within(self.folders) for row in rows])
        drawn = [told[row].picture for row in rows]
        heard = [contents[row] for row in rows]
        return StimulusSet(
            name=f"tuxpaint/{language}" + ("" if spoken == language else f"+{spoken}"),
            images=LazyImages(
                lambda row: drawing(at_hand.folder / drawn[row], self.size), np.arange(len(rows)), self.size
            ),
            labels=labels,
            class_names=classes,
            ids=np.arange(len(rows)),
            fingerprint=f"tuxpaint-{spoken}-{self.size}px-"
            + identity([at_hand.sums[picture] for picture in drawn], heard, HOW),
            source=at_hand.source,
            captions=tuple(captions[row] for row in rows),
            credit=CREDIT,
            signals=speech.padded(rows),
            names=tuple(plain(told[row].name) for row in rows),
            groups=joined(
                stem_groups([told[row].bare for row in rows]), np.unique(heard, return_inverse=True)[1]
            ),
        )

    def _tell(
        self, stamps: int, written: int, told: int, longer: NDArray[np.bool_], report: Reporter
    ) -> None:
        """Says in one line what is left out."""
        parts = [
            f"{stamps - written} without a caption in {self.language}",
            f"{written - told} without one read aloud in {self.speech}",
            f"{told - len(longer)} with the caption of another",
        ]
        symbols = "" if self.symbols else " (without letters, digits, money and signs: dataset.symbols=true)"
        cut = f"; {longer.sum()} recordings are cut to {LONGEST_S:g} s" if longer.any() else ""
        report.note(f"{len(longer)} of {stamps} stamps{symbols}: left out are {', '.join(parts)}{cut}")


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


def _first_of_each(captions: list[str], heard: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Returns where each caption that is heard occurs for the first time, ascending."""
    places = np.flatnonzero(heard)
    _, firsts = np.unique(np.array(captions, dtype=object)[places].astype(str), return_index=True)
    rows: NDArray[np.int64] = np.sort(places[firsts])
    return rows
