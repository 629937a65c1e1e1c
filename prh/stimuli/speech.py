"""Spoken words: decoded, brought to one rate, cut to what is said, and kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prh.ground.extras import library
from prh.ground.files import identity
from prh.ground.kept import KeptFiles
from prh.ground.progress import Reporter
from prh.stimuli.images import THREADS

RATE = 16_000
"""Samples per second: speech has little above half of it."""
QUIET = 0.01
"""Of a recording's largest sample: what comes before and after the first and the last as loud is silence."""
LONGEST_S = 6.0
"""Of a recording; what follows is cut off."""
FULL = 32767
"""The largest sample as it is kept, in 16 bits, of which Vorbis' rounding leaves no more."""
HEAD = 4096
"""Bytes at the start of a file, in which Vorbis says which program encoded it."""
HOW = identity(RATE, QUIET, LONGEST_S, FULL)
"""Identifies how recordings are decoded."""


@dataclass(frozen=True)
class Speech:
    """Recordings of speech, each as loud as the others at its loudest.

    Attributes:
        waves: int16, one after the other.
        lengths: Samples of each, N; 0 for one that cannot be decoded, or in which nothing is heard.
        longer: Whether each lasts longer than ``LONGEST_S`` and was cut, N.
    """

    waves: NDArray[np.int16]
    lengths: NDArray[np.int64]
    longer: NDArray[np.bool_]

    def padded(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Returns some recordings, in [−1, 1], with zeros after each up to the longest of them, N×T."""
        starts = np.concatenate([[0], np.cumsum(self.lengths)])
        signals = np.zeros((len(rows), int(self.lengths[rows].max(initial=0))), np.float32)
        for signal, row in zip(signals, rows, strict=True):
            wave = self.waves[starts[row] : starts[row + 1]]
            signal[: len(wave)] = wave / np.float32(FULL)
        return signals


def kept_speech(files: Sequence[Path], folder: Path, name: str, report: Reporter) -> Speech:
    """Returns all recordings, N, which ``folder`` keeps once they are decoded.

    Args:
        files: Of any format that libsndfile reads.
        folder: Where they are kept.
        name: Identifies what is in the files.
        report: Told of progress.

    Raises:
        ConfigError: soundfile or soxr is missing, or they cannot be put there.
    """

    def decoded() -> bytes:
        for needed in ("soundfile", "soxr"):
            library(needed, "audio", "dataset")
        found = _decoded(files, report)
        stream = BytesIO()
        np.savez(stream, waves=found.waves, lengths=found.lengths, longer=found.longer)
        return stream.getvalue()

    file = KeptFiles(folder, ".npz", "data_dir", report).read_or_make(name, decoded)
    with np.load(BytesIO(file.content)) as kept:
        return Speech(kept["waves"], kept["lengths"], kept["longer"])


def said(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns a wave without silence at its ends, its largest sample 1 or −1; nothing of silence."""
    peak = float(np.abs(wave).max(initial=0.0))
    if not 0 < peak < np.inf:
        return wave[:0]
    loud = np.flatnonzero(np.abs(wave) >= QUIET * peak)
    heard: NDArray[np.float32] = wave[loud[0] : loud[-1] + 1] / np.float32(peak)
    return heard


def decode(file: Path) -> NDArray[np.float32]:
    """Returns what is said in a recording, mono, ``RATE`` to a second; nothing where it cannot be decoded."""
    import soundfile
    import soxr

    try:
        channels, rate = soundfile.read(file, dtype="float32", always_2d=True)
    except (RuntimeError, OSError, ValueError):
        return np.empty(0, np.float32)
    wave = channels.mean(axis=1)
    return said(np.asarray(soxr.resample(wave, rate, RATE) if rate != RATE else wave, np.float32))


def encoder_of(file: Path) -> str:
    """Returns the program that encoded an Ogg Vorbis file, as the file says; nothing of other files.

    Recordings of one person at one time come from one program, those of another seldom do.
    """
    with file.open("rb") as stream:
        head = stream.read(HEAD)
    _, _, comments = head.partition(b"\x03vorbis")
    length = int.from_bytes(comments[:4], "little")
    return comments[4 : 4 + length].decode("utf-8", "replace")


def largest_series(files: Sequence[Path]) -> NDArray[np.bool_]:
    """Returns whether each file, N, was encoded by the program that encoded most of them."""
    programs = [encoder_of(file) for file in files]
    usual = max(programs, key=Counter(programs).__getitem__, default=None)
    return np.array([program == usual for program in programs], dtype=bool)


def _decoded(files: Sequence[Path], report: Reporter) -> Speech:
    most = round(LONGEST_S * RATE)
    waves, lengths = list[NDArray[np.int16]](), list[int]()
    decoding = report.progress("Decoding speech", len(files), "recordings")
    with ThreadPoolExecutor(THREADS) as pool, decoding as advance:
        for wave in pool.map(decode, files):
            waves.append((wave[:most] * FULL).round().astype(np.int16))
            lengths.append(len(wave))
            advance(1)
    whole = np.array(lengths, dtype=np.int64)
    return Speech(np.concatenate(waves or [np.empty(0, np.int16)]), np.minimum(whole, most), whole > most)
