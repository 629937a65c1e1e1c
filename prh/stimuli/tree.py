"""What of a person's folder is data: links are followed, and what systems leave behind is nothing."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from prh.errors import ConfigError
from prh.ground.progress import Reporter
from prh.stimuli.names import plain, shown

LEFTOVERS = {
    *("__macosx", "icon\r"),
    *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"),
    *("$recycle.bin", "system volume information", "lost+found"),
    *("@eadir", "#recycle", "@recycle", "__pycache__"),
}
"""Names in lower case that macOS, Windows and network drives give to files and folders of their own."""
KINDS = 5
"""So many endings are named of what is left out."""


@dataclass
class Tree:
    """What lies below a folder.

    Attributes:
        root: The folder.
        files: Files and links to files, sorted; links that lead nowhere among them.
        folders: Below the root, sorted.
        special: FIFOs, sockets and devices, which are never opened.
        unreadable: What could not be looked into, with the reason.
    """

    root: Path
    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    special: int = 0
    unreadable: list[str] = field(default_factory=list)

    def ending(self, endings: Collection[str]) -> list[Path]:
        """Returns the files whose names end so, in capitals or not."""
        return [file for file in self.files if file.suffix.lower() in endings]

    def tell(self, used: Collection[Path], what: str, report: Reporter) -> None:
        """Warns in one line of what is not ``used``, and of first folders with nothing of use in them."""
        used = set(used)
        rest = Counter(plain(file.suffix.lower()) or "without an ending" for file in set(self.files) - used)
        parts = [f"{count} {ending}" for ending, count in rest.most_common(KINDS)]
        if len(rest) > KINDS:
            parts.append(f"{rest.total() - sum(count for _, count in rest.most_common(KINDS))} others")
        if self.special:
            parts.append(f"{self.special} FIFOs, sockets or devices")
        full = {file.relative_to(self.root).parts[0] for file in used}
        empty = [shown(f, self.root) for f in self.folders if f.parent == self.root and f.name not in full]
        if empty:
            named = ", ".join(empty[:KINDS]) + (
                "" if len(empty) <= KINDS else f" and {len(empty) - KINDS} more"
            )
            parts.append(f"nothing of use in {named}")
        if parts:
            report.warn(f"of {plain(self.root.name)}, what is no {what} is left out: {', '.join(parts)}")


def tree_of(root: Path) -> Tree:
    """Returns what lies below a folder, without hidden files and folders and those in ``LEFTOVERS``.

    Raises:
        ConfigError: The folder cannot be looked into, or a link leads back to a folder that it lies in.
    """
    tree = Tree(root)
    _look_into(root, tree, {})
    if tree.unreadable and not (tree.files or tree.folders):
        raise ConfigError("dataset.path", f"cannot look into {tree.unreadable[0]}")
    tree.files.sort()
    tree.folders.sort()
    return tree


def _look_into(folder: Path, tree: Tree, above: dict[tuple[int, int], Path]) -> None:
    try:
        known = folder.stat()
        entries = list(_entries(folder))
    except OSError as error:
        where = plain(str(folder)) if folder == tree.root else shown(folder, tree.root)
        tree.unreadable.append(f"{where[:200]} ({error.strerror})")
        return
    if (back := above.get((known.st_dev, known.st_ino))) is not None:
        raise ConfigError(
            "dataset.path",
            f"the link {shown(folder, tree.root)} leads back to {plain(back.name)}, a folder that it lies in",
            "Remove the link",
        )
    if folder != tree.root:
        tree.folders.append(folder)
    above = {**above, (known.st_dev, known.st_ino): folder}
    for entry in entries:
        path = folder / entry.name
        kind = _kind(entry)
        if kind is None or stat.S_ISREG(kind):
            tree.files.append(path)
        elif stat.S_ISDIR(kind):
            _look_into(path, tree, above)
        else:
            tree.special += 1


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.name.lower() not in LEFTOVERS:
                yield entry


def _kind(entry: os.DirEntry[str]) -> int | None:
    """Returns the mode of what an entry is or links to; None for a link that leads nowhere."""
    try:
        return entry.stat().st_mode
    except OSError:
        return None


def problem_of(path: Path) -> str | None:
    """Returns why a named path cannot be opened as a file, None if it can."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "no such file"
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return None if stat.S_ISREG(mode) else "no file"
