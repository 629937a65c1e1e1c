"""Downloads that give up in seconds where there is no network, instead of hanging."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

TIMEOUT_S = 15.0


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
def impatient_hub(repository: str, kind: Literal["model", "dataset"] = "model") -> Iterator[None]:
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
