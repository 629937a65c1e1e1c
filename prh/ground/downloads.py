"""Downloads that are announced, and give up in seconds where there is no network, instead of hanging."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal

from prh.ground.progress import Reporter

Kind = Literal["model", "dataset"]
"""Of repository on the Hugging Face hub."""
TIMEOUT_S = 15.0
INSTEAD = "model=efficientnet_lite0"
"""The option of the group ``model`` that needs no download."""


@contextmanager
def impatient_network() -> Iterator[None]:
    """Limits every wait on a socket opened in the block to :data:`TIMEOUT_S` seconds."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_S)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextmanager
def impatient_hub(repository: str, kind: Kind = "model") -> Iterator[None]:
    """Looks at local copies alone in the block if the Hugging Face hub does not answer at once.

    Its client would ask again and again, for up to a minute.

    Args:
        repository: What to ask for, e.g. ``timm/vit_small_patch16_224.augreg_in21k``.
        kind: Of repository.
    """
    from huggingface_hub import HfApi, constants

    before = constants.HF_HUB_OFFLINE
    try:
        HfApi().repo_info(repository, repo_type=kind, timeout=TIMEOUT_S)
    except Exception:  # errors of several libraries, all meaning that it cannot be had from there now
        constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def size_on_hub(
    repository: str, *choices: Sequence[str], without: Sequence[str] = (), kind: Kind = "model"
) -> int | None:
    """Returns how many bytes of a repository would be downloaded, None where the hub does not say.

    Args:
        repository: Its name on the Hugging Face hub.
        choices: Patterns of file names, as ``snapshot_download`` takes them. Only the first that any file
            fits count, as where pickled weights are read for want of others.
        without: Patterns of file names that are left out.
        kind: Of repository.
    """
    from huggingface_hub import HfApi

    try:
        about: Any = HfApi().repo_info(repository, repo_type=kind, files_metadata=True, timeout=TIMEOUT_S)
    except Exception:  # errors of several libraries, all meaning that it cannot be had from there now
        return None
    sizes = {file.rfilename: file.size or 0 for file in about.siblings or ()}
    for patterns in choices:
        if names := [name for name in sizes if _fits(name, patterns) and not _fits(name, without)]:
            return sum(sizes[name] for name in names)
    return None


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def hub_cache() -> Path:
    """Returns where the Hugging Face hub's client keeps what it downloads."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def announce(report: Reporter, what: str, size: float | None, into: Path, instead: str = INSTEAD) -> None:
    """Says before a download how large it is, where it goes and how to do without.

    Args:
        report: Told of it.
        what: Is downloaded.
        size: In bytes, None where nobody says.
        into: The folder it goes to.
        instead: An option that needs no download.
    """
    home = os.path.expanduser("~")
    place = f"~{str(into)[len(home) :]}" if str(into).startswith(home + os.sep) else str(into)
    much = "" if size is None else f": {max(1, round(size / 1e6)):,} MB"
    report.note(f"Downloading {what}{much} into {place}; {instead} needs no download")
