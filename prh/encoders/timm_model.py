"""Any network of timm's."""

from typing import Any

from torch import nn

from prh.ground.extras import library


def timm_model(name: str, num_classes: int, **options: Any) -> nn.Module:
    """Builds an untrained network; 0 classes leave the classifier away.

    Raises:
        ConfigError: timm is not installed.
        ValueError: timm has no such network.
    """
    timm = library("timm", "timm", "model")
    try:
        network: nn.Module = timm.create_model(name, num_classes=num_classes, **options)
    except RuntimeError as error:
        raise ValueError(str(error)) from error
    return network
