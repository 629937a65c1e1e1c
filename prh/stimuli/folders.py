"""A person's own images: one folder per class, or a table of captions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic.dataclasses import dataclass

from prh.config import SETTINGS
from prh.errors import ConfigError
from prh.files import expanded, identity
from prh.progress import Reporter
from prh.stimuli.images import from_files
from prh.stimuli.listing import BadFiles, Listing
from prh.stimuli.stimulus_set import StimulusSet, no_training_data
from prh.values import Count, Name, PathText, Side

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm"}
TABLES = ("captions.csv", "captions.tsv", "captions.jsonl", "metadata.csv", "metadata.jsonl")
IMAGE_COLUMNS = ("file_name", "image", "filename", "filepath", "image_name", "image_path", "path")
CAPTION_COLUMNS = ("caption", "text", "title", "sentence")


@dataclass(frozen=True, config=SETTINGS)
class ImageFolder:
    """A folder of folders of images; each folder is a class, named as it is called.

    Attributes:
        path: The outer folder.
        n: How many images; None for all.
        size: Pixels of a side that images are fitted into.
        bad_files: Whether a file that cannot be read stops the run or is left out.
    """

    path: PathText
    n: Count | None = None
    size: Side = 224
    bad_files: BadFiles = "error"

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample.

        Raises:
            ConfigError: No such folder, no classes in it, or what :meth:`Listing.draw` refuses.
        """
        root = existing(self.path)
        files = images_under(root)
        classes = sorted({file.relative_to(root).parts[0] for file in files if file.parent != root})
        if not classes:
            raise ConfigError(
                "dataset.path",
                f"{root} has no folders with images in them",
                "Give a folder with one folder per class, or use dataset=captioned_folder",
            )
        files = [file for file in files if file.parent != root]
        listing = Listing(
            name=root.name,
            images=from_files(files, self.size),
            labels=np.array([classes.index(file.relative_to(root).parts[0]) for file in files]),
            class_names=tuple(classes),
            fingerprint=fingerprint(root, files, self.size),
            source=f"folder:{root.name}",
            names=[str(file.relative_to(root)) for file in files],
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
    """

    path: PathText
    table: PathText | None = None
    image_column: Name | None = None
    caption_column: Name | None = None
    label_column: Name | None = None
    n: Count | None = None
    size: Side = 224
    bad_files: BadFiles = "error"

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample; of several captions of one image, the first.

        Raises:
            ConfigError: No such folder, table or column, or what :meth:`Listing.draw` refuses.
        """
        root = existing(self.path)
        names, captions, labels = self._entries(root)
        files = [root / name for name in names]
        classes = sorted(set(labels))
        without = len(set(images_under(root)) - set(files))
        if without:
            report.warn(f"{without} of the images in {root.name} have no caption and are left out")
        problems = {
            row: f"{name} ({'no such file' if not file.is_file() else 'empty caption'})"
            for row, (name, file, caption) in enumerate(zip(names, files, captions, strict=True))
            if not file.is_file() or not caption
        }
        listing = Listing(
            name=root.name,
            images=from_files(files, self.size),
            labels=np.array([classes.index(label) for label in labels]),
            class_names=tuple(classes),
            fingerprint=fingerprint(root, files, self.size),
            source=f"folder:{root.name}",
            names=names,
            captions=tuple(captions),
            problems=problems,
        )
        return listing.draw(self.n, seed, self.bad_files, report)

    training_data = held_out_data = no_training_data

    def _entries(self, root: Path) -> tuple[list[str], list[str], list[str]]:
        """Returns file names, captions and labels."""
        table = self.table or next((name for name in TABLES if (root / name).is_file()), None)
        if table is None:
            files = [file for file in images_under(root) if file.with_suffix(".txt").is_file()]
            if not files:
                raise ConfigError(
                    "dataset.path",
                    f"{root} has no table of captions",
                    f"Put one of {', '.join(TABLES)} there, or NAME.txt beside every image",
                )
            captions = [
                file.with_suffix(".txt").read_text(encoding="utf-8", errors="replace") for file in files
            ]
            names = [str(file.relative_to(root)) for file in files]
            return names, [" ".join(caption.split()) for caption in captions], ["all"] * len(files)
        rows = _read(root / table)
        image = _column(rows, self.image_column, IMAGE_COLUMNS, "image_column", table)
        caption = _column(rows, self.caption_column, CAPTION_COLUMNS, "caption_column", table)
        rows = rows.drop_duplicates(image)
        labels = ["all"] * len(rows)
        if self.label_column is not None:
            labels = rows[_column(rows, self.label_column, (), "label_column", table)].astype(str).tolist()
        texts = rows[caption].map(first_caption).tolist()
        return rows[image].astype(str).tolist(), texts, labels


def existing(path: str) -> Path:
    """Returns a folder that a config names.

    Raises:
        ConfigError: There is none.
    """
    root = expanded(path).absolute()
    if not root.is_dir():
        raise ConfigError("dataset.path", f"there is no folder {root}", "Give one as dataset.path=FOLDER")
    return root


def images_under(root: Path) -> list[Path]:
    """Returns all files below a folder that are named as images are, in a fixed order."""
    return sorted(file for file in root.rglob("*") if file.suffix.lower() in ENDINGS)


def fingerprint(root: Path, files: list[Path], size: int) -> str:
    """Identifies what is in files by name, length and time of change, without reading them."""
    stats = [(file, file.stat() if file.is_file() else None) for file in files]
    facts = [
        [str(file.relative_to(root)), stat and stat.st_size, stat and stat.st_mtime_ns]
        for file, stat in stats
    ]
    return f"{root.name}-{size}px-{identity(facts)}"


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        if path.suffix == ".jsonl":
            return pd.read_json(path, lines=True, dtype=False)
        return pd.read_csv(path, sep="\t" if path.suffix == ".tsv" else ",", dtype=str, keep_default_na=False)
    except (ValueError, OSError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ConfigError("dataset.table", f"{path} cannot be read ({reason})") from error


def _column(rows: pd.DataFrame, named: str | None, usual: tuple[str, ...], key: str, table: str) -> str:
    found = next((name for name in ([named] if named else usual) if name in rows.columns), None)
    if found is None:
        wanted = named or f"any of {', '.join(usual)}"
        raise ConfigError(
            f"dataset.{key}", f"{table} has no column {wanted}", f"It has {', '.join(map(str, rows.columns))}"
        )
    return found


def first_caption(caption: object) -> str:
    """Returns a caption on one line; of a list of them the first, of a missing one nothing."""
    if isinstance(caption, list):
        caption = caption[0] if caption else ""
    return "" if caption is None or caption != caption else " ".join(str(caption).split())
