"""The article's small network: two convolutions, one pooling layer, one classifier, no normalisation."""

import torch
from torch import nn


class FashionCNN(nn.Module):
    """conv1 → ReLU → conv2 → ReLU → global average pooling → classifier.

    Args:
        num_classes: Outputs of the classifier.
        channels: Channels of the input images.
        width: Channels after conv1; conv2 has twice as many.
    """

    def __init__(self, num_classes: int, channels: int = 1, width: int = 32) -> None:
        super().__init__()
        self.conv1: nn.Module = nn.Conv2d(channels, width, kernel_size=3, padding=1)
        self.relu1 = nn.ReLU()
        self.conv2: nn.Module = nn.Conv2d(width, 2 * width, kernel_size=3, padding=1)
        self.relu2 = nn.ReLU()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(2 * width, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Maps N×C×H×W images to N×``num_classes`` logits."""
        hidden = self.relu1(self.conv1(images))
        hidden = self.relu2(self.conv2(hidden))
        logits: torch.Tensor = self.classifier(self.avgpool(hidden).flatten(1))
        return logits


class BatchNormFashionCNN(FashionCNN):
    """FashionCNN with batch normalisation after each convolution; ``conv1`` and ``conv2`` include it."""

    def __init__(self, num_classes: int, channels: int = 1, width: int = 32) -> None:
        super().__init__(num_classes, channels, width)
        self.conv1 = nn.Sequential(self.conv1, nn.BatchNorm2d(width))
        self.conv2 = nn.Sequential(self.conv2, nn.BatchNorm2d(2 * width))
