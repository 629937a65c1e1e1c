"""Keeps every computed row, so that none is computed twice.

A shelf is a folder for one encoder × dataset × pooling; on it each layer has a folder of segments, and
a segment is one immutable file of dataset rows and their vectors. Segments appear whole or not at all,
so a killed run leaves a valid store, and the next one goes on where it stopped.
"""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from prh.features.features import Matrix
from prh.files import writable_folder, written_whole
from prh.progress import Reporter

Ids = NDArray[np.int64]
Batch = tuple[Ids, dict[str, Matrix]]
Compute = Callable[[Ids], Iterable[Batch]]
"""Given the rows that are missing, yields them batch by batch, with a matrix per layer."""

SEGMENT_ROWS = 512


class FeatureStore:
    """Rows of features on disk under ``root``; a row is named by its index in the full dataset."""

    def __init__(self, root: Path, report: Reporter) -> None:
        self.root = root
        self.report = report

    def fetch(self, shelf: str, layers: Sequence[str], ids: Ids, compute: Compute) -> dict[str, Matrix]:
        """Returns the rows ``ids`` of each layer, computing and keeping those that the store lacks.

        Runs that share the store and want the same shelf wait for each other instead of computing twice.

        Args:
            shelf: Relative folder, from whatever determines the values apart from layer and row.
            layers: Names of the layers.
            ids: Rows of the full dataset, N.
            compute: Called with the missing rows, in the order of ``ids``.

        Raises:
            ConfigError: Something is missing and ``cache_dir`` cannot be written to.
        """
        folder = self.root / shelf
        if len(self.missing(shelf, layers, ids)):
            writable_folder(self.root, "cache_dir")
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder / ".lock"):
                self._fill(folder, layers, self.missing(shelf, layers, ids), compute)
        return {layer: self._gather(folder / layer, ids) for layer in layers}

    def _fill(self, folder: Path, layers: Sequence[str], missing: Ids, compute: Compute) -> None:
        pending: list[Batch] = []
        for batch in compute(missing) if len(missing) else ():
            pending.append(batch)
            if sum(len(ids) for ids, _ in pending) >= SEGMENT_ROWS:
                self._write(folder, layers, pending)
                pending = []
        if pending:
            self._write(folder, layers, pending)

    def _write(self, folder: Path, layers: Sequence[str], batches: list[Batch]) -> None:
        ids = np.concatenate([ids for ids, _ in batches])
        for layer in layers:
            values = np.concatenate([matrices[layer] for _, matrices in batches])
            with written_whole(folder / layer / f"{uuid4().hex}.npz") as part, part.open("wb") as stream:
                np.savez(stream, ids=ids, values=values)

    def missing(self, shelf: str, layers: Sequence[str], ids: Ids) -> Ids:
        """Returns those of the rows that the store lacks in any of the layers, in their order."""
        lacking = np.zeros(len(ids), dtype=bool)
        for layer in layers:
            kept = [segment_ids for _, segment_ids in self._segments(self.root / shelf / layer)]
            lacking |= ~np.isin(ids, np.concatenate(kept) if kept else [])
        return ids[lacking]

    def _segments(self, folder: Path) -> list[tuple[Path, Ids]]:
        segments = []
        for path in sorted(folder.glob("[!.]*.npz")):
            try:
                with np.load(path) as content:
                    segments.append((path, content["ids"]))
            except (zipfile.BadZipFile, ValueError, OSError, EOFError, KeyError):
                self.report.warn(f"{path} is corrupt; its rows are computed again")
                path.unlink(missing_ok=True)
        return segments

    def _gather(self, folder: Path, ids: Ids) -> Matrix:
        rows: Matrix | None = None
        for path in sorted(folder.glob("[!.]*.npz")):
            with np.load(path) as content:  # intact: missing() has just looked at it
                segment_ids = content["ids"]
                order = np.argsort(segment_ids)
                slots = order[np.searchsorted(segment_ids, ids, sorter=order).clip(max=len(order) - 1)]
                found = segment_ids[slots] == ids
                if found.any():
                    values = content["values"]
                    rows = np.empty((len(ids), *values.shape[1:]), values.dtype) if rows is None else rows
                    rows[found] = values[slots[found]]
        assert rows is not None, f"{folder} holds none of the rows just written to it"
        return rows
