"""What can be known to fail before any work is done: devices, networks, and layers that they do not have."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from prh.encoders import VisionEncoder, VisionModel
from prh.encoders.resources import choose_device
from prh.errors import ConfigError
from prh.features.layers import Layers, has_class_token, traced
from prh.ground.parts import network_maker
from prh.ground.progress import Reporter


def check_architectures(options: Mapping[str, Any]) -> None:
    """Refuses a dotted path that makes no network; without torch, where the path alone is bad.

    Raises:
        ConfigError: Names the key.
    """
    for key, option in options.items():
        if isinstance(option, VisionModel):
            network_maker(option.architecture, f"{key}.architecture")


def check_devices(device: str, devices: int, num_nodes: int, nodes: int) -> None:
    """Refuses devices that this machine has not.

    Args:
        device: What is computed on.
        devices: How many of them.
        num_nodes: On how many machines.
        nodes: Over how many machines the work may be spread.

    Raises:
        ConfigError: Names the key.
    """
    if num_nodes > 1 and nodes == 1:
        raise ConfigError(
            "trainer.num_nodes",
            "a run works on one machine",
            "Fill the feature store on all of them first: srun ... python -m prh.extract, with the same keys",
        )
    processors, known = os.cpu_count() or 1, choose_device(device)
    if known.startswith("cuda"):
        import torch

        processors = torch.cuda.device_count()
    if devices > max(processors, 2 if known == "cpu" else 1):
        problem = f"{devices} are more than the {processors} of this machine"
        raise ConfigError("trainer.devices", problem, f"Use trainer.devices={processors} or less")


def check_networks(models: Mapping[str, Any], layers: Layers, report: Reporter) -> None:
    """Refuses networks without the layers, or the class token, that are asked for; on torch's meta device.

    Args:
        models: The vision models of the run, by their config nodes.
        layers: Which of their layers, and how these are pooled.
        report: Warned of what is not as asked.

    Raises:
        ConfigError: Names the key.
    """
    class_tokens = {key: _has_class_token(model, key, layers) for key, model in models.items()}
    if layers.pool != "cls":
        return
    labels = {key: model.label for key, model in models.items()}
    if not any(class_tokens.values()):
        raise ConfigError(
            "layers.pool",
            f"neither {' nor '.join(labels.values())} has a class token, and cls is one",
            "Use layers.pool=avg, max or flatten, or a transformer that has",
        )
    for key, has in class_tokens.items():
        if not has:
            report.warn(
                f"{labels[key]} has no class token: layers.pool=cls is the average over positions there"
            )


def _has_class_token(model: Any, key: str, layers: Layers) -> bool:
    """Returns whether a network has a class token; asks it for its layers."""
    if not isinstance(model, VisionModel):
        return True
    encoder = model.sketch(key)
    asked = layers.of(encoder)
    return layers.pool != "cls" or has_class_token(encoder, asked)


def check_images(models: Mapping[str, Any], sides: Sequence[int]) -> None:
    """Refuses networks that do not take images as the dataset has them.

    Args:
        models: The vision models of the run, by their config nodes.
        sides: Height and width of the images.

    Raises:
        ConfigError: Names the key.
    """
    for key, model in models.items():
        if isinstance(model, VisionModel) and model.senses == "images":
            _check_images(model.sketch(key), sides)


def _check_images(encoder: VisionEncoder, sides: Sequence[int]) -> None:
    """Shows a network's outline images as the dataset has them, where it does not say what it expects."""
    preprocess, side = encoder.weights.preprocess, min(sides)
    if preprocess.resize is None and (preprocess.crop or 0) > side:
        problem = f"{preprocess.crop} is more than the {side} pixels of the images"
        raise ConfigError(f"{encoder.key}.preprocess.crop", problem, "Give resize too")
    if preprocess.input_size is None:
        traced(encoder, (len(preprocess.mean), sides[0], sides[1]))
