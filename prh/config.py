"""From composed config to objects: a node's ``_target_`` is called with the node's other keys.

Targets are small pydantic dataclasses, so types and ranges are declared once, where they are used,
and a bad value is refused by the name of its config key.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveFloat, ValidationError
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.files import expanded
from prh.parts import part
from prh.values import (
    SETTINGS,
    BatchSize,
    Count,
    Device,
    Duplicates,
    Folder,
    FolderName,
    Gigabytes,
    Seed,
    shortened,
)

GROUPS = "dataset", "model", "reference", "text", "prompt", "layers", "metric", "inference", "study"
"""Where a run needs an object that an option names; ``study`` alone may be null."""


@dataclass(frozen=True, config=SETTINGS)
class Tracking:
    """Where runs are recorded: an MLflow tracking URI and an experiment name."""

    uri: str
    experiment: FolderName


@dataclass(frozen=True, config=SETTINGS)
class Figures:
    """How figures are drawn; UMAP shows the first ``umap_points`` stimuli in up to ``umap_layers`` layers."""

    umap_layers: Count
    umap_points: Annotated[Count, Field(ge=4)]
    umap_neighbors: Annotated[Count, Field(ge=2)]
    umap_min_dist: Annotated[PositiveFloat, Field(le=1)]
    umap_seed: Seed
    dpi: Annotated[int, Field(ge=10, le=600)]


@dataclass(frozen=True, config=SETTINGS)
class Similarity:
    """What all metrics share, and refer to; see :class:`prh.similarity.Metric`."""

    memory_gb: Annotated[Gigabytes, Field(ge=0.001)]
    outliers: Annotated[float, Field(ge=0.5, le=1)] | None


@dataclass(frozen=True, config=SETTINGS)
class Sampling:
    """The keys of ``dataset`` that mean the same for every dataset, none of which need know of them.

    Attributes:
        duplicates: What is done about stimuli that are nearly the same picture; see
            :func:`prh.stimuli.dependence.treated`.
    """

    duplicates: Duplicates


@dataclass(frozen=True, config=SETTINGS)
class Trainer:
    """Over how many GPUs, or processes on a CPU, and over how many machines extraction is spread."""

    devices: Annotated[int, Field(ge=1, le=1024)]
    num_nodes: Annotated[int, Field(ge=1, le=4096)]


@dataclass(frozen=True, config=SETTINGS)
class RunKeys:
    """The keys of a run that belong to no group."""

    seed: Seed
    device: Device
    precision: Literal["fp32", "bf16"]
    batch_size: BatchSize
    trainer: Trainer
    similarity: Similarity
    data_dir: Folder
    cache_dir: Folder
    output_dir: Folder


@dataclass(frozen=True, config=SETTINGS)
class Settings(RunKeys):
    """One run, resolved: the objects that the config groups name and the run-level keys."""

    dataset: Any
    sampling: Sampling
    model: Any
    reference: Any
    text: Any
    prompt: Any
    layers: Any
    metric: Any
    inference: Any
    study: Any
    also: dict[str, Any]
    pairs: Literal["all", "anchor"] | Annotated[list[str], Field(min_length=1)]
    figures: Figures
    tracking: Tracking


def resolve(values: Mapping[str, Any]) -> Settings:
    """Builds the settings of one run from its composed config, run-level keys first.

    Groups refer to keys such as ``seed``, and a bad one should be reported by its own name.

    Raises:
        ConfigError: A value cannot be what it is; the message names its key.
    """
    call(RunKeys, {name: value for name, value in values.items() if name in fields_of(RunKeys)})
    for key in GROUPS:
        require_option(values, key)
    if not isinstance(values.get("also"), Mapping):
        problem = f"{_shown(values.get('also'))} stands where encoders should, by name"
        raise ConfigError("also", problem, "Add one with +model@also.NAME=OPTION or +text@also.NAME=OPTION")
    for role, option in values["also"].items():
        _require_role(str(role), option)
    dataset = dict(values["dataset"])
    shared = {name: dataset.pop(name) for name in fields_of(Sampling) if name in dataset}
    sampling = call(Sampling, shared, "dataset")
    settings: Settings = call(Settings, {**build({**values, "dataset": dataset}), "sampling": sampling})
    return settings


def absolute_folder(value: Any, key: str) -> Path:
    """Returns the absolute path of a folder that a config names; whether it can be made is seen later.

    Raises:
        ConfigError: ``value`` is empty, or neither text nor a path.
    """
    if not isinstance(value, str | PathLike) or not str(value).strip():
        raise ConfigError(key, f"{_shown(value)} is no path", f"Name a folder with {key}=./FOLDER")
    return expanded(value).absolute()


def require_option(values: Mapping[str, Any], key: str) -> None:
    """Refuses a null, a number or a word where an option of a group should be.

    Raises:
        ConfigError: There is no ``_target_`` at ``key``, which ``study`` alone may lack.
    """
    value = values.get(key)
    if (key == "study" and value is None) or (isinstance(value, Mapping) and "_target_" in value):
        return
    choice = {"reference": "model@reference=OPTION", "study": "study=null or +experiment=article"}
    remedy = f"Choose {choice.get(key, f'{key}=OPTION')}; python -m prh.run --help lists the options"
    raise ConfigError(key, f"{_shown(value)} is no option of this group", remedy)


def _require_role(role: str, option: Any) -> None:
    """Refuses what cannot be one more encoder of the cast, or cannot be called so.

    Raises:
        ConfigError: Names its key.
    """
    key = f"also.{role}"
    if role in ("model", "reference", "text") or not re.fullmatch(r"(?!.*_vs_)\w+", role):
        raise ConfigError(key, f"{role!r} cannot be a role", "Use another word of letters and digits")
    if not isinstance(option, Mapping) or "_target_" not in option:
        problem = f"{_shown(option)} is no encoder"
        raise ConfigError(key, problem, f"Choose one with +model@{key}=OPTION or +text@{key}=OPTION")


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
    values = {name: build(item, _join(key, name)) for name, item in node.items() if name != "_target_"}
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
            raise ConfigError(_join(key, name), f"input should be a number, not {_shown(value)}")
        if isinstance(value, Mapping):
            _refuse_truth_for_numbers(value, became, _join(key, name))


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
        message += f", not {_shown(first['input'])}"
    return ConfigError(".".join([*filter(None, [key]), *_place(values, first["loc"])]), message)


def _place(values: Any, location: Sequence[int | str]) -> Iterator[str]:
    """Yields the parts of a key; where there are several types to choose from, pydantic appends one."""
    for index, step in enumerate(location):
        if index and not (isinstance(values, Mapping) and step in values) and not isinstance(step, int):
            return
        yield str(step)
        values = values.get(step) if isinstance(values, Mapping) else None


def _shown(value: Any) -> str:
    words = {None: "null", True: "true", False: "false"}
    known = value is None or isinstance(value, bool)
    return words[value] if known else shortened(repr(value))


def flatten(node: Any, key: str = "") -> dict[str, Any]:
    """Returns a nested config as one level of dotted keys; lists stay whole."""
    if not isinstance(node, Mapping):
        return {key: node}
    flat: dict[str, Any] = {}
    for name, item in node.items():
        flat |= flatten(item, _join(key, name))
    return flat


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
