"""Packages of the Debian archive: found where they are installed, or downloaded and unpacked without root."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from prh.ground.files import sha256_of

POLL_S = 0.2
LONGEST_S = 3600
"""A command that takes longer is given up; apt itself gives up on servers that do not answer."""


@dataclass(frozen=True)
class DebianPackage:
    """A package and where it puts its data.

    Attributes:
        name: Of the package.
        folder: Where its data lies once it is installed.
        sha256: Of its archive; None where whoever reads the files verifies each.
    """

    name: str
    folder: Path
    sha256: str | None = None

    def installed(self) -> Path:
        """Returns the folder of the package as this system has it.

        Raises:
            RuntimeError: It is not installed.
        """
        if not self.folder.exists():
            raise RuntimeError("not installed")
        return self.folder

    def fetched(self, scratch: Path, advance: Callable[[int], None] = lambda step: None) -> Path:
        """Downloads the package into an empty folder and returns its data, unpacked beside.

        Args:
            scratch: The empty folder.
            advance: Called with the bytes that came since it was last called.

        Raises:
            OSError: There is no apt here, or no room.
            RuntimeError: The archive does not answer, or what came has the wrong SHA-256.
        """
        self._download(scratch, advance)
        (archive,) = scratch.glob(f"{self.name}_*.deb")
        if self.sha256 is not None and sha256_of(archive) != self.sha256:
            raise RuntimeError(f"{archive.name} from there has the wrong SHA-256")
        _quietly(["dpkg-deb", "-x", archive.name, "unpacked"], scratch)
        return scratch / "unpacked" / self.folder.relative_to("/")

    def _download(self, scratch: Path, advance: Callable[[int], None]) -> None:
        options = [
            f"-oDir::State::Lists={scratch / 'lists'}",
            f"-oDir::Cache={scratch / 'cache'}",
            "-oDebug::NoLocking=1",
            "-oAPT::Sandbox::User=",
        ]
        (scratch / "lists" / "partial").mkdir(parents=True)
        (scratch / "cache" / "archives" / "partial").mkdir(parents=True)
        try:
            _quietly(["apt-get", "-oAPT::Sandbox::User=", "download", self.name], scratch, advance)
        except RuntimeError:
            # The system's package lists may never have been fetched, and fetching those would need root.
            _quietly(["apt-get", *options, "update"], scratch)
            _quietly(["apt-get", *options, "download", self.name], scratch, advance)


def _quietly(command: list[str], folder: Path, advance: Callable[[int], None] = lambda step: None) -> None:
    """Runs a command in a folder, telling how archives grow there.

    Raises:
        OSError: There is no such command.
        RuntimeError: It fails or takes too long; the message is the last line of what it says.
    """
    start, seen = time.monotonic(), 0
    with tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=said, text=True)
        try:
            while running.poll() is None:
                if time.monotonic() - start > LONGEST_S:
                    raise RuntimeError(f"{command[0]} takes more than {LONGEST_S} s")
                time.sleep(POLL_S)
                now = sum(_size(archive) for archive in folder.rglob("*.deb"))
                advance(max(0, now - seen))
                seen = max(seen, now)
        finally:
            running.kill()
            running.wait()
        said.seek(0)
        lines = said.read().strip().splitlines() or [f"{command[0]} failed"]
    if running.returncode:
        raise RuntimeError(lines[-1])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # apt gives an archive that is whole another name
        return 0
