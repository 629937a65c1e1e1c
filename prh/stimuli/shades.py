"""Pictures of every depth as eight bits a channel, on white and upright."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

STRIP = 4_000_000
"""Pixels that are converted at a time."""
SIGNED, SAMPLE_FORMAT = 2, 339
"""TIFF's tag of what a sample is, and its value for whole numbers with a sign."""
FAINT = 0.25
"""Shades up to one are taken as they are unless all lie below this."""


def cut_to_8_bits(image: Image) -> bool:
    """Returns whether an image not loaded yet has colours of 16 bits a channel: Pillow reads 8 of them."""
    return ";16" in str(getattr(image, "tile", "")) and not image.mode.startswith("I")


def numbers_of(image: Image) -> NDArray[np.generic] | None:
    """Returns the numbers of an image that holds numbers, H×W; None of one that holds colours."""
    tags = getattr(image, "tag_v2", None)
    signed = tags is not None and tags.get(SAMPLE_FORMAT, (1,))[0] == SIGNED
    if image.mode.startswith("I;16") or image.mode == "F":
        return np.asarray(image)
    if image.mode == "I":  # Pillow reads TIFF's whole numbers of 32 bits as if they had a sign
        return np.asarray(image).view(np.int32 if tags is None or signed else np.uint32)
    return np.asarray(image).view(np.int8) if signed and image.mode == "L" else None


def shown_range(image: Image) -> tuple[float, float] | None:
    """Returns which numbers are black and white in an image of numbers; None for one of colours.

    Without a sign, black is zero and white the power of two that the largest reaches, so that 10, 12, 14
    and 16 bits are shown alike; fractions up to one are taken as they are. With a sign, black is the
    smallest and white the largest. What is not a number counts for nothing.

    Raises:
        ValueError: There are no numbers in it.
    """
    least, most, whole = np.inf, -np.inf, True
    for strip in strips(image):
        numbers = numbers_of(strip)
        if numbers is None:
            return None
        whole = numbers.dtype.kind in "iu"
        finite = numbers if whole else numbers[np.isfinite(numbers)]
        if finite.size:
            least, most = min(least, float(finite.min())), max(most, float(finite.max()))
    if least > most:
        raise ValueError("holds no numbers")
    if least < 0:
        return least, max(most, np.nextafter(least, np.inf))
    if most == 0:
        return 0.0, 1.0
    if whole:
        return 0.0, 2.0 ** int(most).bit_length() - 1
    return 0.0, 1.0 if FAINT <= most <= 1 else 2.0 ** np.ceil(np.log2(most))


def strips(image: Image, box: tuple[int, int, int, int] | None = None, multiple: int = 1) -> Iterator[Image]:
    """Yields an image, or a box of it, from top to bottom, a ``multiple`` of rows at a time."""
    left, top, right, bottom = box or (0, 0, *image.size)
    rows = max(1, STRIP // (right - left) // multiple) * multiple
    for start in range(top, bottom, rows):
        strip = image.crop((left, start, right, min(start + rows, bottom)))
        if hasattr(image, "tag_v2"):
            strip.tag_v2 = image.tag_v2  # type: ignore[attr-defined]
        yield strip


def averaged(image: Image, shades: tuple[float, float] | None, side: int) -> Image:
    """Returns the central square of an image as RGB, averaged down to ``side`` pixels or a little more."""
    from PIL import Image

    short = min(image.size)
    left, top = (image.width - short) // 2, (image.height - short) // 2
    factor = max(1, short // side)
    square = Image.new("RGB", (-(-short // factor),) * 2)
    done = 0
    for strip in strips(image, (left, top, left + short, top + short), factor):
        small = on_white(strip, shades).reduce(factor)
        square.paste(small, (0, done))
        done += small.height
    return square


def on_white(image: Image, shades: tuple[float, float] | None) -> Image:
    """Returns an image as RGB; ``shades`` are black and white of one that holds numbers."""
    from PIL import Image

    if shades is not None:
        black, white = shades
        values = np.asarray(numbers_of(image), dtype=float)
        scaled = np.nan_to_num((values - black) * (255 / (white - black)), nan=0.0, posinf=255, neginf=0)
        return Image.fromarray(scaled.clip(0, 255).round().astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        over = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")
    return image.convert("RGB")


def upright(image: Image, orientation: int) -> Image:
    """Returns an image as its EXIF orientation says it is to be seen."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def orientation_of(image: Image) -> int:
    """Returns the EXIF orientation of a loaded image, 1 where there is none or none that can be read.

    Not Pillow's ``exif_transpose``: that writes all of the EXIF anew, and fails where any of it is garbage.
    """
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # bytes of any kind make the reader fail in any way there is
        return 1
