"""What an image processor of transformers does to a picture, as a preprocessing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import torch
from pydantic.dataclasses import dataclass
from torch.nn import functional

from prh.encoders.network.preprocess import Preprocess
from prh.ground.values import SETTINGS, shortened

INTERPOLATIONS: dict[int, Literal["bilinear", "bicubic"]] = {2: "bilinear", 3: "bicubic"}
"""As PIL numbers them."""
LEVELS, ON_AVERAGE = 2.5, 0.05
"""How far apart two ways to resize a picture may be, of 256 levels of gray: they round twice, and seldom
differently; what shifts a picture by one pixel is much further off."""


@dataclass(frozen=True, config=SETTINGS)
class AsProcessed(Preprocess):
    """As the image processors of transformers crop and, if asked, resize.

    Attributes:
        square: Whether both sides become ``resize`` pixels, whatever the picture's proportions.
        whole: Whether levels of gray are whole numbers after that.
    """

    square: bool = False
    whole: bool = True

    def _resized(self, height: int, width: int) -> tuple[int, int]:
        if self.square and self.resize is not None:
            return self.resize, self.resize
        return super()._resized(height, width)

    def _interpolated(self, pixels: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
        """Resizes rows, then columns, and rounds in between, as PIL does; edges overshoot less for it."""
        if not self.whole:
            return functional.interpolate(pixels, size, mode=self.interpolation, antialias=True)
        wide = super()._interpolated(pixels, (pixels.shape[-2], size[1]))
        return super()._interpolated(wide, size)

    def _cropped(self, pixels: torch.Tensor, side: int) -> torch.Tensor:
        """Returns the square in the middle, of two the upper left; black where pixels end."""
        high, wide = (max(0, side - extent) for extent in pixels.shape[-2:])
        pixels = functional.pad(pixels, (wide // 2, (wide + 1) // 2, high // 2, (high + 1) // 2))
        top, left = (int((extent - side) / 2) for extent in pixels.shape[-2:])
        return pixels[..., top : top + side, left : left + side]


def of_processor(processor: Any) -> Preprocess:
    """Returns the same preprocessing as an image processor of transformers.

    That it is the same is seen on pictures: processors are classes, and theirs may do anything.

    Raises:
        ValueError: It does what no preprocessing here does.
    """
    try:
        preprocess = _read(processor)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"its image processor does not say what it does ({error})") from error
    pictures = [_waves(96, 131), _waves(157, 120)]
    for candidate in (preprocess, replace(preprocess, whole=False)):
        if all(_same(processor, candidate, picture) for picture in pictures):
            return candidate
    raise ValueError("its image processor does more to pictures than resize, crop and normalise them")


def _read(processor: Any) -> AsProcessed:
    known = processor.to_dict()
    resize, square = _side(known.get("size")) if known.get("do_resize") else (None, False)
    crop = _side(known.get("crop_size"))[0] if known.get("do_center_crop") else None
    if resize and not square and crop is None and known.get("crop_pct") and resize < 384:
        crop, resize = resize, int(resize / known["crop_pct"])  # ConvNeXt's, which squeezes larger pictures
    elif resize and known.get("crop_pct"):
        square = True
    interpolation = INTERPOLATIONS.get(int(known.get("resample", 2)))
    if resize and interpolation is None:
        raise ValueError(f"its image processor resizes in a way of its own (resample {known['resample']})")
    scale = float(known.get("rescale_factor", 1 / 255)) if known.get("do_rescale", True) else 1.0
    normalised = known.get("do_normalize", True)
    mean, std = (known["image_mean"], known["image_std"]) if normalised else ([0.0] * 3, [1.0] * 3)
    # Pixels are from 0 to 1 here, and what processors make of levels up to 255 may be on another scale.
    whole = 255 * scale
    return AsProcessed(
        mean=[value / whole for value in mean],
        std=[value / whole for value in std],
        resize=resize,
        interpolation=interpolation or "bilinear",
        crop=crop if crop and crop <= (resize or crop) else None,
        square=square,
    )


def _side(size: Any) -> tuple[int, bool]:
    """Returns how long sides become, and whether it is both or only the shorter.

    Raises:
        ValueError: They become unequal, or it is the longer one that counts.
    """
    size = dict(size)
    if size.get("longest_edge") or not (size.get("shortest_edge") or size.get("height") == size.get("width")):
        told = ", ".join(f"{name} {side}" for name, side in size.items() if side)
        raise ValueError(f"its image processor makes pictures that are no squares ({told})")
    return (size["shortest_edge"], False) if size.get("shortest_edge") else (size["height"], True)


def _waves(height: int, width: int) -> torch.Tensor:
    """Returns a picture, 3×H×W, coarse enough to be resized alike, fine enough to show shifts."""
    y, x = np.mgrid[:height, :width]
    waves = [127 + 60 * np.sin(x / 9 + colour) + 60 * np.cos(y / 7 + x / 30) for colour in range(3)]
    return torch.tensor(np.stack(waves).astype(np.uint8))


def _same(processor: Any, preprocess: Preprocess, picture: torch.Tensor) -> bool:
    """Returns whether both make the same of a picture.

    Raises:
        ValueError: The processor refuses it.
    """
    try:
        theirs = processor(images=picture, return_tensors="pt")["pixel_values"]
    except Exception as error:  # processors are anyone's, and refuse in any way there is
        reason = shortened(" ".join(str(error).split()), 200) or type(error).__name__
        raise ValueError(f"its image processor refuses pictures ({reason})") from error
    ours = preprocess(picture[None])
    if theirs.shape != ours.shape:
        return False
    off = (theirs - ours).abs() * torch.tensor(preprocess.std).view(-1, 1, 1) * 255
    return bool(off.max() < LEVELS and off.mean() < ON_AVERAGE)
