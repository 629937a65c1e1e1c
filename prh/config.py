"""The settings of one run: what its config names, built, and the keys that belong to no group."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PositiveFloat, StrictBool
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.ground.build import build, call, fields_of, shown
from prh.ground.progress import Reporter
from prh.ground.values import (
    SETTINGS,
    BatchSize,
    Count,
    Device,
    Duplicates,
    Folder,
    FolderName,
    Formats,
    Gigabytes,
    Look,
    Seed,
)

if TYPE_CHECKING:
    from prh.features.forward import Extraction
    from prh.features.layout import Umap
    from prh.findings.question import Question

MODELS = "model", "reference"
"""The groups that name what every run compares."""
GROUPS = "dataset", "model", "reference", "text", "prompt", "layers", "metric", "inference", "study"
"""Where a run needs an object that an option names; ``study`` alone may be null."""
BY_NAME = {"also": ("model", "text"), "measures": ("measure",), "figures.also": ("figure",)}
"""Where any number of parts stand, each by a name, and the groups that their options are of."""


@dataclass(frozen=True, config=SETTINGS)
class Tracking:
    """Where runs are recorded: an MLflow tracking URI and an experiment name."""

    uri: str
    experiment: FolderName


@dataclass(frozen=True, config=SETTINGS)
class Figures:
    """How figures are drawn; UMAP shows the first ``umap_points`` stimuli in up to ``umap_layers`` layers.

    Attributes:
        style: What they are drawn for, which gives them sizes and colours; see :mod:`prh.figures.themes`.
        formats: Kinds of files; the report shows PNG.
        also: Further figures by name, each with ``draw(found)``; see :mod:`prh.figures.plan`.
    """

    umap_layers: Count
    umap_points: Annotated[Count, Field(ge=4)]
    umap_neighbors: Annotated[Count, Field(ge=2)]
    umap_min_dist: Annotated[PositiveFloat, Field(le=1)]
    umap_seed: Seed
    style: Look
    dpi: Annotated[int, Field(ge=10, le=600)]
    formats: Formats
    also: dict[str, Any]


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
    resume: StrictBool
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
    captions: Any
    layers: Any
    metric: Any
    inference: Any
    study: Any
    also: dict[str, Any]
    pairs: Literal["all", "anchor"] | Annotated[list[str], Field(min_length=1)]
    measures: dict[str, Any]
    figures: Figures
    tracking: Tracking

    def extraction(self, device: str) -> "Extraction":
        """Returns how features are computed."""
        from prh.features.forward import Extraction

        pool, over = self.layers.pool, self.trainer
        return Extraction(pool, device, self.precision, self.batch_size, over.devices, over.num_nodes)

    def question(self) -> "Question":
        """Returns what is asked of the features."""
        from prh.findings.question import Question

        return Question(self.metric, self.inference, self.pairs, self.seed, self.measures)

    def umap(self) -> "Umap":
        """Returns how layers are laid out."""
        from prh.features.layout import Umap

        f = self.figures
        return Umap(f.umap_layers, f.umap_points, f.umap_neighbors, f.umap_min_dist, f.umap_seed)


def resolve(values: Mapping[str, Any]) -> Settings:
    """Builds the settings of one run from its composed config, run-level keys first.

    Groups refer to keys such as ``seed``, and a bad one should be reported by its own name.

    Raises:
        ConfigError: A value cannot be what it is; the message names its key.
    """
    call(RunKeys, {name: value for name, value in values.items() if name in fields_of(RunKeys)})
    for key in GROUPS:
        require_option(values, key)
    for key, groups in BY_NAME.items():
        _require_parts(values, key, groups)
    for role in values["also"]:
        _require_role(role)
    dataset = dict(values["dataset"])
    shared = {name: dataset.pop(name) for name in fields_of(Sampling) if name in dataset}
    sampling = call(Sampling, shared, "dataset")
    settings: Settings = call(Settings, {**build({**values, "dataset": dataset}), "sampling": sampling})
    return settings


def check_settings(settings: Settings, report: Reporter, nodes: int = 1) -> None:
    """Refuses what no data can make work: devices, networks and their layers. Computes nothing.

    Args:
        settings: Of the run.
        report: Warned of what is not as asked.
        nodes: Over how many machines the work may be spread.

    Raises:
        ConfigError: Names the key.
    """
    # Imported only now: a bad value is refused, and --help answers, without waiting for torch.
    from prh.features.checks import check_architectures, check_devices, check_networks

    models = {key: getattr(settings, key) for key in MODELS}
    over = settings.trainer
    check_architectures(models | {f"also.{role}": option for role, option in settings.also.items()})
    check_devices(settings.device, over.devices, over.num_nodes, nodes)
    check_networks(models, settings.layers, report)


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
    raise ConfigError(key, f"{shown(value)} is no option of this group", remedy)


def _require_parts(values: Mapping[str, Any], key: str, groups: tuple[str, ...]) -> None:
    """Refuses what cannot be parts by name, each an option of one of the groups.

    Raises:
        ConfigError: Names their key.
    """
    found: Any = values
    for step in key.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    remedy = "Add one with " + " or ".join(f"+{group}@{key}.NAME=OPTION" for group in groups)
    if not isinstance(found, Mapping):
        raise ConfigError(key, f"{shown(found)} stands where parts should, by name", remedy)
    for name, option in found.items():
        if not re.fullmatch(r"\w+", str(name)):
            raise ConfigError(key, f"{name!r} cannot be a name", "Use a word of letters and digits")
        if not isinstance(option, Mapping) or "_target_" not in option:
            raise ConfigError(
                f"{key}.{name}", f"{shown(option)} is no {' or '.join(groups)}", remedy.replace("NAME", name)
            )


def _require_role(role: Any) -> None:
    """Refuses a name that one more encoder of the cast cannot have: pairs are told apart by their names.

    Raises:
        ConfigError: Names its key.
    """
    if role in ("model", "reference", "text") or "_vs_" in str(role):
        raise ConfigError(f"also.{role}", f"{role!r} cannot be a role", "Use another word")
