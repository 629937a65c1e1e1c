"""Stretches of recordings: read from their files, drawn as spectrograms, described by numbers."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from prh.ground.kept import KeptFiles
from prh.ground.progress import Reporter
from prh.stimuli.images import THREADS, BadImage

if TYPE_CHECKING:
    from PIL.Image import Image

RATE = 22_050
"""Samples per second that recordings are brought to; what sounds above half of it is not heard."""
FRAME, HOP = 2048, 512
"""Samples that one spectrum is made of, and from one to the next."""
MELS = 128
RANGE_DB = 80.0
QUIETEST_POWER = 1e-8
"""Of a mel band: 16 bits cannot hold less, so that silence is drawn black and not as its own loudest."""
QUIETEST_RMS = 1e-5
LOWEST_HZ = 1.0
SERIES = ("log rms", "zero crossings", "log centroid", "log bandwidth", "log rolloff", "log flatness")
"""What is measured of every frame; a window has the mean and the standard deviation of each."""
UNKNOWN_FRAMES = 2**62
"""libsndfile gives a length beyond this to a stream whose header says none."""


@dataclass(frozen=True)
class Window:
    """A stretch of a recording.

    Attributes:
        file: The recording.
        start: Where the stretch starts, in seconds.
        seconds: Its length.
    """

    file: Path
    start: float
    seconds: float

    def wave(self) -> NDArray[np.float32]:
        """Returns its samples, mono, ``RATE`` to a second, reading no more of the file than them.

        Raises:
            BadImage: They cannot be decoded, are not numbers, or end early.
        """
        import librosa
        import soundfile

        try:
            # librosa tries other decoders for a path, and warns of it
            with soundfile.SoundFile(self.file) as opened:
                wave, _ = librosa.load(
                    opened, sr=RATE, mono=True, offset=self.start, duration=self.seconds, dtype=np.float32
                )
        except (RuntimeError, OSError, ValueError, librosa.ParameterError) as error:
            raise BadImage(_reason(error)) from error
        if len(wave) < 0.99 * self.seconds * RATE:
            raise BadImage("ends before its header says")
        return wave


def windows_of(file: Path, seconds: float) -> list[Window]:
    """Cuts a recording into consecutive windows; what is left at its end is not used.

    Raises:
        BadImage: The file cannot be read, has no sound in it, or is shorter than one window.
    """
    import soundfile

    try:
        info = soundfile.info(file)
    except (RuntimeError, OSError, ValueError) as error:
        raise BadImage(_reason(error)) from error
    if info.frames == 0:
        raise BadImage("no sound in it")
    if info.frames > UNKNOWN_FRAMES:
        raise BadImage("its header does not say how long it is")
    # a hair more than it lasts, since 0.3 / 0.1 is less than 3
    count = int(info.frames / info.samplerate / seconds + 1e-6)
    if count == 0:
        raise BadImage(f"shorter than {seconds:g} s")
    return [Window(file, index * seconds, seconds) for index in range(count)]


def spectrogram(window: Window, size: int) -> Image:
    """Draws a window as size×size: time to the right, mel frequency upwards, loud is bright.

    Brightness is decibels, from 80 below the window's loudest to that.

    Raises:
        BadImage: As :meth:`Window.wave`.
    """
    import librosa
    from PIL import Image

    wave = window.wave()
    hop = max(1, min(HOP, len(wave) // size))
    power = librosa.feature.melspectrogram(y=wave, sr=RATE, n_fft=FRAME, hop_length=hop, n_mels=MELS)
    loudest = max(float(power.max()), QUIETEST_POWER)
    decibels = librosa.power_to_db(power, ref=loudest, amin=1e-10 * QUIETEST_POWER, top_db=None)
    shades = (255 * (1 + decibels / RANGE_DB)).clip(0, 255).round().astype(np.uint8)
    return Image.fromarray(shades[::-1]).resize((size, size), Image.Resampling.BICUBIC)


def statistics(window: Window) -> NDArray[np.float64]:
    """Returns the mean over a window's frames of each of ``SERIES``, then the standard deviation of each.

    Raises:
        BadImage: As :meth:`Window.wave`.
    """
    from librosa import feature, stft

    wave = window.wave()
    spectra = np.abs(stft(wave, n_fft=FRAME, hop_length=HOP))
    hertz = [
        feature.spectral_centroid(S=spectra, sr=RATE),
        feature.spectral_bandwidth(S=spectra, sr=RATE),
        feature.spectral_rolloff(S=spectra, sr=RATE),
    ]
    series = [
        np.log(np.maximum(feature.rms(S=spectra, frame_length=FRAME), QUIETEST_RMS)),
        feature.zero_crossing_rate(wave, frame_length=FRAME, hop_length=HOP),
        *(np.log(np.maximum(values, LOWEST_HZ)) for values in hertz),
        np.log(feature.spectral_flatness(S=spectra)),
    ]
    return np.array([values.mean() for values in series] + [values.std() for values in series], dtype=float)


def kept_statistics(
    windows: Sequence[Window], folder: Path, name: str, report: Reporter
) -> NDArray[np.float64]:
    """Returns the statistics of all windows, N×S, which ``folder`` keeps once they are computed.

    A window that cannot be decoded has NaN.

    Raises:
        ConfigError: They cannot be put there.
    """

    def computed() -> bytes:
        stream = BytesIO()
        np.savez(stream, statistics=_computed(windows, report))
        return stream.getvalue()

    file = KeptFiles(folder, ".npz", "data_dir", report).read_or_make(name, computed)
    with np.load(BytesIO(file.content)) as kept:
        numbers: NDArray[np.float64] = kept["statistics"]
    return numbers


def _computed(windows: Sequence[Window], report: Reporter) -> NDArray[np.float64]:
    def measure(window: Window) -> NDArray[np.float64]:
        try:
            return statistics(window)
        except BadImage:
            return np.full(2 * len(SERIES), np.nan)

    rows = []
    measuring = report.progress("Measuring sound", len(windows), "windows")
    with ThreadPoolExecutor(THREADS) as pool, measuring as advance:
        for row in pool.map(measure, windows):
            rows.append(row)
            advance(1)
    return np.stack(rows)


def standardised(numbers: NDArray[np.float64]) -> NDArray[np.float32]:
    """Returns N×S numbers with mean 0 and standard deviation 1 per column; a column that is constant is 0.

    Rows that are not numbers stay so and count for nothing.
    """
    good = np.isfinite(numbers).all(axis=1)
    if not good.any():
        return numbers.astype(np.float32)
    spread = numbers[good].std(axis=0)
    varies = spread > 1e-9  # below is rounding
    centred = numbers - numbers[good].mean(axis=0)
    scaled: NDArray[np.float64] = np.where(varies, centred / np.where(varies, spread, 1), 0 * centred)
    return scaled.astype(np.float32)


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
    return " ".join(str(text).split())[:120].rstrip(".") or type(error).__name__
