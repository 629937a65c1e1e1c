"""The stimuli of one experiment, and how a sample of them is drawn."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from prh.errors import ConfigError
from prh.ground.progress import Reporter
from prh.stimuli.images import Images


@dataclass(frozen=True)
class StimulusSet:
    """Images in rows, with all that is known about them.

    Attributes:
        name: The dataset and split, e.g. ``fashion_mnist/test``.
        images: uint8, N×C×H×W, or what reads them when they are looked at.
        labels: int64, N; index into ``class_names``.
        class_names: One name per class, as the dataset's makers wrote them.
        ids: int64, N; each stimulus' row in the full dataset.
        fingerprint: Identifies the full dataset's content, whatever sample was drawn of it.
        source: Where the data was found, for the record.
        captions: One sentence per stimulus, where the dataset has them.
        wordings: All sentences of each stimulus, N, the first its caption; None where there is one each.
        credit: What a licence wants said wherever the stimuli are shown.
        names: One per stimulus where it has one of its own, such as a file's.
        signals: float32, N×T; what another instrument recorded of the same stimuli, where one did.
        groups: int64, N, where some stimuli are not independent of each other: those with one number,
            such as windows of one recording or drawings after one template. None where all are.
        copies: int64, N, where some are nearly the same picture: those with one number. None where none are,
            or nothing is to be made of it.
        consecutive: Whether ``ids`` count along time, as those of windows of recordings do.
        again: The same stimuli in the same order, drawn by other hands or named in other words, where they
            are shown a second time; what is not another is the same object.
    """

    name: str
    images: Images
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    ids: NDArray[np.int64]
    fingerprint: str
    source: str
    captions: tuple[str, ...] | None = None
    credit: str | None = None
    signals: NDArray[np.float32] | None = None
    names: tuple[str, ...] | None = None
    groups: NDArray[np.int64] | None = None
    copies: NDArray[np.int64] | None = None
    consecutive: bool = False
    again: "StimulusSet | None" = None
    wordings: tuple[tuple[str, ...], ...] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def at(self, positions: NDArray[np.int64]) -> "StimulusSet":
        """Returns the stimuli at the given positions, in that order."""
        return replace(
            self,
            images=self.images[positions],
            labels=self.labels[positions],
            ids=self.ids[positions],
            captions=None if self.captions is None else tuple(self.captions[i] for i in positions),
            signals=None if self.signals is None else self.signals[positions],
            names=None if self.names is None else tuple(self.names[i] for i in positions),
            groups=None if self.groups is None else self.groups[positions],
            copies=None if self.copies is None else self.copies[positions],
            again=None if self.again is None else self.again.at(positions),
            wordings=None if self.wordings is None else tuple(self.wordings[i] for i in positions),
        )

    def sample(self, n: int, seed: int) -> "StimulusSet":
        """Draws ``n`` stimuli: the first of one seeded permutation, so smaller samples are subsets."""
        return self.at(sample_order(len(self), seed)[:n])

    @property
    def sequence(self) -> NDArray[np.int64] | None:
        """The positions of all N stimuli in the order of recording and time; None where there is none."""
        return np.argsort(self.ids) if self.consecutive else None

    def absent_classes(self) -> list[str]:
        """Returns the names of the classes that no stimulus belongs to."""
        present = np.bincount(self.labels, minlength=len(self.class_names)) > 0
        return [name for name, seen in zip(self.class_names, present, strict=True) if not seen]


class Dataset(Protocol):
    """A source of stimuli, as the config group ``dataset`` names it; ``n`` None takes all it has."""

    n: int | None

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample to experiment on."""

    def training_data(self, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the labelled stimuli a network may be trained on, disjoint from every sample."""

    def held_out_data(self, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the labelled stimuli a trained network is scored on."""


def sample_order(n: int, seed: int) -> NDArray[np.int64]:
    """Returns the one permutation of ``n`` rows from which every sample with this seed is a prefix."""
    return np.random.default_rng(seed).permutation(n).astype(np.int64)


def no_training_data(dataset: Dataset, data_dir: Path, report: Reporter) -> StimulusSet:
    """Refuses to train on a dataset that is for looking at alone.

    Raises:
        ConfigError: Always.
    """
    raise ConfigError(
        "dataset",
        f"{type(dataset).__name__} has no training images, but a network's weights are to be fitted",
        "Choose networks with weights of their own, e.g. model=efficientnet_lite0 "
        "model@reference=efficientnet_lite0_random, or give theirs as reference.weights.path=FILE",
    )


def require_enough(n: int | None, full: StimulusSet) -> None:
    """Refuses a sample larger than the dataset.

    Raises:
        ConfigError: Names how many there are.
    """
    if n is not None and n > len(full):
        raise ConfigError(
            "dataset.n",
            f"{n} is more than the {len(full)} stimuli of {full.name}",
            f"Use dataset.n={len(full)} or less, or dataset.n=null for all",
        )


def require_every_class(sample: StimulusSet, full: StimulusSet, seed: int) -> None:
    """Refuses a sample in which a class has no stimulus: its centroid would not exist.

    Raises:
        ConfigError: Names the classes that are absent and the smallest sample that has them all.
    """
    absent = sample.absent_classes()
    if not absent:
        return
    labels = full.labels[sample_order(len(full), seed)]
    firsts = [int(np.argmax(labels == label)) for label in range(len(full.class_names))]
    raise ConfigError(
        "dataset.n",
        f"the {len(sample)} stimuli drawn with seed={seed} show no {', no '.join(absent)}, "
        "and a class centroid needs at least one of each",
        f"The smallest sample with every class is dataset.n={max(firsts) + 1}",
    )
