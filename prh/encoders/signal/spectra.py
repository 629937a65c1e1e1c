"""Representations of a signal that are computed, not learnt: what another instrument says of a stimulus.

The constructor takes ``num_classes``, as every network's does; it means nothing here.
"""

import torch
from torch import Tensor, nn

SMALLEST = 1e-12
"""Power below this is silence."""


class PowerSpectrum(nn.Module):
    """The logarithm of a signal's power at each frequency but zero: what happens, not when."""

    def forward(self, signals: Tensor) -> Tensor:
        """Maps N×T to N×(T // 2)."""
        amplitudes = torch.fft.rfft(signals - signals.mean(dim=1, keepdim=True))[:, 1:]
        power: Tensor = amplitudes.real**2 + amplitudes.imag**2
        return (power + SMALLEST).log10()


class TimeSeries(nn.Module):
    """A recording over time, and its power spectrum."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.trace = nn.Flatten()
        self.spectrum = PowerSpectrum()

    def forward(self, signals: Tensor) -> Tensor:
        """Maps N×1×1×T to N×(T // 2)."""
        spectrum: Tensor = self.spectrum(self.trace(signals))
        return spectrum
