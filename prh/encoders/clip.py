"""CLIP (Radford et al. 2021) through open_clip: two towers, trained together, each with its layers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass as plain_dataclass
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from prh.encoders.hub import clip_checkpoint
from prh.encoders.parameters import read_state
from prh.encoders.resources import Resources
from prh.encoders.text import (
    BATCH,
    SENTENCE,
    Embeddings,
    IfUnavailable,
    SentenceEncoder,
    packaged_instead,
)
from prh.encoders.tokens import TokenPool, pool_tokens
from prh.errors import ConfigError, Unavailable
from prh.extras import library
from prh.values import SETTINGS, Name, PathText


class Embedding(nn.Identity):
    """Gives the projected embedding, which is no module's output in open_clip, a name to hook.

    A type of its own, since plain identities are not counted among a network's layers.
    """


class ImageTower(nn.Module):
    """The image tower alone.

    Args:
        visual: Of an open_clip model.
    """

    def __init__(self, visual: nn.Module) -> None:
        super().__init__()
        self.visual = visual
        self.embedding = Embedding()

    def forward(self, images: Tensor) -> Tensor:
        """Returns N×D embeddings."""
        embeddings: Tensor = self.embedding(self.visual(images))
        return embeddings

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Loads the image tower's part of a checkpoint of both."""
        own = {name: value for name, value in state_dict.items() if name.startswith("visual.")}
        return super().load_state_dict(own, strict, assign)


def image_tower(architecture: str, num_classes: int) -> ImageTower:
    """Builds an untrained image tower; ``num_classes``, which every network takes, means nothing here.

    Raises:
        ConfigError: open_clip is not installed.
        ValueError: It has no such architecture.
    """
    return ImageTower(_untrained(architecture, "model").visual)


def image_classifier(architecture: str, num_classes: int) -> nn.Module:
    """Builds an untrained image tower under a linear classifier, for want of CLIP's own weights.

    Raises:
        ConfigError: open_clip is not installed.
        ValueError: It has no such architecture.
    """
    tower = _untrained(architecture, "model").visual
    size = library("open_clip", "clip", "model").get_model_config(architecture)["embed_dim"]
    return nn.Sequential(OrderedDict(visual=tower, head=nn.Linear(size, num_classes)))


def _untrained(architecture: str, key: str) -> Any:
    import logging

    import torch

    open_clip = library("open_clip", "clip", key)
    if architecture not in open_clip.list_models():
        raise ValueError(f"open_clip has no {architecture}; it has {', '.join(open_clip.list_models())}")
    logging.disable(logging.WARNING)  # that it is initialised at random, which is what is wanted
    try:
        return open_clip.create_model(architecture, device=torch.get_default_device())
    finally:
        logging.disable(logging.NOTSET)


def _outline(architecture: str) -> Any:
    import torch

    with torch.device("meta"):
        return _untrained(architecture, "text")


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

        model = _untrained(self.architecture, "text")
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
