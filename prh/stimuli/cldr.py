"""Unicode's names and keywords of emoji in many languages (CLDR annotations), from an npm package."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from prh.ground.progress import Reporter
from prh.stimuli.emojis import VARIATION
from prh.stimuli.npm import NpmFile, NpmPackage

PACKAGE = NpmPackage("cldr-annotations-full", "48.2.0", 7)
HASHES = Path(__file__).with_name("cldr.json")
"""Languages with names of a thousand emoji or more, and the SHA-256 of their files."""
Said = dict[str, tuple[str, ...]]
"""Code points, in capitals, joined by hyphens, without variation selectors, to a name and keywords."""


@cache
def languages() -> dict[str, str]:
    """Returns the languages there are, with the SHA-256 of the file of each."""
    known: dict[str, str] = json.loads(HASHES.read_text(encoding="utf-8"))
    return known


def said_in(language: str, data_dir: Path, report: Reporter) -> Said:
    """Returns what emoji are called in a language, the name first, fetching it if need be.

    Raises:
        PrhError: It cannot be had.
    """
    file = NpmFile(f"annotations/{language}/annotations.json", languages()[language])
    folder = PACKAGE.ensure([file], data_dir, report)
    entries = json.loads((folder / file.path).read_text(encoding="utf-8"))["annotations"]["annotations"]
    found: Said = {}
    for characters, entry in entries.items():
        codes = "-".join(f"{ord(character):04X}" for character in characters)
        words = dict.fromkeys([*entry.get("tts", ()), *entry.get("default", ())])
        if entry.get("tts"):
            found[codes.replace(f"-{VARIATION}", "")] = tuple(words)
    return found
