"""EfficientNet-Lite (Google, 2020) as ``efficientnet-lite-pytorch`` builds it."""

from torch import nn


def efficientnet_lite(variant: int, num_classes: int) -> nn.Module:
    """Builds EfficientNet-Lite0 … Lite4.

    Raises:
        ValueError: There is no such variant.
    """
    from efficientnet_lite_pytorch import EfficientNet

    network: nn.Module = EfficientNet.from_name(f"efficientnet-lite{variant}", num_classes=num_classes)
    return network
