"""The files of the feature store: rows of one layer with their ids, named after the checksums of both.

A segment is an ``.npz`` file, which NumPy reads. The zip format that it is made of keeps a CRC-32 of each
array and checks it when the array is read. The end of a segment's name is a hash of these and of
the shelf and layer it belongs to, so that one in another's place is found out as well, and verifying costs
no second pass over the data.
"""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from prh.ground.files import identity, part_in

Ids = NDArray[np.int64]
PATTERN = f"[!.]*-{'[0-9a-f]' * 16}.npz"


class Damaged(Exception):
    """A segment whose content is not what was written."""


class Content:
    """A segment that is open, and whose list of members was found to be what was written."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path, self._archive = path, archive

    def array(self, name: str) -> NDArray[Any]:
        """Returns ``ids``, N, or ``values``, N×D; read-only.

        Raises:
            Damaged: Its checksum is not that of its content.
            OSError: It cannot be read, which says nothing of its content.
        """
        with _taken_for_damage(self._path):
            content = self._archive.read(f"{name}.npy")
        stream = BytesIO(content)
        npy.read_magic(stream)
        shape, by_column, dtype = npy.read_array_header_1_0(stream)
        order: Literal["F", "C"] = "F" if by_column else "C"
        return np.frombuffer(content, dtype, offset=stream.tell()).reshape(shape, order=order)


def write(folder: Path, belongs: str, ids: Ids, values: NDArray[Any]) -> Path:
    """Writes a segment into ``folder``, whole or not at all; ``belongs`` names its shelf and layer.

    Raises:
        OSError: It cannot be written.
    """
    with part_in(folder, ".npz") as part:
        with part.open("wb") as stream:
            np.savez(stream, ids=ids, values=values)
        with zipfile.ZipFile(part) as archive:
            path = folder / f"{uuid4().hex[:16]}-{_checksum(archive, belongs)}.npz"
        os.replace(part, path)
    return path


@contextmanager
def opened(path: Path, belongs: str) -> Iterator[Content]:
    """Opens a segment.

    Raises:
        Damaged: It is no segment, or not the one that was written under this name.
        OSError: It cannot be read, which says nothing of its content.
    """
    with path.open("rb") as stream:
        with _taken_for_damage(path):
            archive = zipfile.ZipFile(stream)
        with archive:
            if not path.stem.endswith(f"-{_checksum(archive, belongs)}"):
                raise Damaged(path)
            yield Content(path, archive)


@contextmanager
def _taken_for_damage(path: Path) -> Iterator[None]:
    """Turns what a zip reader raises on bytes that are not what was written into :class:`Damaged`."""
    try:
        yield
    except MemoryError:
        raise
    except OSError as error:
        # Offsets that make no sense are refused like this; other errors are the disk's or the network's.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise Damaged(path) from error
    except Exception as error:  # zip readers fail in many ways on bytes that are no zip file
        raise Damaged(path) from error


def _checksum(archive: zipfile.ZipFile, belongs: str) -> str:
    return identity(
        belongs, [(member.filename, member.CRC, member.file_size) for member in archive.infolist()]
    )
