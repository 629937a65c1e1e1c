"""Near duplicates: photographs, copied, and clothes that only look alike."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from sklearn.datasets import load_sample_images

from prh.ground.progress import Silent
from prh.stimuli import FashionMNIST
from prh.stimuli import duplicates as of_duplicates
from prh.stimuli.duplicates import ALIKE, copies, thumbnails


def photographs():
    """Twelve pieces of two photographs."""
    return [
        Image.fromarray(photo[y : y + 200, x : x + 200])
        for photo in load_sample_images().images
        for y in (0, 200)
        for x in (0, 200, 400)
    ]


def compressed(image):
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=30)
    return Image.open(stream)


COPIES = {
    "compressed": compressed,
    "made smaller": lambda image: image.resize((60, 60)).resize((200, 200)),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
    "greyer": lambda image: ImageEnhance.Contrast(image).enhance(0.6),
}


def pixels(images):
    return np.stack([np.asarray(image.convert("RGB")).transpose(2, 0, 1) for image in images])


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_copies_are_found_and_nothing_else(copied):
    originals = photographs()
    same = copies(thumbnails(pixels([*originals, *map(copied, originals[::2])])))
    assert len(np.unique(same)) == 12
    np.testing.assert_array_equal(same[12:], same[:12:2])


@pytest.mark.parametrize("shape", [(3, 64, 64), (1, 28, 28), (3, 50, 71), (1, 33, 224)])
def test_thumbnails_are_the_means_of_fields(shape):
    images = np.random.default_rng(0).integers(0, 256, (3, *shape), dtype=np.uint8)
    height, width = (min(side, 32) for side in shape[1:])
    rows, columns = (np.arange(n + 1) * side // n for n, side in ((height, shape[1]), (width, shape[2])))
    found = thumbnails(images).reshape(3, shape[0], height, width)
    for y, x in [(0, 0), (height // 2, width - 1), (height - 1, width // 3)]:
        field = images[:, :, rows[y] : rows[y + 1], columns[x] : columns[x + 1]]
        np.testing.assert_allclose(found[:, :, y, x], field.mean(axis=(2, 3)), atol=0.51)


def linked_by_brute_force(small):
    """Numbers as copies() gives them, from all pairs and repeated passes over them."""
    correlations = np.corrcoef(small.astype(float))
    same = np.arange(len(small))
    for _ in range(4):
        for i, j in np.argwhere(np.triu(correlations >= ALIKE, 1)):
            same[same == same[j]] = same[i]
    return same


def test_sketching_many_misses_none_and_adds_none(data_dir, monkeypatch):
    small = thumbnails(FashionMNIST(n=700).draw(3, data_dir, Silent()).images)
    noise = np.random.default_rng(0).normal(0, 1, (60, small.shape[1])) * np.linspace(1, 14, 60)[:, None]
    small = np.concatenate([small, (small[:60] + noise).clip(0, 255).astype(np.uint8), small[5:8]])
    expected = linked_by_brute_force(small)
    assert 705 < len(np.unique(expected)) < 750  # some of the noisy copies are near enough, some are not
    for few, block in ((2000, 512), (0, 100)):
        monkeypatch.setattr(of_duplicates, "FEW", few)
        monkeypatch.setattr(of_duplicates, "BLOCK", block)
        found, steps = copies(small, (told := []).append), sum(told)
        assert steps == len(small)
        together = found[:, None] == found[None, :]
        np.testing.assert_array_equal(together, expected[:, None] == expected[None, :])


def test_a_chain_of_copies_is_one_and_shades_are_told_apart():
    ramp = np.linspace(0, 200, 784)
    wave = 60 * np.sin(np.arange(784))
    chain = np.stack([ramp + share * wave for share in (0, 0.1, 0.2, 0.3)]).clip(0, 255).astype(np.uint8)
    assert np.corrcoef(chain.astype(float))[0, 3] < ALIKE < np.corrcoef(chain.astype(float))[0, 1]
    black, grey = np.zeros((2, 784), np.uint8), np.full((1, 784), 90, np.uint8)
    same = copies(np.concatenate([chain, black, grey]))
    np.testing.assert_array_equal(same == same[0], [1, 1, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(same == same[4], [0, 0, 0, 0, 1, 1, 0])


def test_fashion_mnist_has_two_pictures_twice_among_its_10000_and_none_in_the_default_sample(data_dir):
    found = copies(thumbnails(FashionMNIST(n=10_000).draw(0, data_dir, Silent()).images))
    _, counts = np.unique(found, return_counts=True)
    assert sorted(counts)[-3:] == [1, 2, 2]
    assert len(np.unique(found[:1000])) == 1000
