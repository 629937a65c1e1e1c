"""Drawings as pixels, on white, each kept as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from prh.ground.files import locked, writable_folder
from prh.ground.kept import KeptFile, KeptFiles
from prh.ground.progress import Reporter
from prh.stimuli.emojis import Picture
from prh.stimuli.images import THREADS

if TYPE_CHECKING:
    from PIL.Image import Image


class Drawings:
    """The pictures as pixels, on white, kept as a PNG each.

    Args:
        pictures: All of them, N.
        size: Pixels of a side.
        folder: Where they are kept.
        report: Told of progress, and of files that are damaged.
        svgs: What to draw, by code points; those that lack cannot be opened. None: what each picture has.
    """

    def __init__(
        self,
        pictures: Sequence[Picture],
        size: int,
        folder: Path,
        report: Reporter,
        svgs: Mapping[str, str] | None = None,
    ) -> None:
        self.pictures, self.size, self.report, self.svgs = pictures, size, report, svgs
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
            drawing = self.report.progress("Drawing emoji", len(missing), "pictures")
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
        return [
            picture
            for picture in self.pictures
            if picture.svg.stem not in self.files.paths and (self.svgs is None or picture.codes in self.svgs)
        ]

    def _draw(self, picture: Picture) -> KeptFile:
        from resvg_py import svg_to_bytes

        svg = picture.svg.read_text("utf-8") if self.svgs is None else self.svgs[picture.codes]
        content = svg_to_bytes(svg_string=svg, width=self.size, background="white")
        return self.files.write(picture.svg.stem, bytes(content))
