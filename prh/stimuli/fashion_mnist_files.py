"""Finds Fashion-MNIST's files, or fetches them, and trusts nothing but the SHA-256 of their content."""

import contextlib
import gzip
import io
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prh.errors import ConfigError, PrhError
from prh.ground.downloads import impatient_network
from prh.ground.files import locked, sha256_of, writable_folder, writing, written_whole
from prh.ground.progress import Reporter
from prh.stimuli.debian import DebianPackage


@dataclass(frozen=True)
class DataFile:
    """One file by the name torchvision gives it and the SHA-256 of its decompressed content."""

    name: str
    sha256: str


FILES = {
    "train": (
        DataFile(
            "train-images-idx3-ubyte", "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
        ),
        DataFile(
            "train-labels-idx1-ubyte", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
        ),
    ),
    "test": (
        DataFile(
            "t10k-images-idx3-ubyte", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
        ),
        DataFile(
            "t10k-labels-idx1-ubyte", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
        ),
    ),
}
RECORD = "SOURCE"
"""The file that says where the others came from."""
DEBIAN = DebianPackage("dataset-fashion-mnist", Path("/usr/share/datasets/fashion-mnist"))

Fetch = Callable[[Path], Path]
"""Given an empty folder, fetches the files (gzipped or not) and returns the folder they lie in."""


def ensure_files(files: Sequence[DataFile], data_dir: Path, report: Reporter) -> tuple[Path, str]:
    """Makes sure that verified copies of ``files`` lie where torchvision looks for them.

    A file whose content is not what it must be is named, removed and fetched anew.

    Returns:
        The folder, and the source the files were first fetched from.

    Raises:
        ConfigError: ``data_dir`` cannot be written to.
        PrhError: No source has the files.
    """
    folder = data_dir / "FashionMNIST" / "raw"
    if not _missing(files, folder):
        return folder, _recorded(folder)
    writable_folder(folder, "data_dir")
    with locked(folder / ".lock", "data_dir"):
        for file in (missing := _missing(files, folder)):
            if (folder / file.name).exists():
                report.warn(f"{folder / file.name} is damaged (its SHA-256 is wrong); fetching it again")
        if missing:
            source = _fetch(missing, folder, report)
            with writing(folder, "data_dir"), written_whole(folder / RECORD) as part:
                part.write_text(source + "\n")
    return folder, _recorded(folder)


def _recorded(folder: Path) -> str:
    """Returns the source that the files were fetched from, or where they lie if nothing says it."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if (source := (folder / RECORD).read_text().strip()) in SOURCES:
            return source
    return "data_dir"


def _missing(files: Sequence[DataFile], folder: Path) -> list[DataFile]:
    """Returns those of the files that are not there, or not what they must be.

    Raises:
        ConfigError: One cannot be read: it may well be whole, and is another's to mend.
    """
    try:
        return [f for f in files if not (folder / f.name).exists() or sha256_of(folder / f.name) != f.sha256]
    except OSError as error:
        remedy = "Make it readable, or name another folder with data_dir=PATH"
        raise ConfigError(
            "data_dir", f"{error.filename} cannot be read ({error.strerror})", remedy
        ) from error


def _fetch(files: Sequence[DataFile], folder: Path, report: Reporter) -> str:
    """Tries the sources in order and returns the name of the first that has every file intact."""
    failures = []
    with report.progress("Fetching Fashion-MNIST", 0, ""):
        for source, fetch in SOURCES.items():
            with tempfile.TemporaryDirectory() as scratch:
                try:
                    found = fetch(Path(scratch))
                    for file in files:
                        _install(file, found, folder)
                except (OSError, RuntimeError) as error:
                    reason = str(error).strip().splitlines() or [type(error).__name__]
                    failures.append(f"{source} ({reason[-1]})")
                    continue
                _install_the_other_split(found, folder)
                return source
    raise PrhError(
        f"Fashion-MNIST could not be fetched from any source: {'; '.join(failures)}. "
        f"Put the four *-ubyte files into {folder}, or set data_dir to the folder above FashionMNIST/raw."
    )


def _install_the_other_split(found: Path, folder: Path) -> None:
    """Spares a second download of what came with the first."""
    for file in _missing([file for split in FILES.values() for file in split], folder):
        with contextlib.suppress(OSError, RuntimeError):
            _install(file, found, folder)


def _install(file: DataFile, found: Path, folder: Path) -> None:
    plain, packed = found / file.name, found / f"{file.name}.gz"
    with written_whole(folder / file.name) as part:
        with gzip.open(packed) if packed.exists() else plain.open("rb") as content, part.open("wb") as target:
            shutil.copyfileobj(content, target)
        if sha256_of(part) != file.sha256:
            raise RuntimeError(f"{file.name} from there has the wrong SHA-256")


def _from_torchvision(scratch: Path) -> Path:
    with (
        impatient_network(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        from torchvision.datasets import FashionMNIST

        FashionMNIST(scratch, download=True)
    return scratch / "FashionMNIST" / "raw"


SOURCES: dict[str, Fetch] = {
    "torchvision": _from_torchvision,
    f"debian:{DEBIAN.name}": lambda scratch: DEBIAN.installed(),
    f"apt:{DEBIAN.name}": DEBIAN.fetched,
}
