"""What every text encoder can do, whoever made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from prh.encoders.encoder import Encoder
from prh.encoders.text.tokens import TokenPool

SENTENCE = "embedding"
"""The layer that every text encoder has: the embedding it was trained to give."""
Embeddings = dict[str, NDArray[np.float32]]
BATCH = 64
"""Sentences that are encoded at a time."""


class TextEncoder(Encoder, Protocol):
    """A text model whose weights are at hand."""

    @property
    def layers(self) -> list[str]:
        """All its layers, shallow to deep; the last is :data:`SENTENCE`."""

    def encode(
        self, sentences: Sequence[str], layers: Sequence[str], pool: TokenPool
    ) -> Iterator[Embeddings]:
        """Yields, for some sentences after another, one row per sentence of each layer."""
