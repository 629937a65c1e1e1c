"""Any text model of transformers': encoders, decoders, and the half that reads of those that have both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from prh.encoders.text.encoder import BATCH, Embeddings
from prh.encoders.text.files import TextFiles, unreadable
from prh.encoders.text.tokens import TokenPool, hidden_states
from prh.errors import ConfigError


@dataclass(frozen=True)
class TransformerEncoder(TextFiles):
    """A model that gives a vector for each token and none for a sentence: tokens are pooled."""

    @property
    def layers(self) -> list[str]:
        """``tokens``, ``block1`` …: what it holds before its first block, and after each."""
        return self.blocks

    def encode(
        self, sentences: Sequence[str], layers: Sequence[str], pool: TokenPool
    ) -> Iterator[Embeddings]:
        """Yields pooled hidden states, batch by batch.

        Raises:
            ConfigError: transformers cannot make a model of the files.
        """
        tokenizer, model = self.tokenizer(), self.load()
        for start in range(0, len(sentences), BATCH):
            batch = list(sentences[start : start + BATCH])
            found = hidden_states(model, tokenizer, batch, self.blocks, pool, self.limit, self.special_tokens)
            yield {name: found[name] for name in layers}

    def load(self) -> Any:
        """Returns the model with its weights, ready to read.

        Raises:
            ConfigError: transformers cannot make one of the files.
        """
        import torch
        from transformers import AutoModel
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            model: Any = AutoModel.from_pretrained(
                str(self.transformer),
                local_files_only=True,
                dtype=torch.bfloat16 if self.half else torch.float32,
            )
        except Exception as error:  # files of any kind make readers fail in any way there is
            raise unreadable(self.folder, "model", error) from error
        if getattr(model.config, "is_encoder_decoder", False):
            model = model.get_encoder()
        if (found := getattr(model.config, "num_hidden_layers", None)) not in (None, len(self.blocks) - 1):
            raise ConfigError("text.name", f"{self.label} has {found} layers, and its config says otherwise")
        return model.eval().requires_grad_(False).to(self.device)
