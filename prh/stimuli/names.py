"""Names of files, folders and captions as text that can be printed, encoded and read aloud."""

import os
import unicodedata
from pathlib import Path

UNSEEN = "\N{REPLACEMENT CHARACTER}"


def plain(text: str) -> str:
    """Returns a text on one line, composed (NFC), with what is no character replaced by a sign for it.

    File names may hold line ends, control characters and bytes that are no UTF-8 (surrogates in Python);
    macOS writes an ü as two characters.
    """
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(UNSEEN if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)


def shown(path: Path, root: Path) -> str:
    """Returns what messages and tables call a file below a folder."""
    return plain(str(path.relative_to(root)))


def short(name: str, most: int = 80) -> str:
    """Returns a name that may be part of a file's name: of ``most`` bytes at most."""
    return os.fsencode(plain(name).replace("/", "_"))[:most].decode(errors="ignore")
