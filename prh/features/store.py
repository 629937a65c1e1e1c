"""Keeps every computed row, so that none is computed twice.

A shelf is a folder for one encoder × dataset × pooling; on it each layer has a folder of segments, and
a segment is one immutable file of dataset rows and their vectors. Segments appear whole or not at all,
so a killed run leaves a valid store, and the next one goes on where it stopped. What a fetch returns was
read and verified, or computed, by that fetch: files may go or be damaged at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from prh.errors import PrhError
from prh.features import segments
from prh.features.features import Matrix
from prh.features.rows import Rows
from prh.features.segments import PATTERN, Content, Damaged, Ids, opened
from prh.ground.files import locked, writable_folder, writing
from prh.ground.kept import remove_damaged
from prh.ground.progress import Reporter

Batch = tuple[Ids, dict[str, Matrix]]
Compute = Callable[[Ids], Iterable[Batch]]
"""Given the rows that are missing, yields them batch by batch, with a matrix per layer. What it has kept
on the shelf by itself, from other processes, it need not yield."""

SEGMENT_ROWS = 512


class FeatureStore:
    """Rows of features on disk under ``root``; a row is named by its index in the full dataset."""

    def __init__(self, root: Path, report: Reporter) -> None:
        self.root = root
        self.report = report
        self.unreadable: dict[Path, str] = {}
        self.told: set[Path] = set()

    def fetch(self, shelf: str, layers: Sequence[str], ids: Ids, compute: Compute) -> dict[str, Matrix]:
        """Returns the rows ``ids`` of each layer, computing and keeping those that the store lacks.

        Runs that share the store and want the same shelf wait for each other instead of computing twice.

        Args:
            shelf: Relative folder, from whatever determines the values apart from layer and row.
            layers: Names of the layers.
            ids: Rows of the full dataset, N, each once.
            compute: Called with the missing rows, in the order of ``ids``.

        Raises:
            ConfigError: Something is missing and ``cache_dir`` cannot be written to.
            PrhError: Some rows are neither here nor computed.
        """
        rows, seen = Rows(layers, ids), set[Path]()
        self._read(shelf, rows, seen)
        if len(rows.lacking()):
            self._tell_of_unreadable()
            for layer in layers:
                writable_folder(self.root / shelf / layer, "cache_dir")
            with locked(self.root / shelf / ".lock", "cache_dir"):
                self._read(shelf, rows, seen)  # what others computed while this one waited
                self._compute(shelf, rows, compute)
            self._read(shelf, rows, seen)
        if lost := len(rows.lacking()):
            raise PrhError(
                f"{lost} rows of {self.root / shelf} went while others were computed. Run it again"
            )
        return {layer: rows.matrices[layer] for layer in layers}

    def missing(self, shelf: str, layers: Sequence[str], ids: Ids) -> Ids:
        """Returns those of the rows that the store lacks in any of the layers, in their order.

        Nothing but ids is read for this; whether the vectors are whole is seen when they are fetched.
        """
        lacking = np.zeros(len(ids), dtype=bool)
        for layer in layers:
            kept: list[Ids] = [np.empty(0, np.int64)]

            def take(content: Content, kept: list[Ids] = kept) -> None:
                kept.append(content.array("ids"))

            self._visit(shelf, layer, set(), take)
            lacking |= ~np.isin(ids, np.concatenate(kept))
        return ids[lacking]

    def keep(self, shelf: str, layers: Sequence[str], batches: Sequence[Batch]) -> None:
        """Writes a segment for each of the layers.

        Raises:
            ConfigError: ``cache_dir`` cannot be written to.
        """
        ids = np.concatenate([ids for ids, _ in batches])
        for layer in layers:
            values = np.concatenate([matrices[layer] for _, matrices in batches])
            with writing(self.root / shelf, "cache_dir"):
                segments.write(self.root / shelf / layer, f"{shelf}/{layer}", ids, values)

    def _compute(self, shelf: str, rows: Rows, compute: Compute) -> None:
        """Computes what is missing; should that break off, what was computed until then is kept."""
        missing = rows.lacking()
        layers = [layer for layer in rows.here if len(rows.lacking(layer))]
        pending: list[Batch] = []
        try:
            for ids, matrices in compute(missing) if len(missing) else ():
                places = rows.places(ids)
                for layer in rows.here:
                    rows.put(layer, places, matrices[layer])
                pending.append((ids, matrices))
                if sum(len(ids) for ids, _ in pending) >= SEGMENT_ROWS:
                    self.keep(shelf, layers, pending)
                    pending = []  # only now: what was interrupted while it was written is written again
        finally:
            if pending:
                self.keep(shelf, layers, pending)

    def _read(self, shelf: str, rows: Rows, seen: set[Path]) -> None:
        """Fills in rows from segments that were not seen before."""
        for layer in rows.here:

            def take(content: Content, layer: str = layer) -> None:
                places = rows.places(content.array("ids"))
                if rows.wants(layer, places):
                    rows.put(layer, places, content.array("values"))

            self._visit(shelf, layer, seen, take)

    def _visit(self, shelf: str, layer: str, seen: set[Path], use: Callable[[Content], None]) -> None:
        """Shows ``use`` each segment that was not seen before; one that proves damaged is removed."""
        for path in sorted((self.root / shelf / layer).glob(PATTERN)):
            if path in seen:
                continue
            seen.add(path)
            try:
                with opened(path, f"{shelf}/{layer}") as content:
                    use(content)
            except Damaged:
                self.report.warn(f"{path} is damaged; its rows are computed again")
                remove_damaged(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                self.unreadable.setdefault(path, str(error.strerror))

    def _tell_of_unreadable(self) -> None:
        for path, reason in self.unreadable.items():
            if path not in self.told:
                self.report.warn(
                    f"{path} cannot be read ({reason}); it stays, and its rows are computed again"
                )
                self.told.add(path)
