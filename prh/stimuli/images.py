"""Images that stay on disk until they are looked at, and what is done to odd ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

from prh.progress import Reporter

if TYPE_CHECKING:
    from PIL.Image import Image

Pixels = NDArray[np.uint8]
MOST_PIXELS = 200_000_000
"""An image of more would fill gigabytes of memory."""
THREADS = 4


class BadImage(ValueError):
    """A file that cannot be shown; the message says why."""


@dataclass(frozen=True)
class LazyImages:
    """Stands where a uint8 array N×3×S×S would, and reads what is indexed with one number.

    A slice or an array of positions gives another of its kind, ``np.asarray`` the pixels.

    Attributes:
        open: Opens the image of a row.
        rows: The rows, N.
        side: S, pixels.
    """

    open: Callable[[int], Image]
    rows: NDArray[np.int64]
    side: int

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of the array it stands for."""
        return len(self.rows), 3, self.side, self.side

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Pixels: ...
    @overload
    def __getitem__(self, at: slice | NDArray[np.int64]) -> LazyImages: ...
    def __getitem__(self, at: Any) -> Pixels | LazyImages:
        if isinstance(at, int | np.integer):
            return read(self.open, int(self.rows[at]), self.side)
        return replace(self, rows=self.rows[at])

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        with ThreadPoolExecutor(THREADS) as pool:
            images = list(pool.map(lambda row: read(self.open, int(row), self.side), self.rows))
        pixels = np.stack(images) if images else np.empty(self.shape, np.uint8)
        return pixels if dtype is None else pixels.astype(dtype)


Images = Pixels | LazyImages | NDArray[np.float32]
"""uint8, N×C×H×W, in memory or on disk; or float32, N×1×1×T, where signals stand in their place."""


def from_files(paths: Sequence[Path], side: int) -> LazyImages:
    """Returns the images of files, in their order."""
    from PIL import Image

    return LazyImages(lambda row: Image.open(paths[row]), np.arange(len(paths)), side)


def bad_ones(images: LazyImages, names: Sequence[str], report: Reporter) -> dict[int, str]:
    """Reads every image once and returns the positions of those that cannot be shown, with the reason."""

    def reason(position: int) -> str | None:
        try:
            images[position]
        except BadImage as error:
            return f"{names[position]} ({error})"
        return None

    found = {}
    with ThreadPoolExecutor(THREADS) as pool, report.progress("Reading images", len(images), "images") as on:
        for position, problem in enumerate(pool.map(reason, range(len(images)))):
            if problem is not None:
                found[position] = problem
            on(1)
    return found


def read(open_image: Callable[[int], Image], row: int, side: int) -> Pixels:
    """Returns one image as 3×side×side: upright, on white, shorter side resized, centre cropped.

    Of an animation the first frame; 16-bit and CMYK images as 8-bit RGB.

    Raises:
        BadImage: The file is missing, damaged, no image, or has more than 200 million pixels.
    """
    from PIL import Image, ImageOps

    try:
        with open_image(row) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadImage(f"{image.width} × {image.height} pixels are too many")
            image.draft("RGB", (2 * side, 2 * side))
            fitted = ImageOps.fit(
                _on_white(ImageOps.exif_transpose(image)), (side, side), Image.Resampling.BICUBIC
            )
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, BadImage):
            raise
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:120]
        raise BadImage(reason or type(error).__name__) from error
    return np.ascontiguousarray(np.asarray(fitted).transpose(2, 0, 1))


def _on_white(image: Image) -> Image:
    from PIL import Image

    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image).astype(float)
        most = 65535 if values.max() > 255 else 255
        return Image.fromarray((values * (255 / most)).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")
    return image.convert("RGB")
