"""A person's own images: one folder per class, or a table of captions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.ground.files import expanded, identity
from prh.ground.progress import Reporter
from prh.ground.values import SETTINGS, Count, Name, PathText, Side
from prh.stimuli.captions import Captioned, captioned_by_table, captioned_by_text, several
from prh.stimuli.images import endings, from_files
from prh.stimuli.listing import BadFiles, Listing, complain
from prh.stimuli.names import plain, short, shown
from prh.stimuli.stimulus_set import StimulusSet, no_training_data
from prh.stimuli.tree import Tree, problem_of, tree_of

TABLES = ("captions.csv", "captions.tsv", "captions.jsonl", "metadata.csv", "metadata.jsonl")
PICTURES = "picture that can be read"
READING = 2
"""Counts the ways in which deep pictures became eight bits: features of an earlier one are others."""
GigaBytes = Annotated[float, Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True, config=SETTINGS)
class ImageFolder:
    """A folder of folders of images; each folder is a class, named as it is called.

    Attributes:
        path: The outer folder.
        n: How many images; None for all.
        size: Pixels of a side that images are fitted into.
        bad_files: Whether a file that cannot be read stops the run or is left out.
        memory_gb: What pictures that are decoded at the same time may take, in GiB.
    """

    path: PathText
    n: Count | None = None
    size: Side = 224
    bad_files: BadFiles = "error"
    memory_gb: GigaBytes = 1.0

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample.

        Raises:
            ConfigError: No such folder, no classes in it, or what :meth:`Listing.draw` refuses.
        """
        root = existing(self.path)
        tree = tree_of(root)
        files = [file for file in tree.ending(endings()) if file.parent != root]
        if tree.unreadable:
            complain(plain(root.name), tree.unreadable, self.bad_files, report)
        tree.tell(files, PICTURES, report)
        if not files:
            raise ConfigError(
                "dataset.path",
                f"{plain(str(root))} has no folders with images in them",
                "Give a folder with one folder per class, or use dataset=captioned_folder",
            )
        labels, classes = numbered([file.relative_to(root).parts[0] for file in files])
        names = [shown(file, root) for file in files]
        listing = Listing(
            name=plain(root.name),
            images=from_files(files, self.size, self.memory_gb),
            labels=labels,
            class_names=classes,
            fingerprint=fingerprint(root, files, self.size),
            source=f"folder:{plain(root.name)}",
            names=names,
        )
        return listing.draw(self.n, seed, self.bad_files, report)

    training_data = held_out_data = no_training_data


@dataclass(frozen=True, config=SETTINGS)
class CaptionedFolder:
    """A folder of images with a table of captions, or with a .txt beside every image.

    Attributes:
        path: The folder.
        table: The table's name in it; None looks for the usual ones, then for .txt files.
        image_column: Where the table has file names; None takes the first of the usual names.
        caption_column: Where it has captions; None likewise.
        label_column: Where it has classes, for colours; None has one.
        n: How many images; None for all.
        size: Pixels of a side that images are fitted into.
        bad_files: Whether an image that cannot be read, is not there, or has an empty caption stops the run
            or is left out.
        memory_gb: What pictures that are decoded at the same time may take, in GiB.
    """

    path: PathText
    table: PathText | None = None
    image_column: Name | None = None
    caption_column: Name | None = None
    label_column: Name | None = None
    n: Count | None = None
    size: Side = 224
    bad_files: BadFiles = "error"
    memory_gb: GigaBytes = 1.0

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample; an image in several rows has the captions of all.

        Raises:
            ConfigError: No such folder, table or column, or what :meth:`Listing.draw` refuses.
        """
        root = existing(self.path)
        tree = tree_of(root)
        captioned = self._captioned(tree, report)
        files = captioned.files
        if tree.unreadable:
            complain(plain(root.name), tree.unreadable, self.bad_files, report)
        pictures = tree.ending(endings())
        if without := len(set(pictures) - set(files)):
            report.warn(f"{without} of the images in {plain(root.name)} have no caption and are left out")
        tree.tell({*files, *pictures, *captioned.sources} & set(tree.files), PICTURES, report)
        labels, classes = numbered(captioned.labels)
        listing = Listing(
            name=plain(root.name),
            images=from_files(files, self.size, self.memory_gb),
            labels=labels,
            class_names=classes,
            fingerprint=fingerprint(root, files, self.size),
            source=f"folder:{plain(root.name)}",
            names=captioned.names,
            captions=tuple(captioned.captions),
            problems=captioned.problems(),
            wordings=several(captioned.wordings),
        )
        return listing.draw(self.n, seed, self.bad_files, report)

    training_data = held_out_data = no_training_data

    def _captioned(self, tree: Tree, report: Reporter) -> Captioned:
        found = next((name for name in TABLES if (tree.root / name).is_file()), None)
        if self.table is None and found is None:
            return captioned_by_text(tree)
        path = tree.root / (self.table or str(found))
        columns = {
            "image_column": self.image_column,
            "caption_column": self.caption_column,
            "label_column": self.label_column,
        }
        return captioned_by_table(path, tree.root, columns, report)


def existing(path: str) -> Path:
    """Returns a folder that a config names.

    Raises:
        ConfigError: There is none.
    """
    try:
        root = Path(os.path.abspath(expanded(path)))
        there = root.is_dir()
    except (OSError, ValueError, RuntimeError) as error:  # too long a name, or no such user
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError("dataset.path", f"{plain(path)[:200]} is no folder ({reason})") from error
    if not there:
        raise ConfigError(
            "dataset.path", f"there is no folder {plain(str(root))}", "Give one as dataset.path=FOLDER"
        )
    return root


def numbered(names: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Returns the class of each row, N, and what the classes are called, sorted; alike ones are one."""
    called = [plain(name) for name in names]
    classes = tuple(sorted(set(called)))
    number = {name: index for index, name in enumerate(classes)}
    return np.array([number[name] for name in called], dtype=np.int64), classes


def fingerprint(root: Path, files: Sequence[Path], size: int) -> str:
    """Identifies what is in files by name, length and time of change, without reading them."""
    facts: list[object] = [READING]
    for file in files:
        stats = None if problem_of(file) else file.stat()
        name = os.path.relpath(file, root)
        facts.append([name, stats and stats.st_size, stats and stats.st_mtime_ns])
    return f"{short(root.name)}-{size}px-{identity(facts)}"
