"""Preprocessing against torchvision's own presets."""

import pytest
import torch

from prh.encoders.network.preprocess import Preprocess, of_torchvision


@pytest.mark.parametrize("weights", ["ResNet18_Weights", "EfficientNet_B1_Weights", "ViT_B_16_Weights"])
@pytest.mark.parametrize("size", [(28, 28), (300, 200), (37, 64), (256, 256)])
def test_it_equals_the_preset(weights, size):
    from torchvision import models

    preset = getattr(models, weights).DEFAULT.transforms()
    images = torch.randint(0, 256, (2, 3, *size), generator=torch.manual_seed(0), dtype=torch.uint8)
    torch.testing.assert_close(of_torchvision(preset)(images), preset(images), atol=1e-5, rtol=0)


def test_gray_images_are_normalised_for_each_channel_of_the_network():
    images = torch.full((1, 1, 4, 4), 51, dtype=torch.uint8)
    shown = Preprocess(mean=[0.0, 0.1, 0.2], std=[1.0, 1.0, 0.5])(images)
    torch.testing.assert_close(shown[0, :, 0, 0], torch.tensor([0.2, 0.1, 0.0]))
