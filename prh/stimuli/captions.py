"""Captions of images: tables as people and spreadsheets write them, or a .txt beside every image."""

from __future__ import annotations

import csv
import io
import json
import os
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prh.errors import ConfigError
from prh.ground.progress import Reporter
from prh.stimuli.images import endings
from prh.stimuli.names import plain, shown
from prh.stimuli.tree import Tree, problem_of

Row = dict[str, Any]
IMAGE_COLUMNS = ("file_name", "image", "filename", "filepath", "image_name", "image_path", "path")
CAPTION_COLUMNS = ("caption", "text", "title", "sentence")
MARKS = ",;\t|"
"""What stands between the cells of a table; spreadsheets write semicolons where a comma is decimal."""
BYTE_ORDERS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
NAMED = 80
"""Characters of a file's name in a message."""


@dataclass(frozen=True)
class Captioned:
    """Images and what is said of them.

    Attributes:
        root: The folder they lie in.
        files: Their paths, N.
        names: What tables and messages call them, N.
        wordings: All captions of each, N; an empty one where there is none.
        labels: Their classes' names, N.
        sources: The files that captions were read from.
    """

    root: Path
    files: list[Path]
    names: list[str]
    wordings: list[tuple[str, ...]]
    labels: list[str]
    sources: list[Path]

    @property
    def captions(self) -> list[str]:
        """The first caption of each, N."""
        return [wordings[0] for wordings in self.wordings]

    def problems(self) -> dict[int, str]:
        """Returns by row what is wrong with images, known without opening them."""
        found = {}
        for row, (file, name, caption) in enumerate(zip(self.files, self.names, self.captions, strict=True)):
            if file.is_relative_to(self.root):
                problem = problem_of(file) or (None if caption else "empty caption")
            else:
                problem = "outside the folder"
            if problem is not None:
                cut = name if len(name) <= NAMED else f"{name[:NAMED]}…"
                found[row] = f"{cut} ({problem})"
        return found


def captioned_by_text(tree: Tree) -> Captioned:
    """Returns the images that have NAME.txt beside them.

    Raises:
        ConfigError: None has.
    """
    texts = {file.with_suffix(""): file for file in tree.files if file.suffix.lower() == ".txt"}
    files = [file for file in tree.ending(endings()) if file.with_suffix("") in texts]
    if not files:
        raise ConfigError(
            "dataset.path",
            f"{plain(str(tree.root))} has no table of captions",
            "Put captions.csv, captions.tsv, captions.jsonl, metadata.csv or metadata.jsonl there, "
            "or NAME.txt beside every image",
        )
    sources = [texts[file.with_suffix("")] for file in files]
    captions = ["" if problem_of(source) else _text(source) for source in sources]
    names = [shown(file, tree.root) for file in files]
    labels = ["all"] * len(files)
    return Captioned(tree.root, files, names, [(plain(caption),) for caption in captions], labels, sources)


def captioned_by_table(
    path: Path, root: Path, columns: Mapping[str, str | None], report: Reporter
) -> Captioned:
    """Returns the images that a table names, each once, with what all of its rows say of it.

    Args:
        path: The table.
        root: The folder that its names lie in.
        columns: By the keys ``image_column``, ``caption_column`` and ``label_column``; None looks for the
            usual ones, and takes all images for one class.
        report: Told if the table is no UTF-8.

    Raises:
        ConfigError: It cannot be read, or has no such column.
    """
    wanted = {*IMAGE_COLUMNS, *CAPTION_COLUMNS, *(name.lower() for name in columns.values() if name)}
    rows = _rows(path, wanted, report)
    image = _column(rows, columns["image_column"], IMAGE_COLUMNS, "image_column", path)
    caption = _column(rows, columns["caption_column"], CAPTION_COLUMNS, "caption_column", path)
    label = columns["label_column"] and _column(rows, columns["label_column"], (), "label_column", path)
    firsts: dict[Path, Row] = {}
    said: dict[Path, list[str]] = {}
    for row in rows:
        file = _placed(str(row.get(image, "")), root)
        firsts.setdefault(file, row)
        said.setdefault(file, []).extend(captions_of(row.get(caption)))
    return Captioned(
        root=root,
        files=list(firsts),
        names=[plain(str(row.get(image, ""))) for row in firsts.values()],
        wordings=[captions_of(said[file]) for file in firsts],
        labels=[str(row.get(label, "")) if label else "all" for row in firsts.values()],
        sources=[path],
    )


def _placed(name: str, root: Path) -> Path:
    """Returns the path that a name in a table means, which may lie outside the folder.

    Absolute names of files in the folder are given with or without its links resolved; Windows writes
    backslashes, macOS composes letters in another way.
    """
    spellings = (
        name,
        name.replace("\\", "/"),
        *(unicodedata.normalize(form, name) for form in ("NFC", "NFD")),
    )
    paths = [Path(os.path.normpath(root / spelling)) for spelling in spellings]
    path = next((path for path in paths if problem_of(path) is None), paths[0])
    real = root.resolve()
    return root / path.relative_to(real) if path.is_relative_to(real) else path


def _rows(path: Path, wanted: Collection[str], report: Reporter) -> list[Row]:
    """Returns the rows of a table by the names of its columns; one that is short lacks the last ones."""
    if problem := problem_of(path):
        raise ConfigError("dataset.table", f"{plain(str(path))} cannot be read ({problem})")
    text = _text(path, report)
    try:
        if path.suffix.lower() == ".jsonl":
            rows = [dict(json.loads(line)) for line in text.split("\n") if line.strip()]
        else:
            rows = list(_cells(_without_hint(text), path.suffix.lower() == ".tsv", wanted))
    except (ValueError, TypeError, RecursionError, csv.Error) as error:
        reason = " ".join(str(error).split())[:150]
        raise ConfigError(
            "dataset.table",
            f"{plain(str(path))} cannot be read ({reason})",
            "Put cells that hold a comma, a quotation mark or a line end in quotation marks",
        ) from error
    if not rows:
        raise ConfigError("dataset.table", f"{plain(str(path))} has no rows")
    return rows


def _cells(text: str, tabs: bool, wanted: Collection[str]) -> Iterator[Row]:
    mark = "\t" if tabs else _mark(text, wanted)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    filled = (row for row in reader if any(row))
    header = [plain(name) for name in next(filled, [])]
    for row in filled:
        if any(row[len(header) :]):
            raise ValueError(f"line {reader.line_num} has {len(row)} cells, the first line {len(header)}")
        named: Row = {}
        for name, cell in zip(header, row, strict=False):
            named.setdefault(name, cell)
        yield named


def _mark(text: str, wanted: Collection[str]) -> str:
    """Returns what stands between the cells of a table: what cuts its first line into known names."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(mark: str) -> tuple[int, int]:
        names = [plain(cell).lower() for cell in next(csv.reader([first], delimiter=mark))]
        return sum(name in wanted for name in names), len(names)

    return max(MARKS, key=known)


def _text(path: Path, report: Reporter | None = None) -> str:
    """Returns what a text file says; one that is no Unicode is taken for Windows-1252."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError("dataset.path", f"{plain(str(path))} cannot be read ({error.strerror})") from error
    marked = (encoding for mark, encoding in BYTE_ORDERS.items() if content.startswith(mark))
    encoding = next(marked, "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if report is not None:
            report.warn(f"{plain(path.name)} is no UTF-8 and is read as Windows-1252")
        return content.decode("cp1252", errors="replace")


def _without_hint(text: str) -> str:
    """Returns a table without the line ``sep=;`` that tells Excel how to read it."""
    first, _, rest = text.partition("\n")
    return rest if first.strip().lower().startswith("sep=") and len(first.strip()) == 5 else text


def _column(rows: Sequence[Row], named: str | None, usual: tuple[str, ...], key: str, path: Path) -> str:
    has = dict.fromkeys(name for row in rows for name in row)
    if named is not None:
        found = named if named in has else None
    else:
        lower = {name.lower(): name for name in reversed(has)}
        found = next((lower[name] for name in usual if name in lower), None)
    if found is None:
        wanted = named or f"any of {', '.join(usual)}"
        known = ", ".join(map(plain, has))[:500]
        raise ConfigError(f"dataset.{key}", f"{plain(path.name)} has no column {wanted}", f"It has {known}")
    return found


def captions_of(value: object) -> tuple[str, ...]:
    """Returns captions on one line each: those of a list, or one; of a missing one an empty text.

    Each once, and empty ones only where there is no other.
    """
    values = value if isinstance(value, list) else [value]
    lines = ["" if one is None or one != one else plain(str(one)) for one in values]
    return tuple(dict.fromkeys(line for line in lines if line)) or ("",)


def several(wordings: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...] | None:
    """Returns all captions of each image, or None where all have one."""
    return tuple(wordings) if any(len(one) > 1 for one in wordings) else None
