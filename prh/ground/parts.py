"""What a config's dotted paths may name; looked at before it is called, since a call can do anything."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Sequence
from typing import Any, get_type_hints

from prh.errors import ConfigError
from prh.ground.values import shortened

OFFERS: dict[str, Sequence[str]] = {
    "dataset": ["draw"],
    "model": ["resolve"],
    "reference": ["resolve"],
    "text": ["resolve"],
    "prompt": ["sentences"],
    "layers": ["of"],
    "metric": ["prepare", "compare"],
    "inference": ["judge"],
    "study": ["write"],
    "weights": ["find"],
}
"""By the last part of a key, the methods that what stands there has; elsewhere stand dataclasses."""
OFFERS_BY_NAME: dict[str, Sequence[str]] = {"measures": ["of"], "figures.also": ["draw"]}
"""By the key above, where parts stand by names that a person gave them."""


def named(path: Any, key: str) -> Any:
    """Returns what a dotted path names, importing its module, which runs the module's code.

    Raises:
        ConfigError: It is no dotted path, or there is nothing there.
    """
    if not isinstance(path, str) or not path.strip():
        raise ConfigError(key, f"{path!r} is no dotted path", "Use one like prh.similarity.RSA")
    try:
        return pkgutil.resolve_name(path)
    except Exception as error:  # the module is anyone's, and may fail in any way there is
        reason = shortened(" ".join(str(error).split()), 200)
        problem = f"cannot import {shortened(path)} ({reason or type(error).__name__})"
        raise ConfigError(key, problem, "Name a class or function that Python finds from here") from error


def part(path: Any, key: str) -> Any:
    """Returns the class, or the function that says it returns one, that may stand at ``key``.

    Raises:
        ConfigError: There is none, or it is another kind of thing.
    """
    target = named(path, f"{key}._target_".strip("."))
    kind = target if inspect.isclass(target) else _returned(target)
    above, _, last = key.rpartition(".")
    wanted = OFFERS_BY_NAME.get(above, OFFERS.get(last))
    if not inspect.isclass(kind) or (wanted is None and not hasattr(kind, "__dataclass_fields__")):
        raise ConfigError(f"{key}._target_".strip("."), f"{path} is no dataclass", "Name one")
    if wanted is not None and not offers(kind, wanted):
        place = above if above in OFFERS_BY_NAME else last
        problem = f"{path} has no method {' and '.join(wanted)}, as what stands at {place} has"
        raise ConfigError(f"{key}._target_", problem, "Name a class that has")
    return target


def offers(thing: Any, methods: Sequence[str]) -> bool:
    """Returns whether a class or an object has all methods."""
    return all(callable(getattr(thing, method, None)) for method in methods)


def network_maker(path: str, key: str) -> Any:
    """Returns a callable that makes networks; it is not called.

    That is a subclass of ``torch.nn.Module``, a function whose annotation says that it returns one, or a
    function written in Python with a parameter ``num_classes``.

    Raises:
        ConfigError: There is none, or it is another kind of thing.
    """
    maker = named(path, key)
    if inspect.isfunction(maker) and "num_classes" in inspect.signature(maker).parameters:
        return maker
    kind = maker if inspect.isclass(maker) else _returned(maker)
    if inspect.isclass(kind):
        from torch import nn

        if issubclass(kind, nn.Module):
            return maker
    raise ConfigError(
        key,
        f"{path} does not say that it makes a network, and is not called",
        "Name a subclass of torch.nn.Module, or a function that takes num_classes and returns one",
    )


def _returned(target: Any) -> Any:
    """Returns the class that a function is annotated to return, None where it does not say."""
    if not inspect.isroutine(target):
        return None
    try:
        return get_type_hints(target).get("return")
    except Exception:  # annotations are anyone's, and may name what is not there
        return None
