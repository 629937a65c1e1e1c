"""Images of every odd kind."""

import numpy as np
import pytest
from PIL import Image

from prh.ground.progress import Silent
from prh.stimuli.images import BadImage, bad_ones, from_files

RED = (200, 30, 40)


def half_red(mode):
    """40×20, the left half red (or dark), the right half white."""
    pixels = np.full((20, 40, 3), 255, np.uint8)
    pixels[:, :20] = RED
    return Image.fromarray(pixels).convert(mode)


def save(tmp_path, kind):
    path = tmp_path / f"bild ünï {kind}.{'gif' if kind == 'animated' else 'jpg' if kind == 'CMYK' else 'png'}"
    if kind == "animated":
        half_red("RGB").save(path, save_all=True, append_images=[Image.new("RGB", (40, 20), "blue")])
    elif kind == "16-bit":
        gray = np.where(np.arange(40) < 20, 0, 65535).astype(np.uint16)
        Image.fromarray(np.broadcast_to(gray, (20, 40)).copy()).save(path)
    elif kind == "transparent":
        image = half_red("RGBA")
        image.paste((0, 0, 0, 0), (20, 0, 40, 20))
        image.save(path)
    elif kind == "turned":
        exif = Image.Exif()
        exif[0x0112] = 3
        half_red("RGB").transpose(Image.Transpose.ROTATE_180).save(path, exif=exif)
    else:
        half_red(kind).save(path)
    return path


@pytest.mark.parametrize(
    "kind", ["RGB", "L", "P", "1", "CMYK", "animated", "16-bit", "transparent", "turned"]
)
def test_every_kind_becomes_upright_rgb_on_white(tmp_path, kind):
    image = np.asarray(from_files([save(tmp_path, kind)], 10))[0]
    assert (image.shape, image.dtype) == ((3, 10, 10), np.uint8)
    assert image[:, :, 7:].min() > 235
    dark = image[1, :, :3].mean()
    assert dark < 110 if kind != "1" else dark < 200
    if kind in ("RGB", "CMYK", "P", "animated", "transparent", "turned"):
        np.testing.assert_allclose(image[:, 5, 1], RED, atol=12)


def test_they_stay_on_disk_until_they_are_looked_at(tmp_path):
    path = save(tmp_path, "RGB")
    images = from_files([path, tmp_path / "missing.png", path], 8)
    assert images.shape == (3, 3, 8, 8)
    few = images[np.array([2, 0])]
    assert np.asarray(few).shape == (2, 3, 8, 8)
    np.testing.assert_array_equal(few[1], images[0])
    with pytest.raises(BadImage, match="No such file"):
        images[1]


def test_bad_ones_are_all_found_and_named(tmp_path):
    good = save(tmp_path, "RGB")
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:80])
    (tmp_path / "text.png").write_text("no image")
    Image.new("RGB", (300, 300)).save(tmp_path / "huge.png")
    names = [good.name, "cut.png", "text.png", "huge.png"]
    images = from_files([tmp_path / name for name in names], 8, memory_gb=3e-4)
    found = bad_ones(images, names, Silent())
    assert list(found) == [1, 2, 3]
    assert all(name in reason for name, reason in zip(names[1:], found.values(), strict=True))
    assert "300 × 300 pixels" in found[3]
