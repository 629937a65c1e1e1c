"""Recordings, cut into windows: a window's picture is its spectrogram, its signal what is measured of it."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.ground.downloads import impatient_network
from prh.ground.extras import library
from prh.ground.files import identity, package_folder
from prh.ground.progress import Reporter
from prh.ground.values import SETTINGS, Count, Name, PathText, Side
from prh.stimuli.folders import existing, fingerprint, numbered
from prh.stimuli.images import THREADS, BadImage, LazyImages
from prh.stimuli.listing import BadFiles, Listing, complain
from prh.stimuli.names import plain, shown
from prh.stimuli.recordings import window_groups
from prh.stimuli.sound import (
    FRAME,
    HOP,
    MELS,
    RATE,
    SERIES,
    Window,
    kept_statistics,
    spectrogram,
    standardised,
    windows_of,
)
from prh.stimuli.stimulus_set import StimulusSet, no_training_data
from prh.stimuli.tree import tree_of

READ = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".caf", ".w64"}
UNREAD = {".m4a", ".aac", ".wma"}
"""Recordings too, but no reader of theirs is at hand: better named as bad files than overlooked."""
FEW_RECORDINGS = 5
"""Fewer have too few ways to change places under the null."""
PUBLISHED_AT = "https://librosa.org/data/audio/"
Seconds = Annotated[float, Field(ge=0.1, le=3600)]
"""Of a window; less than a tenth holds no whole frame."""


@plain_dataclass(frozen=True)
class Recordings:
    """Sound files and how they are shown.

    Attributes:
        name: Of the dataset.
        source: Where they were found.
        root: The folder they lie under.
        files: Their paths, in a fixed order.
        seconds: Length of a window.
        size: Pixels of a side of a spectrogram.
    """

    name: str
    source: str
    root: Path
    files: list[Path]
    seconds: float
    size: int

    def listing(self, bad_files: BadFiles, data_dir: Path, report: Reporter) -> Listing:
        """Returns all windows with their statistics, which are computed once and kept in ``data_dir``.

        Raises:
            ConfigError: librosa is missing, no file has a window, or some have none and none may be skipped.
        """
        _require_librosa()
        windows = self._windows(bad_files, report)
        files = list(dict.fromkeys(window.file for window in windows))
        lengths = Counter(window.file for window in windows).values()
        if len(files) > 1 and (len(files) < FEW_RECORDINGS or len(set(lengths)) > 1):
            report.warn(
                f"the {len(windows)} windows are of {len(files)} recordings: only five and more of equal "
                "length can change places, so p is too small where recordings differ; cut them to one length"
            )
        made_of = identity(self.seconds, RATE, FRAME, HOP, MELS, SERIES)
        key = f"{fingerprint(self.root, files, self.size)}-{made_of}"
        labels, classes = numbered([self._class_of(window.file) for window in windows])
        measured = standardised(kept_statistics(windows, data_dir / "audio", key, report))
        return Listing(
            name=self.name,
            images=LazyImages(
                lambda row: spectrogram(windows[row], self.size), np.arange(len(windows)), self.size
            ),
            labels=labels,
            class_names=classes,
            fingerprint=key,
            source=self.source,
            names=[f"{shown(window.file, self.root)} at {window.start:g} s" for window in windows],
            signals=measured,
            groups=window_groups([window.file for window in windows], measured),
            consecutive=True,
        )

    def _class_of(self, file: Path) -> str:
        return file.stem if file.parent == self.root else file.relative_to(self.root).parts[0]

    def _windows(self, bad_files: BadFiles, report: Reporter) -> list[Window]:
        def cut(file: Path) -> list[Window] | str:
            try:
                return windows_of(file, self.seconds)
            except BadImage as error:
                return f"{shown(file, self.root)} ({error})"

        windows, problems = list[Window](), list[str]()
        opening = report.progress("Opening recordings", len(self.files), "files")
        with ThreadPoolExecutor(THREADS) as pool, opening as advance:
            for found in pool.map(cut, self.files):
                if isinstance(found, str):
                    problems.append(found)
                else:
                    windows += found
                advance(1)
        if problems:
            complain(self.name, problems, bad_files, report)
        if not windows:
            raise ConfigError(
                "dataset.path", f"no recording of {self.name} can be read and lasts {self.seconds:g} s"
            )
        return windows


@dataclass(frozen=True, config=SETTINGS)
class AudioFolder:
    """A folder of recordings; each folder in it is a class, and so is each recording beside those.

    Attributes:
        path: The outer folder.
        seconds: Length of the windows that recordings are cut into.
        n: How many windows; None for all.
        size: Pixels of a side of a spectrogram.
        bad_files: Whether a recording that cannot be read, or is shorter than a window, stops the run or is
            left out.
    """

    path: PathText
    seconds: Seconds = 2.0
    n: Count | None = None
    size: Side = 224
    bad_files: BadFiles = "error"

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample.

        Raises:
            ConfigError: No such folder, no recordings in it, or what :meth:`Recordings.listing` and
                :meth:`Listing.draw` refuse.
        """
        root = existing(self.path)
        tree = tree_of(root)
        files, name = tree.ending(READ | UNREAD), plain(root.name)
        if tree.unreadable:
            complain(name, tree.unreadable, self.bad_files, report)
        tree.tell(files, "recording", report)
        if not files:
            raise ConfigError(
                "dataset.path",
                f"{plain(str(root))} has no recordings in it",
                f"Give a folder with files that end in {', '.join(sorted(READ))}",
            )
        recordings = Recordings(name, f"folder:{name}", root, files, self.seconds, self.size)
        return recordings.listing(self.bad_files, data_dir, report).draw(self.n, seed, self.bad_files, report)

    training_data = held_out_data = no_training_data


@dataclass(frozen=True, config=SETTINGS)
class LibrosaExample:
    """One of the recordings that librosa fetches as examples, cut into windows.

    Attributes:
        name: As librosa calls it, e.g. ``humpback``: a minute of a whale's song.
        seconds: Length of the windows.
        n: How many windows; None for all.
        size: Pixels of a side of a spectrogram.
    """

    name: Name = "humpback"
    seconds: Seconds = 2.0
    n: Count | None = None
    size: Side = 224

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample.

        Raises:
            ConfigError: No such example, it cannot be had, or what :meth:`Recordings.listing` and
                :meth:`Listing.draw` refuse.
        """
        _require_librosa()
        file = self._fetched(report)
        source = f"librosa:{self.name}"
        recordings = Recordings(self.name, source, file.parent, [file], self.seconds, self.size)
        return recordings.listing("error", data_dir, report).draw(self.n, seed, "error", report)

    training_data = held_out_data = no_training_data

    def _fetched(self, report: Reporter) -> Path:
        import librosa
        import pooch

        known = _librosa_examples()
        if self.name not in known:
            raise ConfigError(
                "dataset.name", f"librosa has no example {self.name}", f"It has {', '.join(known)}"
            )
        pooch.get_logger().setLevel("WARNING")  # the bar says already what is fetched
        try:
            with report.progress(f"Fetching {self.name}", 0, ""), impatient_network():
                return Path(librosa.example(self.name))
        except Exception as error:  # the client raises errors of several libraries, all meaning the same
            raise ConfigError(
                "dataset.name",
                f"the recording {self.name} cannot be downloaded ({type(error).__name__})",
                f"Fetch {PUBLISHED_AT}{known[self.name]}.ogg into a folder of its own and read that with "
                "dataset=audio_folder dataset.path=FOLDER",
            ) from error


def _librosa_examples() -> dict[str, str]:
    """Returns the name of every example and its file's, without an ending."""
    folder = package_folder("librosa")
    assert folder is not None, "asked for before"
    index = json.loads((folder / "util" / "example_data" / "index.json").read_text(encoding="utf-8"))
    return {name: entry["path"] for name, entry in index.items()}


def _require_librosa() -> None:
    """Imports what windows are read with, all of it, since librosa's lazy imports are not for threads.

    Raises:
        ConfigError: It is not installed.
    """
    for name in ("soundfile", "librosa", "librosa.feature.spectral", "soxr"):
        library(name, "audio", "dataset")
