"""From uint8 images to what a network was trained to see."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from prh.ground.values import SETTINGS, Side

if TYPE_CHECKING:
    import torch


def _gray_or_colour(channels: list[float]) -> list[float]:
    if len(channels) not in (1, 3):
        raise ValueError(
            f"has {len(channels)} numbers; give one for gray pictures or three for red, green, blue"
        )
    return channels


@dataclass(frozen=True, config=SETTINGS)
class Preprocess:
    """Shorter side to ``resize``, centre ``crop``, scale to [0, 1], normalise each of ``len(mean)`` channels.

    The arithmetic is that of torchvision's ``ImageClassification`` presets on uint8 tensors, rounding
    included, without importing torchvision.
    """

    mean: Annotated[list[Annotated[float, Field(ge=-1e6, le=1e6)]], AfterValidator(_gray_or_colour)]
    std: Annotated[list[Annotated[float, Field(ge=1e-6, le=1e6)]], AfterValidator(_gray_or_colour)]
    resize: Side | None = None
    crop: Side | None = None
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"

    @field_validator("std")
    @classmethod
    def _as_many(cls, std: list[float], info: ValidationInfo) -> list[float]:
        mean = info.data.get("mean", std)
        if len(std) != len(mean):
            raise ValueError(f"has {len(std)} numbers and mean has {len(mean)}; give one of each per channel")
        return std

    @field_validator("crop")
    @classmethod
    def _inside(cls, crop: int | None, info: ValidationInfo) -> int | None:
        resize = info.data.get("resize")
        if crop is not None and resize is not None and crop > resize:
            raise ValueError(f"{crop} is more than the {resize} pixels that are left by resize")
        return crop

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Maps uint8 images (N×C×H×W, gray or coloured) to the network's float32 input."""
        import torch

        pixels = images.float()
        if pixels.shape[1] == 3 and len(self.mean) == 1:
            # The luma of ITU-R 601, as PIL turns colours into gray.
            luma = torch.tensor([0.299, 0.587, 0.114], device=pixels.device).view(1, 3, 1, 1)
            pixels = (pixels * luma).sum(dim=1, keepdim=True).round()
        height, width = pixels.shape[-2:]
        if self.resize is not None and (size := self._resized(height, width)) != (height, width):
            pixels = self._interpolated(pixels, size)
        if self.crop is not None:
            pixels = self._cropped(pixels, self.crop)
        mean = torch.tensor(self.mean, device=pixels.device).view(-1, 1, 1)
        std = torch.tensor(self.std, device=pixels.device).view(-1, 1, 1)
        return (pixels / 255 - mean) / std

    def _resized(self, height: int, width: int) -> tuple[int, int]:
        """Returns height and width with the shorter of them ``resize``."""
        assert self.resize is not None, "asked before"
        short = min(height, width)
        return int(self.resize * height / short), int(self.resize * width / short)

    def _interpolated(self, pixels: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
        """Returns pixels of another height and width, whole levels of gray again."""
        from torch.nn import functional

        resized = functional.interpolate(pixels, size, mode=self.interpolation, antialias=True)
        return resized.round().clamp(0, 255)

    def _cropped(self, pixels: torch.Tensor, side: int) -> torch.Tensor:
        """Returns the square of ``side`` pixels in the middle."""
        top, left = (round((extent - side) / 2) for extent in pixels.shape[-2:])
        return pixels[..., top : top + side, left : left + side]

    @property
    def input_size(self) -> tuple[int, int, int] | None:
        """Channels, height and width of the network's input, where they are fixed."""
        side = self.crop or self.resize
        return None if side is None else (len(self.mean), side, side)


@dataclass(frozen=True, config=SETTINGS)
class AsRecorded(Preprocess):
    """Signals, N×1×1×T, as an instrument recorded them."""

    mean: list[float] = field(default_factory=lambda: [0.0])
    std: list[float] = field(default_factory=lambda: [1.0])

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Returns the signals as they are."""
        return images.float()


def of_torchvision(preset: Any) -> Preprocess:
    """Returns the same preprocessing as a torchvision ``ImageClassification`` preset."""
    return Preprocess(
        mean=list(preset.mean),
        std=list(preset.std),
        resize=preset.resize_size[0],
        crop=preset.crop_size[0],
        interpolation=preset.interpolation.value,
    )
