"""Everything that can be chosen: each option of each group, what it is, and what it takes to use it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from prh.commands.dataset_states import dataset_state
from prh.commands.encoder_states import model_state, text_state
from prh.commands.state import COMPUTED, Folders, Node, State
from prh.ground.build import absolute_folder
from prh.ground.conf import CONF, options

STATES = {"model": model_state, "reference": model_state, "text": text_state, "dataset": dataset_state}
"""The groups whose options may have to be fetched; those of others are computed."""
DEPENDS = State("made", "--dry-run tells")
"""An experiment takes what the options take that it is made of."""
ASIDE = r",? with pip install ('[^']*'|--no-deps [^\s:]+)"
"""What a comment says of an extra, which the state says too."""
HOW = r"(:|(?<=\?))\s+\+?\w+(@\w+)?=.*$"
"""What a comment says of how the option is chosen."""


@dataclass(frozen=True)
class Option:
    """One option of a group.

    Attributes:
        group: E.g. ``model``.
        name: E.g. ``resnet18``.
        about: What it is, from the first comment of its file.
        state: What it takes.
    """

    group: str
    name: str
    about: str
    state: State


def catalogue(group: str, folders: Folders, more: Sequence[Path] = ()) -> list[Option]:
    """Returns the options of a group, also those in config folders of one's own."""
    found = []
    for name, path in options(group, more).items():
        about, hint = about_of(path)
        state = state_of(node_of(path, group), group, folders)
        if state.kind == "extra" and hint:
            state = State("extra", state.place, state.megabytes, hint)
        found.append(Option(group, name, about, state))
    return found


def state_of(node: Node, group: str, folders: Folders) -> State:
    """Returns what it takes to use an option.

    Args:
        node: As a config has it.
        group: Or the key that it fills, such as ``reference``.
        folders: Where it may be.
    """
    if group == "experiment":
        return DEPENDS
    look = STATES.get(group.split(".")[0])
    return look(node, folders, group) if look else COMPUTED


def about_of(path: Path) -> tuple[str, str]:
    """Returns what the first comment of a file says it is, and the ``pip install`` that it asks for."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    said = next((line for line in comments if not line.startswith("@package")), "")
    extra = re.search(ASIDE, said)
    hint = extra[0].partition("with ")[2] if extra else ""
    return re.sub(ASIDE, "", re.sub(HOW, "", said)), hint


def node_of(path: Path, group: str) -> dict[str, Any]:
    """Returns an option as a run would have it, with what it refers to elsewhere in the config."""
    whole = OmegaConf.merge(_base(), {group: _with_defaults(path)})
    assert isinstance(whole, DictConfig)
    try:
        node = OmegaConf.to_container(whole[group], resolve=True)
    except Exception:  # a file of one's own may refer to anything
        node = OmegaConf.to_container(whole[group])
    assert isinstance(node, dict)
    return {str(key): value for key, value in node.items()}


@cache
def _base() -> DictConfig:
    loaded = OmegaConf.load(CONF / "config.yaml")
    assert isinstance(loaded, DictConfig)
    for key in ("defaults", "hydra", "dataset"):  # the last has keys that go beside those of the option
        del loaded[key]
    return loaded


def _with_defaults(path: Path) -> DictConfig:
    """Returns a file's content over that of the options of the same group that it builds on."""
    own = OmegaConf.load(path)
    assert isinstance(own, DictConfig)
    defaults = own.pop("defaults", [])
    below = [entry for entry in defaults if isinstance(entry, str) and entry != "_self_"]
    files = [options(path.parent.name, [path.parent.parent]).get(name) for name in below]
    merged = OmegaConf.merge(*[_with_defaults(file) for file in files if file], own)
    assert isinstance(merged, DictConfig)
    return merged


def default_folders(asked: Mapping[str, str]) -> Folders:
    """Returns the folders of a run, from what was asked for, the environment, or the config."""
    base = _base()
    chosen = {name: asked.get(name, str(base[name])) for name in ("data_dir", "cache_dir")}
    return Folders(**{name: absolute_folder(value, name) for name, value in chosen.items()})
