"""Whether a job is recorded already: the same config and the same code give the same numbers."""

from __future__ import annotations

import hashlib
import json
import platform
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import prh
from prh.tracking.provenance import PACKAGES
from prh.tracking.runs import IDLE

if TYPE_CHECKING:
    from mlflow.entities import Run

SAME = "prh.same"
"""The tag that runs of the same config and code share; a run without it is like no other."""
BESIDE = {"hydra-core", "mlflow"}
"""Libraries that no number comes from."""
OWN = ("path", "name", "architecture", "_target_")
"""Last parts of keys whose values may name files and modules of one's own."""


def same(values: Mapping[str, Any]) -> str:
    """Returns what a job's numbers depend on, as a checksum.

    It covers the config without the keys that change no score (:data:`prh.tracking.runs.IDLE`), every file
    of this package as it lies on disk, so that a changed checkout is never taken for another, the versions
    of the libraries that compute, and files and modules of one's own that the config names: of files their
    size and time of change, of modules what they contain.

    Args:
        values: The config, one value per key.
    """
    config = {key: str(value) for key, value in values.items() if not key.startswith(IDLE)}
    about = [config, code(), _libraries(), sorted(_own(values))]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


@cache
def code() -> str:
    """Returns a checksum of this package's own files and of its configs."""
    package = Path(prh.__file__).parent
    found = [*_modules(package, "**/*"), *_modules(package.parent / "conf", "**/*")]
    return hashlib.sha256("".join(found).encode()).hexdigest()


@cache
def _libraries() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in sorted({*PACKAGES} - BESIDE):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return found


def _own(values: Mapping[str, Any]) -> Iterator[str]:
    """Yields what changes when a file or module of one's own does that the config names."""
    for key, value in values.items():
        if not isinstance(value, str) or not value or key.rpartition(".")[2] not in OWN:
            continue
        if key.endswith(("architecture", "_target_")):
            yield from _module(value.split(".")[0])
        elif (place := Path(value).expanduser()).exists() and not key.startswith(IDLE):
            files = sorted(place.rglob("*")) if place.is_dir() else [place]
            for file in filter(Path.is_file, files):
                known = file.stat()
                yield f"{file.absolute()} {known.st_size} {known.st_mtime_ns}"


def _module(name: str) -> Iterator[str]:
    """Yields the content of a module that is neither this package nor installed, and of those beside it."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.origin or name == prh.__name__:
        return
    folder = Path(spec.origin).parent
    installed = [Path(sysconfig.get_path(kind)) for kind in ("stdlib", "purelib", "platlib")]
    if not any(folder.is_relative_to(place) for place in installed):
        yield from _modules(folder, "**/*.py" if spec.submodule_search_locations else "*.py")


def _modules(folder: Path, pattern: str) -> Iterator[str]:
    for file in sorted(folder.glob(pattern)):
        if file.is_file() and "__pycache__" not in file.parts:
            yield f"{file.relative_to(folder)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n"


def latest(runs: Iterable[Run]) -> list[Run]:
    """Returns each job once, in the order of the runs: of several the latest that finished, else the latest.

    Args:
        runs: Oldest first.
    """
    runs = list(runs)
    chosen: dict[str, Run] = {}
    for run in runs:
        key = run.data.tags.get(SAME, run.info.run_id)
        before = chosen.get(key)
        if before is None or run.info.status == "FINISHED" or before.info.status != "FINISHED":
            chosen[key] = run
    kept = {run.info.run_id for run in chosen.values()}
    return [run for run in runs if run.info.run_id in kept]
