"""From composed config to objects: a node's ``_target_`` is called with the node's other keys.

Targets are small pydantic dataclasses, so types and ranges are declared once, where they are used,
and a bad value is refused by the name of its config key.
"""

import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt, ValidationError
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError

Duplicates = Literal["keep", "one", "group"]
"""Of nearly the same pictures, all are kept, one is, or all are and make a group."""
SETTINGS = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
"""Every dataclass that a config builds refuses keys it does not have."""


@dataclass(frozen=True, config=SETTINGS)
class Tracking:
    """Where runs are recorded: an MLflow tracking URI and an experiment name."""

    uri: str
    experiment: str


@dataclass(frozen=True, config=SETTINGS)
class Figures:
    """How figures are drawn; UMAP shows the first ``umap_points`` stimuli in up to ``umap_layers`` layers."""

    umap_layers: PositiveInt
    umap_points: Annotated[int, Field(ge=4)]
    umap_neighbors: Annotated[int, Field(ge=2)]
    umap_min_dist: PositiveFloat
    umap_seed: NonNegativeInt
    dpi: PositiveInt


@dataclass(frozen=True, config=SETTINGS)
class Similarity:
    """What all metrics share, and refer to; see :class:`prh.similarity.Metric`."""

    memory_gb: PositiveFloat
    outliers: Annotated[float, Field(gt=0, le=1)] | None


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

    devices: PositiveInt
    num_nodes: PositiveInt


@dataclass(frozen=True, config=SETTINGS)
class RunKeys:
    """The keys of a run that belong to no group."""

    seed: NonNegativeInt
    device: str
    precision: Literal["fp32", "bf16"]
    batch_size: PositiveInt
    trainer: Trainer
    similarity: Similarity
    data_dir: Path
    cache_dir: Path
    output_dir: Path


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
    figures: Figures
    tracking: Tracking


def resolve(values: Mapping[str, Any]) -> Settings:
    """Builds the settings of one run from its composed config, run-level keys first.

    Groups refer to keys such as ``seed``, and a bad one should be reported by its own name.

    Raises:
        ConfigError: A value cannot be what it is; the message names its key.
    """
    call(RunKeys, {name: value for name, value in values.items() if name in fields_of(RunKeys)})
    dataset = dict(values["dataset"])
    shared = {name: dataset.pop(name) for name in fields_of(Sampling) if name in dataset}
    sampling = call(Sampling, shared, "dataset")
    settings: Settings = call(Settings, {**build({**values, "dataset": dataset}), "sampling": sampling})
    return settings


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
    try:
        target = pkgutil.resolve_name(node["_target_"])
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(_join(key, "_target_"), f"cannot import {node['_target_']} ({error})") from error
    return call(target, values, key)


def call(target: Any, values: Mapping[str, Any], key: str = "") -> Any:
    """Calls ``target`` with ``values``; what it refuses becomes a :class:`ConfigError` naming the key."""
    try:
        return target(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join([key, *map(str, first["loc"])]).strip(".")
        if first["type"] == "unexpected_keyword_argument":
            raise ConfigError(where, "no such key", f"Keys here: {', '.join(fields_of(target))}") from error
        message = first["msg"].removeprefix("Value error, ")
        message = message[0].lower() + message[1:]
        if first["type"] not in ("missing", "value_error"):
            message += f", not {first['input']!r}"
        raise ConfigError(where, message) from error
    except (TypeError, ValueError) as error:
        raise ConfigError(key, str(error)) from error


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
