"""Resemblyzer's encoder of voices (Resemble AI, Apache 2.0), after GE2E (Wan et al. 2018).

It was trained to tell who speaks, not what is said: a reader with weights of its own of the third sense.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from prh.encoders.signal.mel import MelPower, lengths, without_shared_padding

RATE = 16_000
BANDS, WINDOW, HOP = 40, 400, 160
UNITS, LAYERS = 256, 3
FRAMES = 160
"""That the network hears at a time: 1.6 s."""
EVERY = 77
"""Frames from the start of a part to that of the next."""
COVERED = 0.75
"""Of a part that sound must fill, but for the first."""
LOUDNESS = 10 ** (-30 / 20)
"""Root mean square that quieter recordings are brought to."""


class OverParts(nn.Module):
    """The mean over those parts of a recording that sound fills."""

    def forward(self, parts: Tensor, filled: Tensor) -> Tensor:
        """Maps (N·P)×D, of which ``filled`` (N×P) counts, to N×D."""
        weights = filled.to(parts.dtype)
        sums = (weights[:, None] @ parts.view(*filled.shape, -1))[:, 0]
        mean: Tensor = sums / weights.sum(dim=1, keepdim=True)
        return mean


class Voice(nn.Module):
    """Three LSTMs over mel bands; the last state of each, and the voice that is made of the third.

    As Resemblyzer embeds an utterance, but that silence within it stays.

    Args:
        num_classes: Ignored.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.power = MelPower(BANDS, WINDOW, HOP, RATE)
        self.lstm = nn.LSTM(BANDS, UNITS, LAYERS, batch_first=True)
        self.linear = nn.Linear(UNITS, UNITS)
        self.similarity_weight = nn.Parameter(torch.ones(1))  # of the loss it was trained with; in the file
        self.similarity_bias = nn.Parameter(torch.zeros(1))
        self.state1, self.state2, self.state3, self.voice = (OverParts() for _ in range(LAYERS + 1))

    def forward(self, signals: Tensor) -> Tensor:
        """Maps N×1×1×T to N×256 of length one."""
        waves = without_shared_padding(signals.flatten(1))
        parts, filled = self._parts(waves)
        _, (states, _) = self.lstm(parts.flatten(0, 1))
        for average, state in zip((self.state1, self.state2, self.state3), states, strict=True):
            average(state, filled)
        voices = nn.functional.normalize(self.linear(states[-1]).relu())
        mean: Tensor = self.voice(voices, filled)
        return nn.functional.normalize(mean)

    def _parts(self, waves: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the parts of each recording, N×P×160×40, and which of them sound fills, N×P."""
        long = lengths(waves)
        rms = ((waves**2).sum(dim=1) / long.clamp(min=1)).sqrt()
        louder = (LOUDNESS / rms.clamp(min=1e-9)).clamp(min=1)
        count = 1 + max(0, -(-(waves.shape[1] - round(COVERED * FRAMES * HOP)) // (EVERY * HOP)))
        wanted = ((count - 1) * EVERY + FRAMES) * HOP
        whole = nn.functional.pad(waves * louder[:, None], (0, max(0, wanted - waves.shape[1])))
        parts = self.power(whole).unfold(1, FRAMES, EVERY)[:, :count].transpose(2, 3)
        starts = EVERY * HOP * torch.arange(count, device=waves.device)
        filled = long[:, None] - starts >= COVERED * FRAMES * HOP
        return parts, filled | (starts == 0)
