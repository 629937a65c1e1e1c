"""Where a run reads and writes: the cache, the database of runs, the network."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from threading import Thread
from urllib.parse import quote

from prh.commands.check import WITHOUT_NETWORK, Check
from prh.commands.state import Folders
from prh.errors import PrhError
from prh.ground.secrets import masked
from prh.tracking.address import absolute_uri, file_of, prove_usable

SITES = {"Hugging Face hub": "https://huggingface.co", "torchvision": "https://download.pytorch.org"}
"""Where models are downloaded from, each asked for nothing but an answer."""
PATIENCE_S = 3.0
"""For all of them together."""
LEAST_FREE_GB = 1.0


def cache(folders: Folders) -> Iterator[Check]:
    """Yields whether the cache can be written to, and how much is in it."""
    for name, folder in (("cache_dir", folders.cache_dir), ("data_dir", folders.data_dir)):
        nearest = next(place for place in (folder, *folder.parents) if place.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            yield Check("places", name, f"{folder} cannot be written to", "bad", f"name another: {name}=PATH")
        else:
            made = "" if folder.is_dir() else ", made by the first run"
            yield Check("places", name, f"{folder}{made}")
    kinds = {path.name: _size(path) for path in _folders(folders.cache_dir)}
    if folders.data_dir not in folders.cache_dir.glob("*"):
        kinds["data"] = _size(folders.data_dir)
    said = ", ".join(f"{name} {_much(size)}" for name, size in sorted(kinds.items()) if size)
    yield Check("places", "in the cache", f"{said or 'nothing'}; may be deleted at any time")
    yield _free(folders.cache_dir)


def _folders(cache_dir: Path) -> list[Path]:
    return [path for path in cache_dir.glob("*") if path.is_dir()]


def _free(folder: Path) -> Check:
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(nearest).free / 1e9
    if free >= LEAST_FREE_GB:
        return Check("places", "disk", f"{free:,.0f} GB free")
    return Check(
        "places", "disk", f"{free:.1f} GB free", "bad", "free some, or move the cache: cache_dir=PATH"
    )


def _size(folder: Path) -> int:
    """Returns how many bytes the files below a folder have; of those that go meanwhile none."""
    total = 0
    for above, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(above, name)).st_size
            except OSError:
                continue
    return total


def _much(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"


def database(uri: str) -> Iterator[Check]:
    """Yields whether runs can be recorded, where, and how many there are; makes nothing."""
    try:
        where = absolute_uri(uri)
        prove_usable(where)
    except PrhError as error:
        yield Check("places", "database", str(error), "bad", "name another: tracking.uri=URI")
        return
    path = file_of(where)
    if path is None:
        yield Check("places", "database", f"{masked(where)} answers")
    elif not path.exists():
        yield Check("places", "database", f"{path}, made by the first run")
    else:
        yield _counted(path)


def _counted(path: Path) -> Check:
    """Returns how many runs a database holds, read without MLflow, which would take seconds to import."""
    counting = "SELECT count(*) FROM runs WHERE lifecycle_stage = 'active'"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as opened:
            (runs,) = opened.execute(counting).fetchone()
    except sqlite3.Error as error:
        remedy = "name another: tracking.uri=sqlite:///FILE"
        return Check("places", "database", f"{path} holds no runs of MLflow's ({error})", "told", remedy)
    return Check("places", "database", f"{path}, {runs:,} run{'' if runs == 1 else 's'}")


def network(sites: Mapping[str, str] = SITES, patience_s: float = PATIENCE_S) -> Iterator[Check]:
    """Yields which sites answer; all are asked at once, and none is waited for longer than ``patience_s``."""
    answers: dict[str, str] = {}

    def ask(name: str, address: str) -> None:
        answers[name] = _answer(address, patience_s)

    # Daemons, since looking up a name cannot be given up.
    threads = [Thread(target=ask, args=site, daemon=True) for site in sites.items()]
    end = time.monotonic() + patience_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    for name in sites:
        said = answers.get(name, f"no answer in {patience_s:.0f} s")
        if said:
            yield Check("network", name, f"not reached ({said})", "told", WITHOUT_NETWORK)
        else:
            yield Check("network", name, "answers")


def _answer(address: str, patience_s: float) -> str:
    """Returns why a site does not answer; empty where it does, with whatever it says."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    try:
        urlopen(Request(address, method="HEAD"), timeout=patience_s).close()
    except HTTPError as error:
        # A proxy that refuses answers as well, in place of the site.
        return "" if error.code < 500 and error.code not in (403, 407) else f"HTTP {error.code}"
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error) or type(error).__name__)[:80]
    return ""
