"""Weights that torchvision publishes."""

from __future__ import annotations

import contextlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic.dataclasses import dataclass

from prh.encoders.network.network import Network
from prh.encoders.network.preprocess import Preprocess, of_torchvision
from prh.encoders.resources import Resources
from prh.encoders.weights.files import FoundWeights, found, from_file
from prh.encoders.weights.sources import IfUnavailable, fitted_instead
from prh.errors import ConfigError, Unavailable
from prh.ground.downloads import announce, impatient_network
from prh.ground.values import SETTINGS, Name, PathText


@dataclass(frozen=True, config=SETTINGS)
class Pretrained:
    """Weights that torchvision publishes: from torch's cache, else downloaded.

    Attributes:
        tag: The weights' name, e.g. ``IMAGENET1K_V1``.
        if_unavailable: What is done if they can't be had.
    """

    tag: Name
    if_unavailable: IfUnavailable = "fit"
    path: PathText | None = None

    def find(self, network: Network, key: str, resources: Resources) -> FoundWeights:
        """Finds or downloads the weights, or falls back as configured, and says so."""
        published, preprocess = self._published(network, key), self.expects(network, key)
        if self.path is not None:
            return from_file(self.path, network, key, preprocess)
        cached = _torch_cache() / Path(published.url).name
        try:
            if not cached.exists():
                mebibytes = published.meta.get("_file_size")
                size = None if mebibytes is None else mebibytes * 2**20
                announce(resources.report, f"{network.name}'s weights", size, cached.parent)
                _download(published.url, cached, network.name, resources)
        except OSError:
            missing = Unavailable(
                f"{key}.weights",
                f"{network.name}'s {self.tag} weights are neither at {cached} nor can they be downloaded",
                f"Download {published.url} to that place, or set {key}.weights.path=FILE",
            )
            return fitted_instead(self.if_unavailable, missing, network, key, resources)
        weights = found(cached, f"torchvision:{self.tag}", preprocess, network, key)
        measured = published.meta.get("_metrics", {}).get("ImageNet-1K", {}).get("acc@1")
        return replace(weights, imagenet_top1=network.imagenet_top1 or measured)

    def expects(self, network: Network, key: str) -> Preprocess:
        """Returns what the published network expects to see."""
        return of_torchvision(self._published(network, key).transforms())

    def _published(self, network: Network, key: str) -> Any:
        from torchvision import models

        name = network.arguments.get("name", network.name)
        try:
            return models.get_model_weights(name)[self.tag]
        except ValueError as error:
            names = ", ".join(models.list_models(module=models))
            raise ConfigError(f"{key}.name", f"torchvision has no model {name}", f"It has {names}") from error
        except KeyError as error:
            tags = ", ".join(models.get_model_weights(name).__members__)
            raise ConfigError(
                f"{key}.weights.tag", f"{name} has no weights {self.tag}", f"It has {tags}"
            ) from error


def _torch_cache() -> Path:
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints"


def _download(url: str, target: Path, name: str, resources: Resources) -> None:
    """Downloads through torch.hub, which checks the hash that torchvision puts into the file's name."""
    import torch

    target.parent.mkdir(parents=True, exist_ok=True)
    chatter = contextlib.redirect_stdout(io.StringIO())
    with resources.report.progress(f"Downloading {name}'s weights", 0, ""), impatient_network(), chatter:
        torch.hub.load_state_dict_from_url(url, model_dir=str(target.parent), progress=False, check_hash=True)
