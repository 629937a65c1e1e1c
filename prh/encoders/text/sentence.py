"""Sentence-transformers models: an embedding of the sentence, and the transformer's own layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from prh.encoders.text.encoder import BATCH, SENTENCE, Embeddings
from prh.encoders.text.files import TextFiles, unreadable, with_padding
from prh.encoders.text.tokens import TokenPool, hidden_states


@dataclass(frozen=True)
class SentenceEncoder(TextFiles):
    """A sentence-transformers model whose files are at hand."""

    @property
    def layers(self) -> list[str]:
        """``tokens``, ``block1`` … for a transformer, and ``embedding``."""
        return [*self.blocks, SENTENCE]

    def encode(
        self, sentences: Sequence[str], layers: Sequence[str], pool: TokenPool
    ) -> Iterator[Embeddings]:
        """Yields embeddings batch by batch; the transformer's own layers in a pass of their own.

        Raises:
            ConfigError: sentence-transformers cannot make a model of the files.
        """
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        dtype = torch.bfloat16 if self.half else torch.float32
        options: Any = {"model_kwargs": {"dtype": dtype}} if self.blocks else {}
        try:
            model = SentenceTransformer(
                str(self.folder), device=self.device, local_files_only=True, **options
            )
        except Exception as error:  # files of any kind make readers fail in any way there is
            raise unreadable(self.folder, "model", error) from error
        for start in range(0, len(sentences), BATCH):
            batch = list(sentences[start : start + BATCH])
            found: Embeddings = {}
            if set(layers) != {SENTENCE}:
                inside: Any = model[0]
                own = inside.auto_model, with_padding(model.tokenizer)
                found = hidden_states(
                    *own, batch, self.blocks, pool, model.max_seq_length, self.special_tokens
                )
            found[SENTENCE] = model.encode(batch, show_progress_bar=False, convert_to_numpy=True)
            yield {name: found[name] for name in layers}
