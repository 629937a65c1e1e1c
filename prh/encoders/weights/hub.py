"""Weights that timm and open_clip publish, kept here as one file each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic.dataclasses import dataclass

from prh.encoders.network.network import IMAGENET_CLASSES, Network
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.resources import Resources
from prh.encoders.weights.files import FoundWeights, from_file, kept, name_of
from prh.encoders.weights.sources import IfUnavailable, fitted_instead
from prh.errors import ConfigError, Unavailable
from prh.ground.downloads import announce, hub_cache, impatient_hub, impatient_network, size_on_hub
from prh.ground.extras import library
from prh.ground.files import expanded, sha256_of
from prh.ground.kept import KeptFile
from prh.ground.values import SETTINGS, Name, PathText

if TYPE_CHECKING:
    import torch

HUB = "huggingface.co/"
FILES = (
    ["open_clip_model.safetensors"],
    ["model.safetensors"],
    ["open_clip_pytorch_model.bin"],
    ["*model.bin"],
)
"""What the libraries read of a repository, in the order in which they look for them."""


@dataclass(frozen=True, config=SETTINGS)
class Timm:
    """The pretrained weights of a timm network, with the preprocessing that timm says they expect.

    Attributes:
        path: A state dict of one's own in their place.
        if_unavailable: What is done if they can't be had.
    """

    path: PathText | None = None
    if_unavailable: IfUnavailable = "error"

    def expects(self, network: Network, key: str) -> Preprocess:
        """Returns what timm says that the network expects to see."""
        timm = library("timm", "timm", key)
        return _of_timm(timm.data.resolve_model_data_config(network.outline(key, IMAGENET_CLASSES)))

    def find(self, network: Network, key: str, resources: Resources) -> FoundWeights:
        """Finds or downloads the weights.

        Raises:
            ConfigError: timm is not installed, has no such network, or its weights cannot be had.
        """
        timm = library("timm", "timm", key)
        outline: Any = network.outline(key, IMAGENET_CLASSES)
        published, preprocess = outline.pretrained_cfg, self.expects(network, key)
        if self.path is not None:
            return from_file(self.path, network, key, preprocess)
        options = dict(network.arguments)
        name, repository = options.pop("name"), published.get("hf_hub_id")
        where = f"{HUB}{repository}" if repository else published.get("url", "nowhere")

        def state() -> dict[str, torch.Tensor]:
            network = timm.create_model(name, pretrained=True, **options)
            return dict(network.state_dict())

        target = name_of(network.name, "timm", network.arguments)
        try:
            file = downloaded(state, target, f"{key}.weights", where, resources)
        except Unavailable as missing:
            return fitted_instead(self.if_unavailable, missing, shown_as(network, preprocess), key, resources)
        classes = published["num_classes"]
        weights = FoundWeights(file.path, file.sha256, f"timm:{name}", preprocess, classes)
        return replace(weights, imagenet_top1=network.imagenet_top1)


@dataclass(frozen=True, config=SETTINGS)
class OpenClip:
    """The image tower of a CLIP model of open_clip's.

    Attributes:
        tag: Of pretrained weights, e.g. ``laion2b_s34b_b79k``.
        path: A local checkpoint of both towers in their place.
        if_unavailable: What is done if they can't be had.
    """

    tag: Name
    path: PathText | None = None
    if_unavailable: IfUnavailable = "error"

    def expects(self, network: Network, key: str) -> Preprocess:
        """Returns what open_clip says that the tower expects to see."""
        outline: Any = network.outline(key, 0)
        return _of_clip(outline.visual.preprocess_cfg)

    def find(self, network: Network, key: str, resources: Resources) -> FoundWeights:
        """Finds or downloads the weights.

        Raises:
            ConfigError: open_clip is not installed, has no such network, or its weights cannot be had.
        """
        preprocess, architecture = self.expects(network, key), network.arguments["architecture"]
        try:
            file, source = clip_checkpoint(architecture, self.tag, self.path, f"{key}.weights", resources)
        except Unavailable as missing:
            tower = replace(network, architecture="prh.encoders.clip.image_classifier")
            return fitted_instead(self.if_unavailable, missing, shown_as(tower, preprocess), key, resources)
        return FoundWeights(file.path, file.sha256, source, preprocess, 0)


def clip_checkpoint(
    architecture: str, tag: str, path: str | None, node: str, resources: Resources
) -> tuple[KeptFile, str]:
    """Returns a file with both towers' parameters, and where they came from.

    Args:
        architecture: Of open_clip's.
        tag: Of pretrained weights.
        path: A local checkpoint in their place.
        node: The config node that has ``tag`` and ``path``: ``model.weights`` or ``text``.
        resources: Where to keep them.

    Raises:
        ConfigError: They cannot be had; the message says what to download and where to put it.
    """
    open_clip = library("open_clip", "clip", node)

    def read(file: str) -> dict[str, torch.Tensor]:
        return dict(open_clip.create_model(architecture, pretrained=file).state_dict())

    if path is not None:
        file = expanded(path).absolute()
        if not file.is_file():
            raise ConfigError(f"{node}.path", f"there is no file {file}")

        def own() -> dict[str, torch.Tensor]:
            try:
                return read(str(file))
            except Exception as error:  # bytes of any kind make readers fail in any way there is
                raise ConfigError(f"{node}.path", f"{file} is no checkpoint of {architecture}") from error

        name = name_of(f"clip-{architecture}", architecture, sha256_of(file))
        return kept(name, own, resources), f"file:{file.name}"
    published_at = open_clip.get_pretrained_cfg(architecture, tag)
    if not published_at:
        known = ", ".join(open_clip.list_pretrained_tags_by_model(architecture)) or "none"
        raise ConfigError(f"{node}.tag", f"{architecture} has no weights {tag}", f"It has {known}")
    hub = published_at.get("hf_hub")
    where = f"{HUB}{hub}" if hub else published_at["url"]
    name = name_of(f"clip-{architecture}", architecture, tag)

    def published() -> dict[str, torch.Tensor]:
        return read(open_clip.download_pretrained(published_at))

    return downloaded(published, name, node, where, resources), f"open_clip:{architecture}/{tag}"


def downloaded(
    state: Callable[[], dict[str, torch.Tensor]], name: str, node: str, where: str, resources: Resources
) -> KeptFile:
    """Returns parameters that are downloaded once and kept as one safetensors file.

    Args:
        state: Downloads and reads them.
        name: What the cache calls them.
        node: The config node whose ``path`` may name a local file in their place.
        where: They are published, for the message.
        resources: Told of progress.

    Raises:
        Unavailable: They cannot be had.
    """

    def parameters() -> dict[str, torch.Tensor]:
        repository = "/".join(where.removeprefix(HUB).split("/")[:2])
        at_hub = where.startswith(HUB)
        hub = impatient_hub(repository) if at_hub else nullcontext()
        if at_hub and (size := size_on_hub(repository, *FILES)) is not None:
            announce(resources.report, repository, size, hub_cache())
        try:
            with resources.report.progress("Downloading weights", 0, ""), impatient_network(), hub:
                return state()
        except Exception as error:  # hub clients raise errors of several libraries, all meaning the same
            raise Unavailable(
                f"{node}.path",
                f"the weights cannot be downloaded ({type(error).__name__})",
                f"Fetch them from {where} and name the file with {node}.path=FILE",
            ) from error

    return kept(name, parameters, resources)


def shown_as(network: Network, preprocess: Preprocess) -> Network:
    """Returns a model that is fitted, if it is, to images as its published weights expect them."""
    return replace(network, fit=replace(network.fit, preprocess=preprocess)) if network.fit else network


def _of_timm(data: dict[str, Any]) -> Preprocess:
    side = data["input_size"][-1]
    return Preprocess(
        mean=list(data["mean"]),
        std=list(data["std"]),
        resize=round(side / data["crop_pct"]),
        crop=side,
        interpolation="bicubic" if data["interpolation"] == "bicubic" else "bilinear",
    )


def _of_clip(data: dict[str, Any]) -> Preprocess:
    size = data["size"]
    side = size if isinstance(size, int) else size[0]
    return Preprocess(
        mean=list(data["mean"]),
        std=list(data["std"]),
        resize=side,
        crop=side,
        interpolation=data["interpolation"],
    )
