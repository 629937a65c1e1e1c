"""CLIP's towers as open_clip builds them, untrained."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from prh.ground.extras import library


class Embedding(nn.Identity):
    """Gives the projected embedding, which is no module's output in open_clip, a name to hook.

    A type of its own, since plain identities are not counted among a network's layers.
    """


class ImageTower(nn.Module):
    """The image tower alone.

    Args:
        visual: Of an open_clip model.
    """

    def __init__(self, visual: nn.Module) -> None:
        super().__init__()
        self.visual = visual
        self.embedding = Embedding()

    def forward(self, images: Tensor) -> Tensor:
        """Returns N×D embeddings."""
        embeddings: Tensor = self.embedding(self.visual(images))
        return embeddings

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Loads the image tower's part of a checkpoint of both."""
        own = {name: value for name, value in state_dict.items() if name.startswith("visual.")}
        return super().load_state_dict(own, strict, assign)


def image_tower(architecture: str, num_classes: int) -> ImageTower:
    """Builds an untrained image tower; ``num_classes``, which every network takes, means nothing here.

    Raises:
        ConfigError: open_clip is not installed.
        ValueError: It has no such architecture.
    """
    return ImageTower(untrained(architecture, "model").visual)


def image_classifier(architecture: str, num_classes: int) -> nn.Module:
    """Builds an untrained image tower under a linear classifier, for want of CLIP's own weights.

    Raises:
        ConfigError: open_clip is not installed.
        ValueError: It has no such architecture.
    """
    tower = untrained(architecture, "model").visual
    size = library("open_clip", "clip", "model").get_model_config(architecture)["embed_dim"]
    return nn.Sequential(OrderedDict(visual=tower, head=nn.Linear(size, num_classes)))


def untrained(architecture: str, key: str) -> Any:
    """Builds a model of open_clip's, both towers, with parameters as they are before training.

    Args:
        architecture: Of open_clip's.
        key: The config key that asks for it.

    Raises:
        ConfigError: open_clip is not installed.
        ValueError: It has no such architecture.
    """
    import logging

    import torch

    open_clip = library("open_clip", "clip", key)
    if architecture not in open_clip.list_models():
        raise ValueError(f"open_clip has no {architecture}; it has {', '.join(open_clip.list_models())}")
    logging.disable(logging.WARNING)  # that it is initialised at random, which is what is wanted
    try:
        return open_clip.create_model(architecture, device=torch.get_default_device())
    finally:
        logging.disable(logging.NOTSET)
