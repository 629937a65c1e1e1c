"""What is computed from recordings of speech that are padded with zeros: which sounds, and how long.

The constructors take ``num_classes``, as every network's do; it means nothing here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from prh.encoders.signal.mel import MelPower, lengths, without_shared_padding

RANGE_DB = 80.0
"""Below a recording's loudest band all is silence."""
BANDS, WINDOW_S, HOP_S = 40, 0.025, 0.01
PARTS = 8
"""Of a recording, whose sounds are told apart by when they come."""


class Course(nn.Module):
    """The mean of each band in each eighth of a recording: which sounds, and when."""

    def forward(self, decibels: Tensor, heard: Tensor) -> Tensor:
        """Maps N×F×M, of which ``heard`` (N×F) counts, to N×(8·M)."""
        frames = heard.sum(dim=1, keepdim=True)
        place = torch.arange(heard.shape[1], device=heard.device)
        part = (PARTS * place // frames.clamp(min=1))[:, :, None]
        within = (part == torch.arange(PARTS, device=heard.device)) & heard[:, :, None]
        weights = within.to(decibels.dtype)
        sums = weights.transpose(1, 2) @ decibels
        means: Tensor = sums / weights.sum(dim=1)[:, :, None].clamp(min=1)
        return means.flatten(1)


class Statistics(nn.Module):
    """Of each band the mean and standard deviation over time; of its changes the latter."""

    def forward(self, decibels: Tensor, heard: Tensor) -> Tensor:
        """Maps N×F×M, of which ``heard`` (N×F) counts, to N×(3·M)."""
        changes, both = decibels[:, 1:] - decibels[:, :-1], heard[:, 1:] & heard[:, :-1]
        return torch.cat([*_moments(decibels, heard), _moments(changes, both)[1]], dim=1)


def _moments(values: Tensor, counted: Tensor) -> tuple[Tensor, Tensor]:
    """Returns mean and standard deviation over those frames of N×F×M that count, N×M each."""
    weights = counted[:, :, None].to(values.dtype)
    count = weights.sum(dim=1).clamp(min=1)
    mean = (weights * values).sum(dim=1) / count
    variance = (weights * (values - mean[:, None]) ** 2).sum(dim=1) / count
    return mean, variance.sqrt()


class LogMel(nn.Module):
    """A recording as decibels in 40 mel bands: their course, and their statistics, which do not know when.

    Decibels count from the mean of the recording, so that loudness is nothing; padding counts for nothing.

    Args:
        rate: Samples per second.
        num_classes: Ignored.
    """

    def __init__(self, rate: int, num_classes: int) -> None:
        super().__init__()
        self.power = MelPower(BANDS, round(WINDOW_S * rate), round(HOP_S * rate), rate)
        self.course, self.statistics = Course(), Statistics()

    def forward(self, signals: Tensor) -> Tensor:
        """Maps N×1×1×T to N×120."""
        waves = without_shared_padding(signals.flatten(1))
        heard = self.power.heard(waves)
        decibels = self._decibels(self.power(waves), heard)
        self.course(decibels, heard)
        statistics: Tensor = self.statistics(decibels, heard)
        return statistics

    @staticmethod
    def _decibels(power: Tensor, heard: Tensor) -> Tensor:
        quietest = 10 ** (-RANGE_DB / 10)
        relative = power / power.amax(dim=(1, 2), keepdim=True).clamp(min=torch.finfo(power.dtype).tiny)
        decibels = 10 * relative.clamp(min=quietest).log10()
        mean = _moments(decibels, heard)[0].mean(dim=1)
        return decibels - mean[:, None, None]


class Duration(nn.Module):
    """How long a recording lasts, and nothing else: the control for all that speech says.

    Args:
        rate: Samples per second.
        num_classes: Ignored.
    """

    def __init__(self, rate: int, num_classes: int) -> None:
        super().__init__()
        self.rate = rate
        self.duration = Angle()

    def forward(self, signals: Tensor) -> Tensor:
        """Maps N×1×1×T to N×2."""
        seconds = lengths(signals.flatten(1)).clamp(min=1).float() / self.rate
        angle: Tensor = self.duration(seconds)
        return angle


class Angle(nn.Module):
    """Half the logarithm as an angle: a single number has no direction, and cosines compare directions.

    So both Euclidean distance and cosine grow with the ratio of two numbers, up to a ratio of 500.
    """

    def forward(self, numbers: Tensor) -> Tensor:
        """Maps N positive numbers to N×2."""
        angle = numbers.log() / 2
        return torch.stack([angle.cos(), angle.sin()], dim=1)
