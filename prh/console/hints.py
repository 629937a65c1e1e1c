"""What somebody may have meant who named a key that there is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import hydra
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from prh.ground.build import flatten
from prh.ground.conf import CONF, groups, options

MOST = 3
"""So many keys are named at most; more would be a list and no hint."""


def meant_by(key: str, overrides: Sequence[str] = ()) -> str:
    """Returns a remedy for an unknown key, empty where nothing is like it.

    Args:
        key: As it was written, e.g. ``n`` or ``datset``.
        overrides: Of the command, whose choices of options decide which keys there are.
    """
    known = _known_keys(overrides)
    inner = sorted((name for name in known if name.endswith(f".{key}")), key=lambda name: name.count("."))
    if close := inner or get_close_matches(key, known, MOST):
        return f"did you mean {_either(close[:MOST])}"
    if elsewhere := _elsewhere(key):
        return elsewhere
    last = {name.rpartition(".")[2]: name for name in reversed(known)}
    alike = [last[name] for name in get_close_matches(key, last, MOST)]
    return f"did you mean {_either(alike)}" if alike else ""


def _known_keys(overrides: Sequence[str]) -> list[str]:
    """Returns all groups and keys of a run with these options; of the default run if they do not compose."""
    chosen = [override for override in overrides if _chooses(override)]
    with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
        try:
            config = hydra.compose("config", chosen)
        except (HydraException, OmegaConfBaseException):
            config = hydra.compose("config")
    keys = flatten(OmegaConf.to_container(config))
    return [*groups(), *(key for key in keys if "_target_" not in key)]


def _chooses(override: str) -> bool:
    found = re.fullmatch(r"\+?([\w/]+)(@[\w.]+)?=\w+", override)
    return found is not None and found[1] in groups()


def _elsewhere(key: str) -> str:
    """Returns whose key this is, where options that were not chosen have it."""
    path = key.split(".")
    for group in groups():
        inner = path[1:] if path[0] == group else path
        having = [name for name, file in options(group).items() if _has(OmegaConf.load(file), inner)]
        if having:
            shown = having if len(having) <= MOST else [*having[: MOST - 1], "others"]
            return f"{'.'.join([group, *inner])} is a key of {group}={_either(shown)}"
    return ""


def _has(node: Any, path: Sequence[str]) -> bool:
    content = OmegaConf.to_container(node)
    return len(path) == 1 and isinstance(content, dict) and path[0] in content


def _either(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
