"""Everything that lies about in folders, thrown together: read, or refused in one line."""

import os
import random
import time

import numpy as np
import pytest
from PIL import Image

from prh.errors import ConfigError
from prh.stimuli import CaptionedFolder, ImageFolder
from tests.conftest import Listening

SEED, SECONDS, LEAST = 12, 2, 40
NAMES = (
    *("a.png", "B.JPG", "c.jfif", "d.tif", "e.gif", "f.webp", "g", "h.heic", "i.txt", "._a.png", "Thumbs.db"),
    *(
        ".x",
        "sp ace.png",
        "new\nline.png",
        "=cmd.png",
        "x" * 250 + ".png",
        os.fsdecode(b"\xe4.png"),
        "🦊.bmp",
    ),
)
FOLDERS = ("cats", "dogs", ".ipynb_checkpoints", "__MACOSX", "Füchse", "p.png", "@eaDir", "-1+1", "bell\x07")
CELLS = (
    "a.png",
    "../a.png",
    "/etc/passwd",
    "cats/a.png",
    "",
    "x" * 400,
    "cats",
    "B.JPG",
    "\ud800",
    "a\\b.png",
)
CONTENTS = (
    b"",
    b"\0\5\26\7",
    b"GIF89a" + b"\xff" * 40,
    b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
    b"II*\0\xff\xff\xff\xff",
)


def fill(root, rng):
    """Puts up to twelve entries into a folder and folders in it, tables of captions among them."""
    folders = [root]
    for _ in range(rng.randint(3, 12)):
        inside = rng.choice(folders)
        if rng.random() < 0.35:
            new = inside / rng.choice(FOLDERS)
            if not new.exists():
                new.mkdir()
                folders.append(new)
            continue
        path = inside / rng.choice(NAMES)
        if not os.path.lexists(path):
            rng.choice((draw, draw, draw, garbage, link, pipe))(path, root, rng)
    if rng.random() < 0.6:
        write_table(root, rng)


def draw(path, root, rng):
    mode = rng.choice(("RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "I;16", "I", "F"))
    size = rng.choice(((1, 1), (1, 40), (30, 20), (64, 64)))
    values = np.random.default_rng(rng.randrange(2**32)).integers(0, 256, (*size, 3), dtype=np.uint8)
    gray = values[..., 0].astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}.get(mode, np.uint8))
    image = Image.fromarray(gray if mode in ("I;16", "I", "F") else values)
    image = image if mode in ("I;16", "I", "F") else image.convert(mode)
    for kind in rng.sample(("PNG", "TIFF", "GIF", "JPEG"), 4):
        try:
            image.save(path, kind, **({"exif": rng.randbytes(60)} if kind == "JPEG" else {}))
            break
        except (OSError, ValueError, KeyError):
            path.unlink(missing_ok=True)
    if path.exists() and rng.random() < 0.25:
        content = bytearray(path.read_bytes())
        for _ in range(5):
            content[rng.randrange(len(content))] = rng.randrange(256)
        path.write_bytes(content[: rng.randint(1, len(content))])


def garbage(path, root, rng):
    path.write_bytes(rng.choice(CONTENTS))


def link(path, root, rng):
    path.symlink_to(rng.choice(("nowhere", "..", "/dev/zero", "/dev/null", "a.png", "B.JPG", path.name)))


def pipe(path, root, rng):
    os.mkfifo(path)


def write_table(root, rng):
    mark, ends = rng.choice(",;\t"), rng.choice(("\n", "\r\n"))
    rows = [("image", "caption", "kind")]
    here = [name for name in sorted(os.listdir(root)) if name.endswith(("png", "JPG", "tif"))]
    here = [name for name in here if name.isprintable()]
    rows += [
        (
            rng.choice(here if here and rng.random() < 0.8 else CELLS),
            rng.choice(("", "=1+1", "zwei", "drei", "$x$") if rng.random() < 0.9 else ('q"',)),
            "k",
        )
        for _ in range(6)
    ]
    text = ends.join(mark.join(row[: rng.choice((3, 3, 3, 3, 3, 2))]) for row in rows)
    encoding = rng.choice(("utf-8", "utf-8-sig", "utf-16", "latin-1"))
    name = rng.choice(("captions.csv", "captions.csv", "metadata.csv", "captions.jsonl"))
    (root / name).write_bytes(text.encode(encoding, "replace"))


def attempts():
    """Yields as many seeds as there is time for, some in any case."""
    start, number = time.monotonic(), 0
    while number < LEAST or time.monotonic() - start < SECONDS:
        yield f"{SEED}-{number}"
        number += 1


@pytest.mark.parametrize("kind", [ImageFolder, CaptionedFolder])
def test_any_folder_is_read_or_refused_in_one_line(kind, tmp_path):
    read = 0
    for seed in attempts():
        rng, root = random.Random(seed), tmp_path / seed
        root.mkdir()
        fill(root, rng)
        for bad_files in ("error", "skip"):
            heard, texts = Listening(), []
            try:
                found = kind(str(root), size=16, bad_files=bad_files).draw(0, tmp_path, heard)
                read += 1
                assert np.asarray(found.images).shape == (len(found), 3, 16, 16), seed
                texts = [*found.names, *found.class_names, *(found.captions or ())]
            except ConfigError as refused:
                heard.warn(str(refused))
            for text in (*texts, *heard.warnings):
                assert text.encode("utf-8").decode().isprintable(), (seed, text)
    assert read > 5, "most of what is thrown together should not be refused at once"
