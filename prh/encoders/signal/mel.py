"""The spectrum of sound as ears divide it: power in mel bands, frame by frame, of padded recordings.

Bands are Slaney's, as librosa and torchaudio have them by default.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

LINEAR_HZ, LINEAR_MELS = 1000.0, 15.0
"""Below, a mel is a fifteenth of it; above, each mel is 6.4 to the power of 1/27 times the one below."""
STEP = 27.0
"""Mels in which frequency grows 6.4 times."""


def lengths(signals: Tensor) -> Tensor:
    """Returns how many samples of each signal come before its padding, N of N×T: up to the last but zeros."""
    places = torch.arange(1, signals.shape[1] + 1, device=signals.device)
    return ((signals != 0) * places).amax(dim=1)


def without_shared_padding(signals: Tensor) -> Tensor:
    """Returns signals, N×T, up to the last sample of the longest of them; on the meta device, as they are."""
    longest = signals.shape[1] if signals.is_meta else max(1, int(lengths(signals).max()))
    return signals[:, :longest]


def mel_filters(bands: int, window: int, rate: int) -> Tensor:
    """Returns what each band takes of each frequency, bands×(window // 2 + 1); the area of each is the same.

    Args:
        bands: From 0 to half of ``rate``.
        window: Samples of a frame.
        rate: Samples per second.
    """
    hertz = np.linspace(0, rate / 2, window // 2 + 1)
    edges = _hertz(np.linspace(0, _mels(rate / 2), bands + 2))
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (hertz - low) / (centre - low), (high - hertz) / (high - centre)
    # torch.tensor makes it where the network is made, which may be torch's meta device.
    return torch.tensor((np.minimum(rising, falling).clip(0) * 2 / (high - low)).astype(np.float32))


def _mels(hertz: float) -> float:
    if hertz < LINEAR_HZ:
        return hertz * LINEAR_MELS / LINEAR_HZ
    return LINEAR_MELS + STEP * math.log(hertz / LINEAR_HZ, 6.4)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = LINEAR_HZ * 6.4 ** ((mels - LINEAR_MELS) / STEP)
    return np.where(mels < LINEAR_MELS, mels * LINEAR_HZ / LINEAR_MELS, above)


class MelPower(nn.Module):
    """Power in mel bands over time.

    Args:
        bands: M.
        window: Samples of a frame, as long as its Fourier transform.
        hop: Samples from one frame to the next.
        rate: Samples per second.
    """

    filters: Tensor
    taper: Tensor

    def __init__(self, bands: int, window: int, hop: int, rate: int) -> None:
        super().__init__()
        self.window, self.hop = window, hop
        self.register_buffer("filters", mel_filters(bands, window, rate), persistent=False)
        self.register_buffer("taper", torch.hann_window(window), persistent=False)

    def forward(self, signals: Tensor) -> Tensor:
        """Maps N×T to N×F×M; frame f has sample f·hop in its middle, and zeros where there are no samples."""
        framed = functional.pad(signals, (self.window // 2, self.window // 2)).unfold(
            1, self.window, self.hop
        )
        spectra = torch.fft.rfft(framed * self.taper)
        power: Tensor = (spectra.real**2 + spectra.imag**2) @ self.filters.T
        return power

    def heard(self, signals: Tensor) -> Tensor:
        """Returns which frames have their middle within a recording or at its end, N×F of N×T."""
        middles = self.hop * torch.arange(signals.shape[1] // self.hop + 1, device=signals.device)
        return middles <= lengths(signals)[:, None]
