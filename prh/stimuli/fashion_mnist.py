"""Fashion-MNIST (Xiao et al. 2017): 60,000 training and 10,000 test images of clothes, 28×28, gray."""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.ground.progress import Reporter
from prh.ground.values import SETTINGS, Count
from prh.stimuli.fashion_mnist_files import FILES, ensure_files
from prh.stimuli.stimulus_set import StimulusSet, require_every_class

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
Split = Literal["train", "test"]


@dataclass(frozen=True, config=SETTINGS)
class FashionMNIST:
    """``n`` stimuli of a split; networks train on the train split and are scored on the test split."""

    n: Count
    split: Split = "test"

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the first ``n`` of one seeded permutation of the split.

        Raises:
            ConfigError: ``n`` exceeds the split, or the sample lacks a class.
        """
        full = load_split(self.split, data_dir, report)
        if self.n > len(full):
            raise ConfigError(
                "dataset.n",
                f"{self.n} is more than the {len(full)} images of the {self.split} split",
                f"Use dataset.n={len(full)} or less"
                + (", or dataset.split=train (60000 images)" if self.split == "test" else ""),
            )
        sample = full.sample(self.n, seed)
        require_every_class(sample, full, seed)
        return sample

    def training_data(self, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the 60,000 images of the train split."""
        return load_split("train", data_dir, report)

    def held_out_data(self, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the 10,000 images of the test split."""
        return load_split("test", data_dir, report)


def load_split(split: Split, data_dir: Path, report: Reporter) -> StimulusSet:
    """Reads one split, fetching and verifying its two files first."""
    images_file, labels_file = FILES[split]
    folder, source = ensure_files((images_file, labels_file), data_dir, report)
    labels = _read_idx(folder / labels_file.name).astype(np.int64)
    return StimulusSet(
        name=f"fashion_mnist/{split}",
        images=_read_idx(folder / images_file.name)[:, np.newaxis],
        labels=labels,
        class_names=CLASS_NAMES,
        ids=np.arange(len(labels)),
        fingerprint=f"fashion_mnist-{split}-{images_file.sha256[:12]}",
        source=source,
    )


def _read_idx(path: Path) -> NDArray[np.uint8]:
    """Reads LeCun's IDX format: two zero bytes, type 8, the number of axes, big-endian sizes, the bytes."""
    content = path.read_bytes()
    axes = content[3]
    shape = np.frombuffer(content, dtype=">i4", count=axes, offset=4)
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * axes).reshape(shape)
