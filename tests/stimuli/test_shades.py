"""Pictures of every depth are shown as bright as they are meant."""

import os
import struct
import threading

import numpy as np
import pytest
from PIL import Image

from prh.stimuli.images import ROOM, BadImage, endings, from_files, read
from prh.stimuli.room import Room
from prh.stimuli.shades import averaged

READ = ("jfif", "JPE", "avif", "jp2", "tga", "webp", "qoi", "bmp", "gif", "ico", "pcx", "ppm", "dds", "apng")
RAMP = np.linspace(0, 1, 64 * 64).reshape(64, 64)


def tiff(path, numbers):
    """Writes whole numbers or fractions of any kind, gray or coloured, as an uncompressed TIFF."""
    (height, width), colours = numbers.shape[:2], numbers.shape[2] if numbers.ndim == 3 else 1
    sample = {"u": 1, "i": 2, "f": 3}[numbers.dtype.kind]
    bits, beyond = numbers.dtype.itemsize * 8, 8 + 2 + 12 * 10 + 4
    lists = struct.pack(f"<{2 * colours}H", *[bits] * colours, *[sample] * colours) if colours > 1 else b""
    at, data = beyond + len(lists), numbers.tobytes()
    tags = [
        *((256, 4, 1, width), (257, 4, 1, height), (259, 3, 1, 1), (262, 3, 1, 2 if colours > 1 else 1)),
        *((273, 4, 1, at), (277, 3, 1, colours), (278, 4, 1, height), (279, 4, 1, len(data))),
        (258, 3, colours, bits if colours == 1 else beyond),
        (339, 3, colours, sample if colours == 1 else beyond + 2 * colours),
    ]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    head = b"II*\0" + struct.pack("<IH", 8, len(tags))
    path.write_bytes(head + entries + b"\0\0\0\0" + lists + data)


def seen(path, side=64):
    return read(lambda row: Image.open(path), 0, side)


@pytest.mark.parametrize("bits", [1, 8, 9, 10, 12, 14, 16])
@pytest.mark.parametrize("ending", ["png", "tif"])
def test_whole_numbers_of_every_depth_are_shown_alike(tmp_path, bits, ending):
    path = tmp_path / f"x.{ending}"
    Image.fromarray((RAMP * (2**bits - 1)).round().astype(np.uint16)).save(path)
    np.testing.assert_allclose(seen(path)[0], RAMP * 255, atol=1 if bits > 1 else 128)


@pytest.mark.parametrize(
    "numbers",
    [
        RAMP.astype("<f4"),
        (RAMP * 2 - 1).astype("<f4"),
        (RAMP * 255).astype("<f4"),
        (RAMP * 4095).astype("<f4"),
        (RAMP * 2**-9).astype("<f4"),
        (RAMP * 3000 - 1000).astype("<i2"),
        (RAMP * 3000 - 1000).astype("<i4"),
        (RAMP * 2**31).astype("<i8").clip(max=2**31 - 1).astype("<i4"),
        (RAMP * (2**32 - 1)).astype("<u4"),
        (RAMP * 4095).astype("<u4"),
        (RAMP * 255 - 128).astype("i1"),
    ],
)
def test_numbers_of_every_kind_are_scaled_to_what_they_show(tmp_path, numbers):
    tiff(tmp_path / "x.tif", numbers)
    np.testing.assert_allclose(seen(tmp_path / "x.tif")[0], RAMP * 255, atol=2)


@pytest.mark.parametrize(("value", "shade"), [(0.0, 0), (0.5, 128), (1.0, 255), (-3.0, 0), (255.0, 254)])
def test_a_single_shade_is_no_error(tmp_path, value, shade):
    Image.fromarray(np.full((9, 9), value, np.float32)).save(tmp_path / "x.tif")
    np.testing.assert_array_equal(seen(tmp_path / "x.tif"), shade)


def test_what_is_not_a_number_counts_for_nothing(tmp_path):
    numbers = RAMP.astype(np.float32)
    numbers[0, :5], numbers[5, 5], numbers[6, 6] = np.nan, np.inf, -np.inf
    Image.fromarray(numbers).save(tmp_path / "x.tif")
    found = seen(tmp_path / "x.tif")[0]
    assert (found[0, :5] == 0).all()
    np.testing.assert_allclose(found[20:], RAMP[20:] * 255, atol=1)
    Image.fromarray(np.full((9, 9), np.nan, np.float32)).save(tmp_path / "x.tif")
    with pytest.raises(BadImage, match="no numbers"):
        seen(tmp_path / "x.tif")


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_colours_of_which_pillow_reads_next_to_nothing_are_named(tmp_path, bits):
    tiff(tmp_path / "x.tif", np.stack([RAMP * (2**bits - 1)] * 3, axis=-1).astype("<u2"))
    if bits == 16:
        np.testing.assert_allclose(seen(tmp_path / "x.tif")[0], RAMP * 255, atol=2)
    else:
        with pytest.raises(BadImage, match="upper 8 of its 16 bits"):
            seen(tmp_path / "x.tif")


@pytest.mark.parametrize(
    "ending",
    [
        "jfif",
        "JPE",
        "avif",
        "jp2",
        "tga",
        "webp",
        "qoi",
        "bmp",
        "gif",
        "ico",
        "pcx",
        "ppm",
        "tiff",
        "dds",
        "apng",
    ],
)
def test_whatever_pillow_reads_is_a_picture(tmp_path, ending):
    assert f".{ending.lower()}" in endings()
    kind = {"jfif": "JPEG", "JPE": "JPEG", "apng": "PNG"}.get(ending)
    Image.fromarray((RAMP * 255).astype(np.uint8)).convert("RGB").save(tmp_path / f"x.{ending}", kind)
    np.testing.assert_allclose(seen(tmp_path / f"x.{ending}")[1], RAMP * 255, atol=12)


@pytest.mark.parametrize("ending", [".pdf", ".eps", ".mpg", ".h5", ".heic", ".txt", ".svg", ".wmf"])
def test_what_pillow_does_not_read_by_itself_is_none(ending):
    assert ending not in endings()


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
@pytest.mark.parametrize("seed", range(6))
def test_exif_of_any_kind_is_no_error(tmp_path, ending, seed):
    rng = np.random.default_rng(seed)
    head = (
        b"",
        b"Exif\0\0",
        b"Exif\0\0MM\0*\0\0\0\x08\0\x05",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x07\0",
    )
    exif = head[seed % 4] + rng.bytes(150)
    Image.fromarray((RAMP * 255).astype(np.uint8)).convert("RGB").save(tmp_path / f"x.{ending}", exif=exif)
    assert seen(tmp_path / f"x.{ending}").std() > 60


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (2, 5)])
def test_slivers_are_shown(tmp_path, size):
    Image.new("RGB", size, (90, 80, 70)).save(tmp_path / "x.png")
    np.testing.assert_array_equal(seen(tmp_path / "x.png").mean((1, 2)), (90, 80, 70))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "I;16", "F"])
def test_large_pictures_are_averaged_down_to_the_same(tmp_path, monkeypatch, mode):
    ramp = np.linspace(0, 255, 600 * 900).reshape(600, 900)
    deep = {"I;16": (ramp * 257).astype(np.uint16), "F": (ramp / 255).astype(np.float32)}
    image = (
        Image.fromarray(deep[mode]) if mode in deep else Image.fromarray(ramp.astype(np.uint8)).convert(mode)
    )
    image.save(tmp_path / "x.tif")
    small = seen(tmp_path / "x.tif", 16).astype(int)
    monkeypatch.setattr("prh.stimuli.images.LARGE", 1000)
    monkeypatch.setattr("prh.stimuli.shades.STRIP", 7000)
    np.testing.assert_allclose(seen(tmp_path / "x.tif", 16), small, atol=3)
    assert averaged(image, (0, 255) if mode in deep else None, 64).size == (67, 67)


def test_pictures_wait_until_there_is_room_and_none_may_take_more(tmp_path, monkeypatch):
    paths = [tmp_path / f"{number}.png" for number in range(6)]
    for path in paths:
        Image.fromarray(np.frombuffer(os.urandom(300 * 400 * 3), np.uint8).reshape(300, 400, 3)).save(path)
    one = 300 * 400 * 4
    monkeypatch.setattr(ROOM, "most", 0)
    roomy = np.asarray(from_files(paths, 8, 2.5 * one / 2**30))
    assert ROOM.most <= 2.5 * one
    monkeypatch.setattr(ROOM, "most", 0)
    np.testing.assert_array_equal(np.asarray(from_files(paths, 8, one / 2**30)), roomy)
    assert (ROOM.most, ROOM.used) == (one, 0)
    with pytest.raises(BadImage, match=r"400 × 300 pixels take .* similarity\.memory_gb="):
        from_files(paths, 8, 0.9 * one / 2**30)[0]


def test_room_is_given_back_after_an_error():
    room, entered = Room(), threading.Event()
    with pytest.raises(KeyError), room.taken(5, 6):
        raise KeyError
    with room.taken(5, 6):
        waiting = threading.Thread(target=lambda: _enter(room, entered))
        waiting.start()
        assert not entered.wait(0.05)
    waiting.join(5)
    assert entered.is_set()


def _enter(room, entered):
    with room.taken(5, 6):
        entered.set()
