"""Datasets of torchvision and the Hugging Face library, from local files."""

import pickle

import numpy as np
import pytest
from PIL import Image

from prh.errors import ConfigError
from prh.ground.progress import Silent
from prh.stimuli import HuggingFace, Torchvision
from tests.conftest import Listening


@pytest.fixture
def cifar(tmp_path, monkeypatch):
    """CIFAR-10's layout with 40 images, ten to a batch that torchvision would read ten thousand of."""
    from torchvision.datasets import CIFAR10

    folder = tmp_path / CIFAR10.base_folder
    folder.mkdir()
    generator = np.random.default_rng(0)
    for name, _ in [*CIFAR10.train_list, *CIFAR10.test_list]:
        batch = {
            "data": generator.integers(0, 256, (20, 3072), dtype=np.uint8),
            "labels": list(range(10)) * 2,
        }
        (folder / name).write_bytes(pickle.dumps(batch))
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": names}))
    monkeypatch.setattr(CIFAR10, "_check_integrity", lambda self: True)
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda *arguments: True)
    return tmp_path


def test_cifar10_is_read_where_torchvision_puts_it(cifar):
    dataset = Torchvision("CIFAR10", n=20, size=32)
    found = dataset.draw(0, cifar, Silent())
    assert (found.name, found.class_names[3]) == ("cifar10/test", "cat")
    assert np.asarray(found.images).shape == (20, 3, 32, 32)
    assert len(dataset.training_data(cifar, Silent())) == 100
    assert len(dataset.held_out_data(cifar, Silent())) == 20


def test_what_torchvision_lacks_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"dataset\.name: torchvision has no CIFAR11.*CIFAR10"):
        Torchvision("CIFAR11").draw(0, tmp_path, Silent())


@pytest.fixture
def pairs(tmp_path):
    """A folder in the Hugging Face image layout, one image damaged, one caption empty."""
    for row in range(8):
        Image.new("RGB", (16, 10), (30 * row, 0, 0)).save(tmp_path / f"{row}.png")
    (tmp_path / "7.png").write_bytes((tmp_path / "7.png").read_bytes()[:40])
    lines = ["file_name,caption,kind", *(f"{row}.png,red {row},{'ab'[row % 2]}" for row in range(6))]
    (tmp_path / "metadata.csv").write_text("\n".join([*lines, "6.png,,a", "7.png,red 7,b"]))
    return tmp_path


def test_a_hugging_face_dataset_by_its_columns(pairs, tmp_path, monkeypatch):
    pytest.importorskip("datasets", reason="the extra prh[hf] is not installed")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    options = {"caption_column": "caption", "label_column": "kind", "size": 8}
    with pytest.raises(ConfigError, match=r"dataset\.bad_files: 2 of") as caught:
        HuggingFace(str(pairs), **options).draw(0, tmp_path, Silent())
    assert "row 6 (empty caption)" in str(caught.value)
    heard = Listening()
    found = HuggingFace(str(pairs), bad_files="skip", **options).draw(0, tmp_path, heard)
    assert (len(found), found.class_names) == (6, ("a", "b"))
    for image, caption in zip(np.asarray(found.images), found.captions, strict=True):
        assert caption == f"red {image[0].mean() / 30:.0f}"


@pytest.mark.parametrize("column", ["image_column", "caption_column", "label_column"])
def test_a_wrong_column_is_named(pairs, tmp_path, column):
    pytest.importorskip("datasets", reason="the extra prh[hf] is not installed")
    with pytest.raises(ConfigError, match=rf"dataset\.{column}: .* has no column nope.*It has"):
        HuggingFace(str(pairs), **{"caption_column": "caption", column: "nope"}).draw(0, tmp_path, Silent())


def test_a_dataset_that_is_nowhere_is_refused(tmp_path, monkeypatch):
    pytest.importorskip("datasets", reason="the extra prh[hf] is not installed")
    with pytest.raises(ConfigError, match=r"dataset\.name"):
        HuggingFace(str(tmp_path / "nowhere"), caption_column="text").draw(0, tmp_path, Silent())


def test_neither_captions_nor_classes_leave_nothing_to_read(tmp_path):
    with pytest.raises(ConfigError, match=r"dataset\.caption_column"):
        HuggingFace("any").draw(0, tmp_path, Silent())
