"""Files of the cache whose content is checked at every reading, since disks, copies and people damage files.

A file's name ends in a checksum of its content, so that the two appear together and a file that was
cut, changed or replaced by another is known for what it is. It is named in a warning, removed and made
again. A file that cannot be read is not known to be damaged: it stays, and is made again beside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from prh.ground.files import locked, writable_folder, writing, written_whole
from prh.ground.progress import Reporter

_ONLY_LOOKS = ContextVar("only_looks", default=False)
NAME = re.compile(r"(?P<name>.+)-(?P<checksum>[0-9a-f]{16})(?:\.[0-9a-f]{8})?")
"""Where a file that cannot be read has the name already, the one made beside it has eight more digits."""


class NotKept(Exception):
    """A file that would have to be made, where nothing is to be."""


@contextmanager
def looking_only() -> Iterator[None]:
    """Has files that are not there raise :class:`NotKept` in the block, and none made."""
    token = _ONLY_LOOKS.set(True)
    try:
        yield
    finally:
        _ONLY_LOOKS.reset(token)


@dataclass(frozen=True)
class KeptFile:
    """A file that is at hand and was found to be whole.

    Attributes:
        path: Where it lies.
        sha256: Of its content.
        content: The bytes that were checked.
    """

    path: Path
    sha256: str
    content: bytes


class KeptFiles:
    """The files of one kind in one folder of the cache, each found by its name without the checksum.

    Args:
        folder: Where they lie.
        suffix: Of all of them, e.g. ``.png``.
        key: The config key that says where the folder is, for error messages.
        report: Told of files that are damaged or cannot be read.
    """

    def __init__(self, folder: Path, suffix: str, key: str, report: Reporter) -> None:
        self.folder, self.suffix, self.key, self.report = folder, suffix, key, report
        self.paths: dict[str, list[Path]] = {}
        self.told: set[Path] = set()
        self.look()

    def look(self) -> None:
        """Lists the folder anew: what another process has made since."""
        self.paths = {}
        for path in sorted(self.folder.glob(f"[!.]*{self.suffix}")):
            if found := NAME.fullmatch(path.name.removesuffix(self.suffix)):
                self.paths.setdefault(found["name"], []).append(path)

    def read(self, name: str) -> KeptFile | None:
        """Returns the file, or None if there is none that is whole; what is damaged is removed."""
        unreadable = {}
        for path in self.paths.get(name, ()):
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                unreadable[path] = error.strerror
                continue
            digest = hashlib.sha256(content).hexdigest()
            if digest[:16] == _checksum_in(path, self.suffix):
                return KeptFile(path, digest, content)
            self.report.warn(f"{path} is damaged; it is made again")
            remove_damaged(path)
        for path, reason in unreadable.items():
            if path not in self.told:
                self.report.warn(f"{path} cannot be read ({reason}); it stays, and is made again beside it")
            self.told.add(path)
        return None

    def write(self, name: str, content: bytes) -> KeptFile:
        """Keeps ``content`` under ``name``.

        Raises:
            ConfigError: The file cannot be written; nothing is left of it.
        """
        digest = hashlib.sha256(content).hexdigest()
        path = self.folder / f"{name}-{digest[:16]}{self.suffix}"
        if path.exists():
            path = path.with_name(f"{name}-{digest[:16]}.{uuid4().hex[:8]}{self.suffix}")
        with writing(self.folder, self.key), written_whole(path) as part:
            part.write_bytes(content)
        self.paths[name] = [path]
        return KeptFile(path, digest, content)

    def read_or_make(self, name: str, make: Callable[[], bytes]) -> KeptFile:
        """Returns the file; where there is none that is whole, one process makes it and the others wait.

        Raises:
            ConfigError: It cannot be written; this is found out before it is made.
            NotKept: There is none, in a block of :func:`looking_only`.
        """
        if (found := self.read(name)) is not None:
            return found
        if _ONLY_LOOKS.get():
            raise NotKept(name)
        writable_folder(self.folder, self.key)

        def waiting() -> None:
            self.report.note(f"another process is making {name}; waiting for it")

        with locked(self.folder / f".{name}.lock", self.key, waiting):
            self.look()
            return self.read(name) or self.write(name, make())


def remove_damaged(path: Path) -> None:
    """Removes a file that was seen to be damaged, where that is allowed."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        # Another user's folder: what takes the file's place has a name of its own.
        return


def _checksum_in(path: Path, suffix: str) -> str:
    found = NAME.fullmatch(path.name.removesuffix(suffix))
    assert found is not None, "look() lists nothing else"
    return found["checksum"]
