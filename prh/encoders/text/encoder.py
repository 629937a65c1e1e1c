"""What every text encoder can do, whoever made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from prh.encoders.encoder import Encoder
from prh.encoders.text.tokens import TokenPool

SENTENCE = "embedding"
"""The last layer of a sentence encoder: the embedding it was trained to give."""
Embeddings = dict[str, NDArray[np.float32]]
BATCH = 64
"""Sentences that are encoded at a time."""
SPECIAL = 8
"""More tokens than any tokenizer adds to a sentence."""


class TextEncoder(Encoder, Protocol):
    """A text model whose weights are at hand.

    One that reads so many tokens of a sentence and no more says so by ``limit``, and counts them with
    ``lengths(sentences)``; one of whose tokens not all poolings say something has ``pools``.
    """

    @property
    def layers(self) -> list[str]:
        """All its layers, shallow to deep; the last of a sentence encoder is :data:`SENTENCE`."""

    def encode(
        self, sentences: Sequence[str], layers: Sequence[str], pool: TokenPool
    ) -> Iterator[Embeddings]:
        """Yields, for some sentences after another, one row per sentence of each layer."""


def count_cut(encoder: TextEncoder, sentences: Sequence[str]) -> int:
    """Returns how many sentences have more tokens than the encoder reads of one.

    A token is a byte at least, so that the tokenizer is only loaded where there are long sentences.
    """
    limit = limit_of(encoder)
    if limit is None:
        return 0
    long = [sentence for sentence in sentences if len(sentence.encode()) + SPECIAL > limit]
    counted: Any = encoder
    return sum(length > limit for length in counted.lengths(long)) if long else 0


def limit_of(encoder: TextEncoder) -> int | None:
    """Returns how many tokens it reads of a sentence, special ones included; None for any number."""
    limit: int | None = getattr(encoder, "limit", None)
    return limit


def pools_of(encoder: TextEncoder) -> tuple[TokenPool, ...]:
    """Returns the poolings of its tokens that say something."""
    pools: tuple[TokenPool, ...] = getattr(encoder, "pools", get_args(TokenPool))
    return pools
