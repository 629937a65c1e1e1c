"""What keeping features costs in several formats: write, read warm and verified, both by eight processes.

Every format keeps the same segments of the same layers, and every read verifies a checksum of what it reads.
Formats whose library is not installed are left out. Prints seconds, and multiples of prh's own.

    PYTHONPATH=. python scripts/bench_store.py                        # 60,000 rows, 117 layers, 20 segments
    PYTHONPATH=. python scripts/bench_store.py --layers 6 --width 512
"""

# ruff: noqa: D102 (what the methods of all formats do stands at Files)
from __future__ import annotations

import argparse
import hashlib
import importlib
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from prh.features import FeatureStore
from prh.ground.progress import Silent

Segment = tuple[NDArray[np.int64], NDArray[np.float32]]
PROCESSES = 8
SHELF = "net-0/dataset-0/avg-fp32"


class Own:
    """prh's store: ``.npz``, the CRC-32 that zip keeps of each array, bound together by the file's name."""

    needs = "numpy"

    def write(self, root: Path, layer: str, number: int, ids: Any, values: Any) -> None:
        FeatureStore(root, Silent()).keep(SHELF, [layer], [(ids, {layer: values})])

    def read(self, root: Path, layers: list[str], ids: Any) -> dict[str, Any]:
        def none(missing: Any) -> Any:
            raise AssertionError(f"{len(missing)} rows are missing")

        return FeatureStore(root, Silent()).fetch(SHELF, layers, ids, none)


class Files:
    """One file per segment: ``save`` and ``load`` are the format's, ``write`` and ``read`` what is timed."""

    needs, suffix = "numpy", ".npz"

    def save(self, path: Path, ids: Any, values: Any) -> None:
        np.savez(path, ids=ids, values=values)

    def load(self, path: Path) -> Segment:
        with np.load(path) as content:
            return content["ids"], content["values"]

    def write(self, root: Path, layer: str, number: int, ids: Any, values: Any) -> None:
        (root / layer).mkdir(parents=True, exist_ok=True)
        self.save(root / layer / f"{number}{self.suffix}", ids, values)

    def segments(self, root: Path, layer: str) -> Iterator[Segment]:
        return map(self.load, sorted((root / layer).glob(f"*{self.suffix}")))

    def read(self, root: Path, layers: list[str], ids: Any) -> dict[str, Any]:
        return {layer: gathered(self.segments(root, layer), ids) for layer in layers}


class NpzSha256(Files):
    """The same with a SHA-256 of the whole file beside it."""

    def save(self, path: Path, ids: Any, values: Any) -> None:
        super().save(path, ids, values)
        path.with_suffix(".sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest())

    def load(self, path: Path) -> Segment:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.with_suffix(".sha256").read_text()
        return super().load(path)


class Safetensors(Files):
    """safetensors, and a checksum of the file beside it."""

    needs, suffix = "safetensors", ".safetensors"
    digest: Callable[[bytes], int | str] = staticmethod(zlib.crc32)

    def save(self, path: Path, ids: Any, values: Any) -> None:
        from safetensors.numpy import save

        content = save({"ids": ids, "values": values})
        path.write_bytes(content)
        path.with_suffix(".sum").write_text(str(self.digest(content)))

    def load(self, path: Path) -> Segment:
        from safetensors.numpy import load

        content = path.read_bytes()
        assert str(self.digest(content)) == path.with_suffix(".sum").read_text()
        found = load(content)
        return found["ids"], found["values"]


class SafetensorsSha256(Safetensors):
    """safetensors, and the SHA-256 of the file beside it."""

    digest = staticmethod(lambda content: hashlib.sha256(content).hexdigest())


class Parquet(Files):
    """Parquet, a column per feature, with page checksums."""

    needs, suffix = "pyarrow", ".parquet"

    def save(self, path: Path, ids: Any, values: Any) -> None:
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet

        columns = {"ids": ids, **{f"{i}": values[:, i] for i in range(values.shape[1])}}
        table = pyarrow.table(columns)
        parquet.write_table(table, path, compression="none", use_dictionary=False, write_page_checksum=True)

    def load(self, path: Path) -> Segment:
        from pyarrow import parquet

        table = parquet.read_table(path, page_checksum_verification=True)
        values = np.stack([column.to_numpy() for column in table.columns[1:]], axis=1)
        return table["ids"].to_numpy(), values


class Hdf5(Files):
    """HDF5, a file per layer with Fletcher-32; one process writes at a time."""

    needs = "h5py"

    def write(self, root: Path, layer: str, number: int, ids: Any, values: Any) -> None:
        import h5py  # type: ignore[import-untyped]

        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f"{layer}.lock"), h5py.File(root / f"{layer}.h5", "a") as file:
            for name, array in (("ids", ids), ("values", values)):
                file.create_dataset(f"{number}/{name}", data=array, chunks=array.shape, fletcher32=True)

    def segments(self, root: Path, layer: str) -> Iterator[Segment]:
        import h5py

        with h5py.File(root / f"{layer}.h5", "r") as file:
            for group in file.values():
                yield group["ids"][:], group["values"][:]


class Zarr(Files):
    """zarr, a group per segment, each chunk with CRC-32C."""

    needs = "zarr"

    def write(self, root: Path, layer: str, number: int, ids: Any, values: Any) -> None:
        import zarr  # type: ignore[import-not-found]
        from zarr.codecs import Crc32cCodec  # type: ignore[import-not-found]

        group = zarr.open_group(root / layer / str(number), mode="w")
        for name, array in (("ids", ids), ("values", values)):
            group.create_array(
                name, shape=array.shape, chunks=array.shape, dtype=array.dtype, compressors=[Crc32cCodec()]
            )[:] = array

    def segments(self, root: Path, layer: str) -> Iterator[Segment]:
        import zarr

        for path in sorted((root / layer).iterdir()):
            group = zarr.open_group(path, mode="r")
            yield group["ids"][:], group["values"][:]


class Lmdb(Files):
    """LMDB, a database per shelf, each value with a CRC-32; one process writes at a time."""

    needs = "lmdb"

    def write(self, root: Path, layer: str, number: int, ids: Any, values: Any) -> None:
        import lmdb  # type: ignore[import-not-found]

        root.mkdir(parents=True, exist_ok=True)
        content = ids.tobytes() + values.tobytes()
        record = np.array([zlib.crc32(content), *values.shape]).tobytes() + content
        with lmdb.open(str(root), map_size=1 << 36) as database, database.begin(write=True) as change:
            change.put(f"{layer}/{number:04d}".encode(), record)

    def segments(self, root: Path, layer: str) -> Iterator[Segment]:
        import lmdb

        with lmdb.open(str(root), map_size=1 << 36, readonly=True) as database, database.begin() as look:
            cursor = look.cursor()
            cursor.set_range(f"{layer}/".encode())
            for key, record in cursor:
                if not key.startswith(f"{layer}/".encode()):
                    return
                checksum, rows, width = np.frombuffer(record, np.int64, 3)
                assert zlib.crc32(record[24:]) == checksum
                ids = np.frombuffer(record, np.int64, rows, 24)
                yield ids, np.frombuffer(record, np.float32, rows * width, 24 + 8 * rows).reshape(rows, width)


FORMATS: dict[str, Any] = {
    "prh: npz, CRC-32 in the name": Own(),
    "npz alone": Files(),
    "npz, SHA-256 beside": NpzSha256(),
    "safetensors, CRC-32 beside": Safetensors(),
    "safetensors, SHA-256 beside": SafetensorsSha256(),
    "Parquet, page checksums": Parquet(),
    "HDF5, Fletcher-32": Hdf5(),
    "zarr, CRC-32C": Zarr(),
    "LMDB, CRC-32": Lmdb(),
}


def gathered(segments: Iterator[Segment], ids: NDArray[np.int64]) -> NDArray[np.float32] | None:
    """Returns the rows ``ids`` of a layer, N×D."""
    rows = None
    for segment_ids, values in segments:
        at = np.searchsorted(ids, segment_ids)
        rows = np.empty((len(ids), values.shape[1]), values.dtype) if rows is None else rows
        rows[at] = values
    return rows


def write(kind: str, root: Path, asked: argparse.Namespace, share: int = 0, shares: int = 1) -> None:
    """Writes every ``shares``-th segment of each layer."""
    size = asked.rows // asked.segments
    for number in range(share, asked.segments, shares):
        ids = np.arange(number * size, (number + 1) * size)
        for layer in layers(asked):
            values = np.random.default_rng(number).random((size, asked.width), np.float32)
            FORMATS[kind].write(root, layer, number, ids, values)


def read(kind: str, root: Path, asked: argparse.Namespace, share: int = 0) -> None:
    """Reads all rows of all layers."""
    ids = np.arange(asked.rows // asked.segments * asked.segments)
    found = FORMATS[kind].read(root, layers(asked), ids)
    assert all(matrix.shape == (len(ids), asked.width) for matrix in found.values())


def layers(asked: argparse.Namespace) -> list[str]:
    return [f"layer{number}" for number in range(asked.layers)]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measured(kind: str, asked: argparse.Namespace) -> list[float]:
    """Returns the seconds that writing, reading, and both by eight processes at once take."""
    with (
        tempfile.TemporaryDirectory() as place,
        ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool,
    ):
        list(pool.map(abs, range(PROCESSES)))
        one, many = Path(place, "one"), Path(place, "many")
        alone = seconds(partial(write, kind, one, asked))
        warm = min(seconds(partial(read, kind, one, asked)) for _ in range(asked.rounds))
        together = partial(write, kind, many, asked)
        all_write = seconds(lambda: list(pool.map(together, range(PROCESSES), [PROCESSES] * PROCESSES)))
        all_read = seconds(lambda: list(pool.map(partial(read, kind, one, asked), range(PROCESSES))))
        read(kind, many, asked)
    return [alone, warm, all_write, all_read]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, value in {"rows": 60_000, "layers": 117, "segments": 20, "width": 16, "rounds": 3}.items():
        parser.add_argument(f"--{name}", type=int, default=value, help="%(default)s")
    parser.add_argument("--only", nargs="+", default=[""], help="formats with one of these in their name")
    asked = parser.parse_args()
    print("| format | write | read, warm | 8 write | 8 read |\n| --- | --- | --- | --- | --- |")
    own: list[float] = []
    for kind, format_ in FORMATS.items():
        if own and not any(part in kind for part in asked.only):
            continue
        try:
            importlib.import_module(format_.needs)
        except ImportError:
            continue
        times = measured(kind, asked)
        own = own or times
        cells = [f"{t:.2f} s ({t / o:.2f})" for t, o in zip(times, own, strict=True)]
        print(f"| {' | '.join([kind, *cells])} |", flush=True)


if __name__ == "__main__":
    main()
