"""From composed config to objects: a node's ``_target_`` is called with the node's other keys.

Targets are small pydantic dataclasses, so types and ranges are declared once, where they are used,
and a bad value is refused by the name of its config key.
"""

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from prh.errors import ConfigError
from prh.ground.files import expanded
from prh.ground.parts import part
from prh.ground.values import shortened


def absolute_folder(value: Any, key: str) -> Path:
    """Returns the absolute path of a folder that a config names; whether it can be made is seen later.

    Raises:
        ConfigError: ``value`` is empty, or neither text nor a path.
    """
    if not isinstance(value, str | PathLike) or not str(value).strip():
        raise ConfigError(key, f"{shown(value)} is no path", f"Name a folder with {key}=./FOLDER")
    return expanded(value).absolute()


def fields_of(target: Any) -> list[str]:
    """Returns the names of a dataclass' fields."""
    return list(getattr(target, "__dataclass_fields__", {}))


def build(node: Any, key: str = "") -> Any:
    """Builds the object that a plain config node describes, and everything under it.

    Args:
        node: A config as plain dicts, lists and scalars.
        key: The node's own key, for error messages.

    Raises:
        ConfigError: A target does not exist or refuses its arguments.
    """
    if isinstance(node, list):
        return [build(item, f"{key}[{index}]") for index, item in enumerate(node)]
    if not isinstance(node, Mapping):
        return node
    values = {name: build(item, join(key, name)) for name, item in node.items() if name != "_target_"}
    if "_target_" not in node:
        return values
    return call(part(node["_target_"], key), values, key)


def call(target: Any, values: Mapping[str, Any], key: str = "") -> Any:
    """Calls ``target`` with ``values``; what it refuses becomes a :class:`ConfigError` naming the key."""
    try:
        built = target(**values)
    except ValidationError as error:
        raise _refusal(target, values, key, error) from error
    except (TypeError, ValueError) as error:
        raise ConfigError(key, str(error)) from error
    _refuse_truth_for_numbers(values, built, key)
    return built


def _refuse_truth_for_numbers(values: Mapping[str, Any], built: Any, key: str) -> None:
    """To pydantic, true is also 1; whoever writes it for a number means something else."""
    for name, value in values.items():
        became = getattr(built, name, value)
        if isinstance(value, bool) and not isinstance(became, bool):
            raise ConfigError(join(key, name), f"input should be a number, not {shown(value)}")
        if isinstance(value, Mapping):
            _refuse_truth_for_numbers(value, became, join(key, name))


def _refusal(target: Any, values: Mapping[str, Any], key: str, error: ValidationError) -> ConfigError:
    first = error.errors()[0]
    if first["type"] == "unexpected_keyword_argument":
        *above, name = map(str, first["loc"])
        for step in above:
            target = target.__dataclass_fields__[step].type
        where = ".".join([*filter(None, [key]), *above, name])
        return ConfigError(where, "no such key", f"Keys here: {', '.join(fields_of(target))}")
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    if first["type"] not in ("missing", "value_error"):
        message += f", not {shown(first['input'])}"
    return ConfigError(".".join([*filter(None, [key]), *_place(values, first["loc"])]), message)


def _place(values: Any, location: Sequence[int | str]) -> Iterator[str]:
    """Yields the parts of a key; where there are several types to choose from, pydantic appends one."""
    for index, step in enumerate(location):
        if index and not (isinstance(values, Mapping) and step in values) and not isinstance(step, int):
            return
        yield str(step)
        values = values.get(step) if isinstance(values, Mapping) else None


def shown(value: Any) -> str:
    """Returns a value as it is written in a config."""
    words = {None: "null", True: "true", False: "false"}
    known = value is None or isinstance(value, bool)
    return words[value] if known else shortened(repr(value))


def flatten(node: Any, key: str = "") -> dict[str, Any]:
    """Returns a nested config as one level of dotted keys; lists stay whole."""
    if not isinstance(node, Mapping):
        return {key: node}
    flat: dict[str, Any] = {}
    for name, item in node.items():
        flat |= flatten(item, join(key, name))
    return flat


def join(key: str, name: str) -> str:
    """Returns the key of what is called ``name`` under ``key``."""
    return f"{key}.{name}" if key else name
