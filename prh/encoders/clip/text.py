"""The text tower of a CLIP model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass as plain_dataclass
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic.dataclasses import dataclass
from torch import Tensor

from prh.encoders.clip.towers import untrained
from prh.encoders.resources import Resources
from prh.encoders.text.encoder import BATCH, SENTENCE, Embeddings
from prh.encoders.text.named import IfUnavailable, packaged_instead
from prh.encoders.text.sentence import SentenceEncoder
from prh.encoders.text.tokens import TokenPool, pool_tokens
from prh.encoders.weights.files import read_state
from prh.encoders.weights.hub import clip_checkpoint
from prh.errors import ConfigError, Unavailable
from prh.ground.values import SETTINGS, Name, PathText


def _outline(architecture: str) -> Any:
    import torch

    with torch.device("meta"):
        return untrained(architecture, "text")


@dataclass(frozen=True, config=SETTINGS)
class ClipText:
    """The text tower of a CLIP model.

    Attributes:
        architecture: Of open_clip's, e.g. ``ViT-B-32``.
        tag: Of pretrained weights.
        path: A local checkpoint of both towers in their place.
        if_unavailable: What is done if they can't be had.
        packages: Sentence models that an installed package carries: ``package/folder`` of it by name.
    """

    architecture: Name
    tag: Name
    path: PathText | None = None
    if_unavailable: IfUnavailable = "error"
    packages: dict[str, PathText] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As tables and figures call it."""
        return f"clip text ({self.architecture})"

    def resolve(self, resources: Resources) -> ClipTextEncoder | SentenceEncoder:
        """Finds or downloads the weights.

        Raises:
            ConfigError: They cannot be had, or open_clip is not installed.
        """
        try:
            _outline(self.architecture)
        except ValueError as error:
            raise ConfigError("text.architecture", str(error)) from error
        try:
            file, source = clip_checkpoint(self.architecture, self.tag, self.path, "text", resources)
        except Unavailable as missing:
            return packaged_instead(self.if_unavailable, missing, self.name, self.packages, resources)
        return ClipTextEncoder(self.name, self.architecture, file.path, file.sha256, source, resources.device)


@plain_dataclass(frozen=True)
class ClipTextEncoder:
    """A text tower whose weights are at hand.

    Attributes:
        label: What tables and figures call it.
        architecture: Of open_clip's.
        path: Both towers' parameters.
        sha256: Of that file.
        source: Where they came from.
        device: Where it runs.
    """

    label: str
    architecture: str
    path: Path
    sha256: str
    source: str
    device: str

    pools: tuple[TokenPool, ...] = ("avg", "last")
    """The first token says that a sentence starts, and sees nothing of it."""

    @cached_property
    def limit(self) -> int:
        """How many tokens it reads of a sentence, those at both ends included."""
        import open_clip

        return int(open_clip.get_tokenizer(self.architecture).context_length)

    def lengths(self, sentences: Sequence[str]) -> list[int]:
        """Returns how many tokens sentences have, those at both ends included."""
        import open_clip

        tokenizer = open_clip.get_tokenizer(self.architecture)
        if hasattr(tokenizer, "tokenizer"):  # of transformers'
            return [len(ids) for ids in tokenizer.tokenizer(list(sentences))["input_ids"]]
        return [len(tokenizer.encode(sentence)) + 2 for sentence in sentences]

    @property
    def fingerprint(self) -> str:
        """The weights' hash; the tokenizer is the architecture's."""
        return self.sha256[:16]

    @cached_property
    def layers(self) -> list[str]:
        """``block1`` … of the text transformer, and ``embedding``."""
        blocks = _text_blocks(_outline(self.architecture))
        return [*(f"block{number + 1}" for number in range(len(blocks))), SENTENCE]

    def encode(
        self, sentences: Sequence[str], layers: Sequence[str], pool: TokenPool
    ) -> Iterator[Embeddings]:
        """Yields embeddings batch by batch, blocks and projection in one pass."""
        import open_clip
        import torch

        model = untrained(self.architecture, "text")
        model.load_state_dict(read_state(self.path, "text.path", self.sha256))
        model.eval().to(self.device)
        tokenize = open_clip.get_tokenizer(self.architecture)
        seen: dict[str, Tensor] = {}
        for number, block in enumerate(_text_blocks(model)):
            block.register_forward_hook(
                lambda module, inputs, output, name=f"block{number + 1}": seen.update({name: output})
            )
        for start in range(0, len(sentences), BATCH):
            tokens = tokenize(list(sentences[start : start + BATCH])).to(self.device)
            with torch.inference_mode():
                embedding = model.encode_text(tokens)
            # A sentence ends with the token of the highest number; zeros fill up the rest.
            mask = (
                torch.arange(tokens.shape[1], device=tokens.device) <= tokens.argmax(1, keepdim=True)
            ).long()
            found = {
                name: pool_tokens(seen[name], mask.unsqueeze(-1), pool) for name in layers if name != SENTENCE
            }
            found[SENTENCE] = embedding
            yield {name: found[name].float().cpu().numpy() for name in layers}


def _text_blocks(model: Any) -> Any:
    """Returns the blocks of the text transformer, which stands in one of two places."""
    return (model.text.transformer if hasattr(model, "text") else model.transformer).resblocks
