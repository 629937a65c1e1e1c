"""Datasets by name: torchvision's, and those of the Hugging Face hub."""

from __future__ import annotations

import inspect
import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.ground.downloads import impatient_hub, impatient_network
from prh.ground.extras import library
from prh.ground.files import expanded
from prh.ground.progress import Reporter
from prh.ground.values import SETTINGS, Count, Name, PathText, Side
from prh.stimuli.captions import captions_of, several
from prh.stimuli.images import LazyImages
from prh.stimuli.listing import BadFiles, Listing
from prh.stimuli.stimulus_set import StimulusSet, no_training_data


@dataclass(frozen=True, config=SETTINGS)
class Torchvision:
    """A classification dataset of torchvision's by the name of its class.

    Attributes:
        name: E.g. ``CIFAR10``.
        n: How many images; None for all.
        split: Networks train on train and are scored on test.
        size: Pixels of a side that images are fitted into.
    """

    name: Name
    n: Count | None = None
    split: Literal["train", "test"] = "test"
    size: Side = 224

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample.

        Raises:
            ConfigError: No such dataset, or it cannot be had, or what :meth:`Listing.draw` refuses.
        """
        return self._listing(self.split, data_dir, report).draw(self.n, seed, "error", report)

    def training_data(self, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the train split."""
        return self._listing("train", data_dir, report).whole()

    def held_out_data(self, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the test split."""
        return self._listing("test", data_dir, report).whole()

    def _listing(self, split: str, data_dir: Path, report: Reporter) -> Listing:
        dataset = self._load(split, data_dir, report)
        labels = getattr(dataset, "targets", None)
        if labels is None:
            labels = getattr(dataset, "labels", None)
        if labels is None:
            labels = [int(dataset[row][1]) for row in range(len(dataset))]
        labels = np.asarray(labels, dtype=np.int64)
        names = tuple(map(str, getattr(dataset, "classes", range(int(labels.max()) + 1))))
        return Listing(
            name=f"{self.name.lower()}/{split}",
            images=LazyImages(lambda row: dataset[row][0].copy(), np.arange(len(dataset)), self.size),
            labels=labels,
            class_names=names,
            fingerprint=f"torchvision-{self.name}-{split}-{len(dataset)}-{self.size}px",
            source=f"torchvision:{self.name}",
            names=[f"image {row}" for row in range(len(dataset))],
        )

    def _load(self, split: str, data_dir: Path, report: Reporter) -> Any:
        from torchvision import datasets

        known = [name for name in datasets.__all__ if name[0].isupper()]
        if self.name not in known:
            raise ConfigError("dataset.name", f"torchvision has no {self.name}", f"It has {', '.join(known)}")
        kind = getattr(datasets, self.name)
        takes = inspect.signature(kind).parameters
        options: dict[str, Any] = {"root": str(data_dir)} if "root" in takes else {}
        if "train" in takes:
            options["train"] = split == "train"
        elif "split" in takes:
            options["split"] = split
        try:
            if "download" not in takes:
                return kind(**options)
            try:
                return kind(**options, download=False)
            except RuntimeError:
                with report.progress(f"Downloading {self.name}", 0, ""), impatient_network():
                    return kind(**options, download=True)
        except (OSError, RuntimeError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())[:150]
            raise ConfigError(
                "dataset.name",
                f"torchvision cannot make {self.name} ({reason})",
                f"Put its files where torchvision looks for them, under {data_dir}",
            ) from error


@dataclass(frozen=True, config=SETTINGS)
class HuggingFace:
    """A dataset of the Hugging Face hub, or a local folder in one of its layouts, columns by name.

    Attributes:
        name: E.g. ``nlphuji/flickr30k``, or a folder.
        image_column: Holds images.
        caption_column: Holds sentences, or lists of them; None has no captions.
        label_column: Holds classes, for colours or for comparing with their names; None has one.
        split: Of the dataset.
        revision: Of its repository on the hub: a branch, tag or commit; None for the newest.
        n: How many rows; None for all.
        size: Pixels of a side that images are fitted into.
        bad_files: Whether a row that cannot be shown stops the run or is left out.
    """

    name: PathText
    image_column: Name = "image"
    caption_column: Name | None = None
    label_column: Name | None = None
    split: Name = "train"
    revision: Name | None = None
    n: Count | None = None
    size: Side = 224
    bad_files: BadFiles = "error"

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample.

        Raises:
            ConfigError: No such dataset or column, or what :meth:`Listing.draw` refuses.
        """
        if self.caption_column is None and self.label_column is None:
            raise ConfigError(
                "dataset.caption_column", "neither captions nor classes: nothing to read", "Name a column"
            )
        dataset = self._load(report)
        columns = {"image_column": self.image_column, "caption_column": self.caption_column}
        for key, column in {**columns, "label_column": self.label_column}.items():
            if column is not None and column not in dataset.column_names:
                raise ConfigError(
                    f"dataset.{key}",
                    f"{self.name} has no column {column}",
                    f"It has {', '.join(dataset.column_names)}",
                )
        labels, names = self._labels(dataset)
        captions = wordings = None
        if self.caption_column is not None:
            said = [captions_of(caption) for caption in dataset[self.caption_column]]
            captions, wordings = tuple(one[0] for one in said), several(said)
        listing = Listing(
            name=f"{self.name.rstrip('/').split('/')[-1]}/{self.split}",
            images=LazyImages(
                lambda row: dataset[row][self.image_column].copy(), np.arange(len(dataset)), self.size
            ),
            labels=labels,
            class_names=names,
            fingerprint=f"hf-{dataset._fingerprint}-{self.size}px",
            source=f"huggingface:{self.name}",
            names=[f"row {row}" for row in range(len(dataset))],
            captions=captions,
            problems={row: f"row {row} (empty caption)" for row, c in enumerate(captions or ()) if not c},
            wordings=wordings,
        )
        return listing.draw(self.n, seed, self.bad_files, report)

    training_data = held_out_data = no_training_data

    def _load(self, report: Reporter) -> Any:
        datasets = library("datasets", "hf", "dataset")
        datasets.disable_progress_bars()
        try:
            here = os.path.isdir(expanded(self.name))
            hub = nullcontext() if here else impatient_hub(self.name, "dataset")
            with report.progress(f"Loading {self.name}", 0, ""), impatient_network(), hub:
                name = str(expanded(self.name)) if here else self.name
                return datasets.load_dataset(name, split=self.split, revision=None if here else self.revision)
        except Exception as error:  # the hub client raises errors of several libraries
            reason = " ".join(str(error).split())[:150]
            raise ConfigError(
                "dataset.name",
                f"{self.name} cannot be loaded ({reason})",
                "Give a name on the hub, or a folder in one of its layouts",
            ) from error

    def _labels(self, dataset: Any) -> tuple[Any, tuple[str, ...]]:
        if self.label_column is None:
            return np.zeros(len(dataset), dtype=np.int64), ("all",)
        values = dataset[self.label_column]
        feature = dataset.features[self.label_column]
        if hasattr(feature, "names"):
            return np.asarray(values, dtype=np.int64), tuple(feature.names)
        names = tuple(sorted({str(value) for value in values}))
        return np.array([names.index(str(value)) for value in values]), names
