"""Pictures are prepared as the image processors of transformers prepare them."""

import pytest
import torch
from PIL import Image
from sklearn.datasets import load_sample_image

from prh.encoders.hugging_face.processor import of_processor

PHOTO = torch.tensor(load_sample_image("china.jpg")).permute(2, 0, 1).contiguous()
SQUARE = {"height": 64, "width": 64}
PROCESSORS = {
    "ViTImageProcessor": {},
    "SiglipImageProcessor": {},
    "CLIPImageProcessor": {},
    "BitImageProcessor": {"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}},
    "DeiTImageProcessor": {},
    "ConvNextImageProcessor": {"size": {"shortest_edge": 224}, "crop_pct": 0.875},
    "BeitImageProcessor": {"size": SQUARE, "resample": 2},
    "DINOv3ViTImageProcessor": {"size": SQUARE},
}


def made(name, **how):
    transformers = pytest.importorskip("transformers")
    return getattr(transformers, name)(**how)


def levels_off(processor, picture, shown=None):
    """Returns by how many of 256 levels of gray two ways to prepare a picture differ, pixel by pixel."""
    preprocess = of_processor(processor)
    theirs = processor(images=picture if shown is None else shown, return_tensors="pt")["pixel_values"]
    ours = preprocess(picture[None])
    assert ours.shape == theirs.shape
    return (ours - theirs).abs() * torch.tensor(preprocess.std).view(-1, 1, 1) * 255


@pytest.mark.parametrize("shape", [(427, 640), (423, 301), (28, 28)])
@pytest.mark.parametrize("name", PROCESSORS)
def test_a_photograph_has_the_same_pixels(name, shape):
    # Of torchvision's weights in fixed point, and ours, some sums are rounded to the next level.
    photo = PHOTO[:, : shape[0], : shape[1]]
    off = levels_off(made(name, **PROCESSORS[name]), photo)
    assert off.max() < 2.1
    assert off.mean() < 0.02


@pytest.mark.parametrize("name", ["ViTImageProcessor", "CLIPImageProcessor", "SiglipImageProcessor"])
def test_pil_resizes_them_alike(name):
    slow = made(f"{name}Pil", **PROCESSORS[name])
    off = levels_off(slow, PHOTO, Image.fromarray(PHOTO.permute(1, 2, 0).numpy()))
    assert off.max() < 1.1
    assert off.mean() < 0.015


@pytest.mark.parametrize(
    "how",
    [
        {"do_normalize": False},
        {"do_rescale": False},
        {"rescale_factor": 1 / 127.5},
        {"do_resize": False},
        {"do_normalize": False, "do_rescale": False, "do_resize": False},
        {"do_center_crop": True, "crop_size": {"height": 60, "width": 60}},
    ],
)
def test_steps_that_are_left_out_or_scaled_otherwise_are_read(how):
    processor = made("ViTImageProcessor", **{"size": SQUARE, "resample": 3, **how})
    assert levels_off(processor, PHOTO).max() < 2.1


def test_a_small_picture_is_framed_in_black_where_it_is_not_resized():
    processor = made("CLIPImageProcessor", do_resize=False, crop_size={"height": 65, "width": 65})
    assert levels_off(processor, PHOTO[:, :40, :28]).max() < 1e-3


@pytest.mark.parametrize(
    ("name", "how", "why"),
    [
        ("ViTImageProcessor", {"resample": 0}, "resizes in a way of its own"),
        (
            "ViTImageProcessor",
            {"size": {"height": 256, "width": 192}},
            r"no squares \(height 256, width 192\)",
        ),
        ("ViTImageProcessor", {"size": {"shortest_edge": 64, "longest_edge": 80}}, "no squares"),
        ("EfficientNetImageProcessor", {"rescale_offset": True}, "does more"),
        ("Siglip2ImageProcessor", {}, "does not say what it does"),
    ],
)
def test_what_is_not_done_here_is_refused(name, how, why):
    with pytest.raises(ValueError, match=why):
        of_processor(made(name, **how))
