"""Text encoders: sentence-transformers models, found in an installed package, a folder or on the hub."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass as plain_dataclass
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from prh.config import SETTINGS
from prh.encoders.resources import Resources
from prh.errors import ConfigError
from prh.files import expanded, identity, package_folder, package_source, sha256_of
from prh.network import impatient_network
from prh.values import PathText

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

SENTENCE = "embedding"
"""The layer that every text encoder has: the embedding it was trained to give."""
TokenPool = Literal["avg", "cls", "last"]
Embeddings = dict[str, NDArray[np.float32]]
BATCH = 64
OTHERS = ["onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot", "*.tflite"]
"""The same weights in the formats of other runtimes, which would double or triple a download."""
PICKLED = ["pytorch_model*.bin"]
"""Once more, in a format that is needed only where there is no safetensors file."""
DETERMINING = {".json", ".txt", ".model", ".py"}
"""Files beside the weights that embeddings depend on: settings, vocabularies, code."""


class TextEncoder(Protocol):
    """A text model whose weights are at hand."""

    @property
    def label(self) -> str:
        """What tables and figures call it."""

    @property
    def source(self) -> str:
        """Where its weights came from, for the record."""

    @property
    def sha256(self) -> str:
        """Of the weights."""

    @property
    def fingerprint(self) -> str:
        """Identifies all that its embeddings depend on but the sentences, the layer and the pooling."""

    @property
    def layers(self) -> list[str]:
        """All its layers, shallow to deep; the last is :data:`SENTENCE`."""

    def encode(
        self, sentences: Sequence[str], layers: Sequence[str], pool: TokenPool
    ) -> Iterator[Embeddings]:
        """Yields, for some sentences after another, one row per sentence of each layer."""


@dataclass(frozen=True, config=SETTINGS)
class SentenceModel:
    """A sentence-transformers model by name or folder.

    Attributes:
        name: A hub name such as ``sentence-transformers/all-MiniLM-L6-v2``, or a local folder.
        packages: For hub names whose files an installed package carries: ``package/folder`` of it.
    """

    name: PathText
    packages: dict[str, PathText] = field(default_factory=dict)

    def resolve(self, resources: Resources) -> SentenceEncoder:
        """Finds the model's files, downloading them if they are nowhere on this machine.

        Raises:
            ConfigError: The model is not to be had.
        """
        package, _, subfolder = self.packages.get(self.name, "").partition("/")
        if package and (root := package_folder(package)) is not None:
            return SentenceEncoder(self.name, root / subfolder, package_source(package), resources.device)
        if (folder := expanded(self.name)).is_dir():
            return SentenceEncoder(self.name, folder.absolute(), f"file:{folder.name}", resources.device)
        return SentenceEncoder(self.name, self._from_hub(resources), f"hub:{self.name}", resources.device)

    def _from_hub(self, resources: Resources) -> Path:
        from huggingface_hub import snapshot_download
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()

        def fetch(**options: Any) -> Path:
            folder = Path(snapshot_download(self.name, ignore_patterns=[*OTHERS, *PICKLED], **options))
            if any(folder.rglob("*.safetensors")):
                return folder
            return Path(snapshot_download(self.name, ignore_patterns=OTHERS, **options))

        try:
            return fetch(local_files_only=True)
        except (OSError, ValueError):
            pass
        try:
            with resources.report.progress(f"Downloading {self.name}", 0, ""), impatient_network():
                return fetch()
        except Exception as error:  # the hub client raises errors of several libraries, all meaning the same
            known = ", ".join(self.packages) or "text=minilm"
            raise ConfigError(
                "text.name",
                f"{self.name} is no folder here, is in no installed package, and cannot be had from the hub "
                f"({type(error).__name__})",
                f"Give the folder of a sentence-transformers model, or one that needs no download: {known}",
            ) from error


@dataclass(frozen=True, config=SETTINGS)
class Wordless:
    """No text encoder: for stimuli that nobody has described."""

    def resolve(self, resources: Resources) -> None:
        """Finds nothing."""


@plain_dataclass(frozen=True)
class SentenceEncoder:
    """A sentence-transformers model whose files are at hand.

    Attributes:
        name: As the config names it.
        folder: The model's files.
        source: Where they came from, for the record.
        device: Where it runs.
    """

    name: str
    folder: Path
    source: str
    device: str

    @property
    def label(self) -> str:
        """The last part of the name: what tables and figures call it."""
        return self.name.rstrip("/").split("/")[-1]

    @property
    def sha256(self) -> str:
        """The SHA-256 of the weights, or of their list where they are in several files."""
        files = sorted(self.folder.rglob("*.safetensors")) or sorted(self.folder.rglob("*.bin"))
        if not files:
            raise ConfigError("text.name", f"{self.folder} holds no *.safetensors or *.bin weights")
        hashes = [sha256_of(file) for file in files]
        return hashes[0] if len(hashes) == 1 else identity(*hashes)

    @property
    def fingerprint(self) -> str:
        """Identifies all that its embeddings depend on but the sentences: weights, tokenizer, pooling."""
        files = [file for file in sorted(self.folder.rglob("*")) if file.suffix in DETERMINING]
        return identity(self.sha256, [sha256_of(file) for file in files])

    @cached_property
    def layers(self) -> list[str]:
        """``tokens``, ``block1`` … for a transformer, and ``embedding``."""
        blocks = 0
        for path in (self.folder / "config.json", self.folder / "0_Transformer" / "config.json"):
            if path.exists():
                blocks = int(json.loads(path.read_text()).get("num_hidden_layers", 0))
        inside = ["tokens", *(f"block{number + 1}" for number in range(blocks))] if blocks else []
        return [*inside, SENTENCE]

    def encode(
        self, sentences: Sequence[str], layers: Sequence[str], pool: TokenPool
    ) -> Iterator[Embeddings]:
        """Yields embeddings batch by batch; the transformer's own layers in a pass of their own."""
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        model = SentenceTransformer(str(self.folder), device=self.device, local_files_only=True)
        for start in range(0, len(sentences), BATCH):
            batch = list(sentences[start : start + BATCH])
            found: Embeddings = {}
            if set(layers) != {SENTENCE}:
                found = _hidden(model, batch, self.layers[:-1], pool)
            found[SENTENCE] = model.encode(batch, show_progress_bar=False, convert_to_numpy=True)
            yield {name: found[name] for name in layers}


def _hidden(
    model: SentenceTransformer, batch: list[str], names: Sequence[str], pool: TokenPool
) -> Embeddings:
    """Returns what the transformer inside the model holds after each block, one vector per sentence."""
    import torch

    inputs = model.tokenizer(
        batch, padding=True, truncation=True, max_length=model.max_seq_length, return_tensors="pt"
    ).to(model.device)
    transformer: Any = model[0].auto_model
    with torch.inference_mode():
        states = transformer(**inputs, output_hidden_states=True).hidden_states
    mask = inputs["attention_mask"].unsqueeze(-1)
    return {
        name: pool_tokens(state, mask, pool).float().cpu().numpy()
        for name, state in zip(names, states, strict=True)
    }


def pool_tokens(state: torch.Tensor, mask: torch.Tensor, pool: TokenPool) -> torch.Tensor:
    """Reduces N×T×D to N×D, leaving out padding."""
    import torch

    if pool == "cls":
        return state[:, 0]
    if pool == "last":
        # The last token that is no padding, on whichever side the padding is.
        last = mask.shape[1] - 1 - mask.squeeze(-1).flip(1).argmax(dim=1)
        return state[torch.arange(len(state)), last]
    return (state * mask).sum(dim=1) / mask.sum(dim=1)
