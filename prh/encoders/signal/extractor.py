"""What a feature extractor of transformers does to recordings, as a preprocessing."""

from __future__ import annotations

from typing import Any

import torch
from pydantic.dataclasses import dataclass

from prh.encoders.network.preprocess import AsRecorded
from prh.encoders.signal.mel import lengths
from prh.ground.values import SETTINGS

RATE = 16_000
"""Samples per second that recordings of speech have."""
SMALLEST = 1e-7
"""Added to a variance, as the makers of these networks do."""


@dataclass(frozen=True, config=SETTINGS)
class AsHeard(AsRecorded):
    """Signals, N×1×1×T, each brought to mean 0 and variance 1 over its samples before the padding.

    Attributes:
        standardised: Whether that is done; else they stay as they were recorded.
    """

    standardised: bool = True

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Returns the signals, padded with zeros as before."""
        signals = images.float()
        if not self.standardised:
            return signals
        waves = signals.flatten(1)
        long = lengths(waves)[:, None]
        heard = torch.arange(waves.shape[1], device=waves.device) < long
        mean = waves.sum(dim=1, keepdim=True) / long.clamp(min=1)
        centred = (waves - mean) * heard
        variance = (centred**2).sum(dim=1, keepdim=True) / long.clamp(min=1)
        return (centred / (variance + SMALLEST).sqrt()).view(signals.shape)


def of_extractor(extractor: Any) -> AsHeard:
    """Returns the same preprocessing as a feature extractor of transformers.

    Raises:
        ValueError: It does more to recordings.
    """
    from transformers import Wav2Vec2FeatureExtractor

    if type(extractor) is not Wav2Vec2FeatureExtractor or extractor.feature_size != 1:
        raise ValueError(f"its {type(extractor).__name__} makes something else of waveforms")
    return AsHeard(standardised=bool(extractor.do_normalize))
