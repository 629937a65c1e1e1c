"""Figures of a page: inside it, in words for whoever cannot see them, in full size on small screens."""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

WIDE = 1000
"""Dots; a figure of more keeps a readable width on a phone, and scrolls in its box."""
HEAVY, QUALITY = 300_000, 90
"""Bytes; a picture of more is kept at this quality, at which a page of many can still be mailed."""
HEADER = b"\x89PNG\r\n\x1a\n"


def figures(shown: Mapping[str, Path], alternatives: Mapping[str, str]) -> str:
    """Returns figures, each with its caption.

    Args:
        shown: Caption to PNG file.
        alternatives: Caption to what the picture shows, in words.
    """
    return "\n".join(
        f"<figure>{still(path, alternatives.get(caption, ''), caption)}"
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for caption, path in shown.items()
    )


def still(path: Path, alternative: str, caption: str) -> str:
    """Returns a picture in a box of its own.

    Args:
        path: A PNG file.
        alternative: What it shows, in words; where nobody has said so, that it is a figure of its caption.
        caption: What stands below it.
    """
    from PIL.Image import open as opened

    content = path.read_bytes()
    width, height = _size(content)
    words = alternative or f"Figure: {caption}. Its numbers stand in the tables of this page."
    source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    if len(content) > HEAVY:
        source = webp(opened(path).convert("RGB"), QUALITY)
    measures = f' width="{width}" height="{height}"' if width else ""
    image = f'<img alt="{escape(words, quote=True)}"{measures} src="{source}">'
    wide = " wide" if width > WIDE else ""
    return (
        f'<div class="scroll picture{wide}" tabindex="0" role="group" '
        f'aria-label="{escape(f"Picture: {caption}", quote=True)}">{image}</div>'
    )


def webp(image: Image, quality: int) -> str:
    """Returns a picture as an address that holds it."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=2)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _size(content: bytes) -> tuple[int, int]:
    """Returns the width and height that a PNG's first chunk tells; zeros where it is none."""
    if len(content) < 24 or not content.startswith(HEADER):
        return 0, 0
    width, height = struct.unpack(">II", content[16:24])
    return width, height
