"""Kinds of values that config keys share: numbers within what libraries take, names, paths, devices."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

SETTINGS = ConfigDict(extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False)
"""Every dataclass that a config builds refuses keys it does not have, and numbers that are none."""

Look = Literal["paper", "talk", "dark"]
"""What figures are drawn for."""
Format = Literal["png", "svg", "pdf"]


def with_png(formats: list[str]) -> list[str]:
    """Returns kinds of files as they are.

    Raises:
        ValueError: There is none that a page can show.
    """
    if "png" not in formats:
        raise ValueError("png is not among them, which the report shows")
    return formats


Formats = Annotated[list[Format], AfterValidator(with_png)]
"""Of the files of figures."""
LONGEST_NAME = 200
"""Characters; names become parts of file names, of which no system takes more than 255 bytes."""
LONGEST_PART = 255
DEVICES = re.compile(r"auto|cpu|(cuda|mps|xpu|hpu)(:\d+)?")


def name(text: str) -> str:
    """Returns ``text``, if it can be written on one line and be part of a file's name.

    Raises:
        ValueError: It is blank, too long, or has characters that cannot be seen.
    """
    if not text.strip():
        raise ValueError("is empty; give a name")
    if len(text) > LONGEST_NAME:
        raise ValueError(f"has {len(text)} characters; use {LONGEST_NAME} at most")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError(f"{text!r} has control characters; leave them out")
    return text


def folder_name(text: str) -> str:
    """Returns ``text``, if a folder can be called that, and stays where it is made.

    Raises:
        ValueError: As :func:`name`, or it has slashes or is made of dots.
    """
    if "/" in name(text) or "\\" in text or not text.strip(". "):
        raise ValueError(f"{text!r} leads to another folder; use a name without slashes, e.g. my-experiment")
    return text


def path(text: str) -> str:
    """Returns ``text``, if it can be a path.

    Raises:
        ValueError: It is blank, or no file system takes such a name.
    """
    if not text.strip():
        raise ValueError("is empty; give a path")
    if "\0" in text or any(len(os.fsencode(part)) > LONGEST_PART for part in Path(text).parts):
        raise ValueError(f"no file can be called {shortened(repr(text))}; give a path")
    return text


def folder(place: Path) -> Path:
    """Returns ``place``, if a folder is there or can be.

    Raises:
        ValueError: As :func:`path`, or it is a file.
    """
    path(str(place))
    if place.exists() and not place.is_dir():
        raise ValueError(f"{place} is a file; name a folder")
    return place


def device(text: str) -> str:
    """Returns ``text``, if it is a kind of device that computes.

    Raises:
        ValueError: It is not.
    """
    if not DEVICES.fullmatch(text):
        raise ValueError(f"{shortened(repr(text))} is no device to compute on; use auto, cpu or cuda")
    return text


def shortened(text: str, most: int = 80) -> str:
    """Returns a text that is cut where it is longer, for messages of one line."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
"""What NumPy's and UMAP's generators take."""
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""How many of something there are."""
BatchSize = Annotated[int, Field(ge=1, le=1 << 16)]
Side = Annotated[int, Field(ge=8, le=2048)]
"""Of a side: in fewer nothing can be seen, and a batch of more fills gigabytes."""
Gigabytes = Annotated[float, Field(gt=0, le=1 << 16)]
Name = Annotated[str, AfterValidator(name)]
FolderName = Annotated[str, AfterValidator(folder_name)]
PathText = Annotated[str, AfterValidator(path)]
Folder = Annotated[Path, AfterValidator(folder)]
Device = Annotated[str, AfterValidator(device)]
Duplicates = Literal["keep", "one", "group"]
"""Of nearly the same pictures, all are kept, one is, or all are and make a group."""
