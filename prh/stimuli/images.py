"""Images that stay on disk until they are looked at, and what is done to odd ones."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

from prh.ground.progress import Reporter
from prh.stimuli.room import Room
from prh.stimuli.shades import averaged, cut_to_8_bits, on_white, orientation_of, shown_range, upright

if TYPE_CHECKING:
    from PIL.Image import Image

Pixels = NDArray[np.uint8]
THREADS = 4
ROOM = Room()
"""Of all decoded images of this process."""
DARK = 16
"""Of 256: with 16 bits a channel, 12 bits and fewer stay below."""
LARGE, SHARP = 16_000_000, 4
"""An image of more pixels is averaged down, to so many times the wanted side, before it is converted."""
NOT_SHOWN = {"BUFR", "EPS", "GRIB", "HDF5", "IPTC", "MPEG", "WMF"}
"""Formats that Pillow knows by name but reads with another program, or not at all."""
BYTES = {"TIFF": 7, "AVIF": 10, "WEBP": 17, "JPEG2000": 20}
"""What a pixel takes while it is decoded, measured with Pillow 13; of other formats what their mode takes."""


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
        memory_gb: What images that are decoded at the same time may take, in GiB.
    """

    open: Callable[[int], Image]
    rows: NDArray[np.int64]
    side: int
    memory_gb: float = 1.0

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
            return read(self.open, int(self.rows[at]), self.side, self.memory_gb)
        return replace(self, rows=self.rows[at])

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        with ThreadPoolExecutor(THREADS) as pool:
            images = list(pool.map(self.__getitem__, range(len(self.rows))))
        pixels = np.stack(images) if images else np.empty(self.shape, np.uint8)
        return pixels if dtype is None else pixels.astype(dtype)


Images = Pixels | LazyImages | NDArray[np.float32]
"""uint8, N×C×H×W, in memory or on disk; or float32, N×1×1×T, where signals stand in their place."""


def from_files(paths: Sequence[Path], side: int, memory_gb: float = 1.0) -> LazyImages:
    """Returns the images of files, in their order."""
    from PIL import Image

    return LazyImages(lambda row: Image.open(paths[row]), np.arange(len(paths)), side, memory_gb)


@cache
def endings() -> frozenset[str]:
    """Returns how files end, in lower case, that Pillow reads as pictures by itself."""
    from PIL import Image

    Image.init()
    known = Image.registered_extensions().items()
    return frozenset(ending for ending, kind in known if kind in Image.OPEN and kind not in NOT_SHOWN)


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


def read(open_image: Callable[[int], Image], row: int, side: int, memory_gb: float = 1.0) -> Pixels:
    """Returns one image as 3×side×side: upright, on white, shorter side resized, centre cropped.

    Of an animation the first frame, of a file of several pages the first; images of more than 8 bits as
    :func:`prh.stimuli.shades.shown_range` says. Waits while others take the memory it needs.

    Raises:
        BadImage: The file is missing, damaged, no image, or takes more than ``memory_gb`` to decode.
    """
    from PIL import Image, ImageOps

    try:
        _mute()
        with open_image(row) as image:
            image.draft("RGB", (2 * side, 2 * side))
            with ROOM.taken(_bytes_of(image, memory_gb), memory_gb * 2**30):
                small = _as_rgb(image, side)
        fitted = ImageOps.fit(small, (side, side), Image.Resampling.BICUBIC)
    except BadImage:
        raise
    except Exception as error:  # bytes of any kind make readers fail in any way there is
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:120]
        raise BadImage(reason or type(error).__name__) from error
    return np.ascontiguousarray(np.asarray(fitted).transpose(2, 0, 1))


@cache
def _mute() -> None:
    """Silences what Pillow says of files that it reads all the same."""
    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.getLogger("PIL").setLevel(logging.CRITICAL)


def _bytes_of(image: Image, memory_gb: float) -> int:
    """Returns what decoding an image takes.

    Raises:
        BadImage: More than there may be.
    """
    narrow = {"1": 1, "L": 1, "P": 1}.get(image.mode, 2 if image.mode.startswith("I;16") else 4)
    size = image.width * image.height * BYTES.get(image.format or "", narrow)
    if size > memory_gb * 2**30:
        raise BadImage(
            f"{image.width} × {image.height} pixels take {size / 2**30:.2g} GiB to decode, "
            f"more than similarity.memory_gb={memory_gb:g}"
        )
    return size


def _as_rgb(image: Image, side: int) -> Image:
    """Returns an opened image as RGB and upright; of a large one the central square, averaged down.

    Raises:
        BadImage: Pillow reads too few of its bits.
    """
    from PIL import ImageStat

    cut = cut_to_8_bits(image)
    image.load()
    shades = shown_range(image)
    large = image.width * image.height > LARGE
    rgb = averaged(image, shades, SHARP * side) if large else on_white(image, shades)
    if cut and max(most for _, most in ImageStat.Stat(rgb).extrema) < DARK:
        raise BadImage("the upper 8 of its 16 bits a channel, all that can be read, are next to empty")
    return upright(rgb, orientation_of(image))
