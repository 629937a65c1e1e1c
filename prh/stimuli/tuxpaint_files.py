"""Finds Tux Paint's stamps, or fetches them, and trusts nothing but the SHA-256 of their content."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from prh.errors import ConfigError
from prh.ground.files import locked, sha256_of, writable_folder, writing, written_whole
from prh.ground.progress import Reporter
from prh.stimuli.debian import DebianPackage
from prh.stimuli.folders import existing
from prh.stimuli.names import plain

Sums = Mapping[str, str]
"""SHA-256 of each file's content by its path below the folder of stamps, with slashes."""

PACKAGE = DebianPackage(
    "tuxpaint-stamps-default",
    Path("/usr/share/tuxpaint/stamps"),
    "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34",
)
"""Version 2022.06.04-1."""
MEGABYTES = 160
"""Of its archive."""
SUMS_SHA256 = "bc4baa739c800ed20fa9fb38c69892c9113eae52765166f3cbb124a6676e5708"
"""Of the list of the package's files, as :func:`listed` writes it."""
USED = {".txt", ".png", ".svg", ".ogg"}


@dataclass(frozen=True)
class Stamps:
    """A folder of stamps that is at hand.

    Attributes:
        folder: Where they lie.
        source: Where they come from, for the record.
        sums: SHA-256 of every file of use in it.
    """

    folder: Path
    source: str
    sums: Sums


def stamps_at_hand(path: str | None, data_dir: Path, report: Reporter) -> Stamps:
    """Returns the stamps of a person's folder, of the installed package, or of a copy that is fetched once.

    A copy with a file that is not what it must be is named and fetched anew.

    Args:
        path: A person's folder, whose content is taken as it is; None for the package's.
        data_dir: Where the copy is kept.
        report: Told of progress.

    Raises:
        ConfigError: There is no such folder, a file cannot be read, no source has the package, or
            ``data_dir`` cannot be written to.
    """
    if path is not None:
        root = existing(path)
        return Stamps(root, f"folder:{plain(root.name)}", _sums_of(root, "dataset.path", report))
    unfit = "not installed"
    if PACKAGE.folder.is_dir():
        sums = _sums_of(PACKAGE.folder, "dataset.path", report)
        if _right(sums):
            return Stamps(PACKAGE.folder, f"debian:{PACKAGE.name}", sums)
        unfit = "another version, or changed"
    kept, source = data_dir / "tuxpaint" / "stamps", f"apt:{PACKAGE.name}"
    if (found := _whole(kept, report)) is None:
        writable_folder(kept.parent, "data_dir")
        with locked(kept.parent / ".lock", "data_dir"):
            found = _whole(kept, report) or _fetched(kept, unfit, report)
    return Stamps(kept, source, found)


def listed(sums: Sums) -> bytes:
    """Returns the list of files that ``sha256sum`` would write, sorted by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(sums.items())).encode()


def _right(sums: Sums) -> bool:
    return hashlib.sha256(listed(sums)).hexdigest() == SUMS_SHA256


def _sums_of(folder: Path, key: str, report: Reporter) -> Sums:
    """Returns the SHA-256 of every file of use below a folder.

    Raises:
        ConfigError: One cannot be read: it may well be whole, and is another's to mend.
    """
    try:
        files = sorted(path for path in folder.rglob("[!.]*") if path.suffix in USED and path.is_file())
        found = {}
        with report.progress("Verifying Tux Paint's stamps", len(files), "files") as advance:
            for file in files:
                found[file.relative_to(folder).as_posix()] = sha256_of(file)
                advance(1)
    except OSError as error:
        remedy = f"Make it readable, or name another folder with {key}=FOLDER"
        raise ConfigError(key, f"{error.filename} cannot be read ({error.strerror})", remedy) from error
    return found


def _record(kept: Path) -> Path:
    return kept.with_name("stamps.sha256")


def _whole(kept: Path, report: Reporter) -> Sums | None:
    """Returns the sums of the copy that is kept; None where there is none that is whole."""
    if not kept.is_dir():
        return None
    sums = _sums_of(kept, "data_dir", report)
    return sums if _right(sums) else None


def _fetched(kept: Path, unfit: str, report: Reporter) -> Sums:
    """Puts a verified copy where ``kept`` says, and returns its sums.

    Raises:
        ConfigError: It cannot be had, or there is no room.
    """
    if kept.is_dir():
        report.warn(f"{_damage(kept, report)} (the SHA-256 is wrong); fetching the stamps again")
    what = f"Fetching Tux Paint's stamps ({MEGABYTES} MB)"
    with writing(kept.parent, "data_dir"):
        scratch = Path(tempfile.mkdtemp(dir=kept.parent, prefix=".part-"))
    try:
        with report.progress(what, MEGABYTES, "MB") as advance:
            found = PACKAGE.fetched(scratch, _in_megabytes(advance))
        sums = _sums_of(found, "data_dir", report)
        if not _right(sums):
            raise RuntimeError("the files from there are not those of version 2022.06.04")
        with writing(kept.parent, "data_dir"):
            with written_whole(_record(kept)) as part:
                part.write_bytes(listed(sums))
            if kept.is_dir():
                kept.rename(scratch / "damaged")
            found.rename(kept)
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            "dataset.path",
            f"Tux Paint's stamps cannot be had from debian:{PACKAGE.name} ({unfit}) or apt ({error})",
            f"Unpack that package of Debian's anywhere and name its folder {PACKAGE.folder} with "
            "dataset.path=FOLDER",
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return sums


def _damage(kept: Path, report: Reporter) -> str:
    """Returns which files of a copy are damaged, if the list beside it is not."""
    record = _record(kept)
    content = record.read_bytes() if record.is_file() else b""
    if hashlib.sha256(content).hexdigest() != SUMS_SHA256:
        return f"{kept} is damaged"
    wanted = {
        path: digest for digest, path in (line.split("  ", 1) for line in content.decode().splitlines())
    }
    sums = _sums_of(kept, "data_dir", report)
    wrong = sorted(path for path in wanted.keys() | sums.keys() if wanted.get(path) != sums.get(path))
    more = f" and {len(wrong) - 1} more files are" if len(wrong) > 1 else " is"
    return f"{kept / wrong[0]}{more} damaged"


def _in_megabytes(advance: Callable[[int], None]) -> Callable[[int], None]:
    """Returns a function that takes bytes and advances a bar of megabytes."""
    seen = 0

    def take(size: int) -> None:
        nonlocal seen
        before, seen = seen // 10**6, seen + size
        advance(seen // 10**6 - before)

    return take
