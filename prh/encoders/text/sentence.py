"""Sentence-transformers models, found in an installed package, a folder or on the hub."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass as plain_dataclass
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from prh.encoders.resources import Resources
from prh.encoders.text.encoder import BATCH, SENTENCE, Embeddings
from prh.encoders.text.tokens import TokenPool, hidden_states
from prh.encoders.weights.files import named
from prh.errors import ConfigError, Unavailable
from prh.ground.downloads import impatient_network
from prh.ground.files import expanded, identity, package_folder, package_source, sha256_of
from prh.ground.values import SETTINGS, PathText

IfUnavailable = Literal["packaged", "error"]
"""Where a model can't be had, one that an installed package carries takes its place, or the run stops."""
OTHERS = ["onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot", "*.tflite"]
"""The same weights in the formats of other runtimes, which would double or triple a download."""
PICKLED = ["pytorch_model*.bin"]
"""Once more, in a format that is needed only where there is no safetensors file."""
DETERMINING = {".json", ".txt", ".model", ".py"}
"""Files beside the weights that embeddings depend on: settings, vocabularies, code."""


@dataclass(frozen=True, config=SETTINGS)
class SentenceModel:
    """A sentence-transformers model by name or folder.

    Attributes:
        name: A hub name such as ``sentence-transformers/all-MiniLM-L6-v2``, or a local folder.
        packages: For hub names whose files an installed package carries: ``package/folder`` of it.
        if_unavailable: What is done if the hub does not answer.
    """

    name: PathText
    packages: dict[str, PathText] = field(default_factory=dict)
    if_unavailable: IfUnavailable = "error"

    def resolve(self, resources: Resources) -> SentenceEncoder:
        """Finds the model's files, downloading them if they are nowhere on this machine.

        Raises:
            ConfigError: The model is not to be had.
        """
        if (packaged := packaged_model(self.name, self.packages, resources)) is not None:
            return packaged
        if (folder := expanded(self.name)).is_dir():
            return SentenceEncoder(self.name, folder.absolute(), f"file:{folder.name}", resources.device)
        try:
            files = self._from_hub(resources)
        except Unavailable as missing:
            return packaged_instead(
                self.if_unavailable, missing, _last_part(self.name), self.packages, resources
            )
        return SentenceEncoder(self.name, files, f"hub:{self.name}", resources.device)

    def _from_hub(self, resources: Resources) -> Path:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError
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
            refused = isinstance(error, ValueError | HfHubHTTPError)  # no such name, or not for everyone
            raise (ConfigError if refused else Unavailable)(
                "text.name",
                f"{self.name} is no folder here, is in no installed package, and cannot be had from the hub "
                f"({type(error).__name__})",
                f"Give the folder of a sentence-transformers model, or one that needs no download: {known}",
            ) from error


def packaged_model(name: str, packages: Mapping[str, str], resources: Resources) -> SentenceEncoder | None:
    """Returns the model of this name if an installed package carries it."""
    package, _, subfolder = packages.get(name, "").partition("/")
    if not package or (root := package_folder(package)) is None:
        return None
    return SentenceEncoder(name, root / subfolder, package_source(package), resources.device)


def packaged_instead(
    choice: IfUnavailable, missing: Unavailable, asked: str, packages: Mapping[str, str], resources: Resources
) -> SentenceEncoder:
    """Takes a model that a package carries in place of one that can't be had, and says so.

    Args:
        choice: What the config asks for in that case.
        missing: Says why it can't be had.
        asked: What it is called.
        packages: The models that packages carry, the first that is installed is taken.
        resources: Told of it.

    Raises:
        Unavailable: It is not asked for, or no such package is installed.
    """
    models = (packaged_model(name, packages, resources) for name in packages)
    found = next((model for model in models if model is not None), None)
    if choice == "error" or found is None:
        raise missing
    instead = replace(found, instead_of=asked)
    resources.report.warn(
        f"{missing.problem}; using a model that a package carries instead, called {instead.label}. "
        "text.if_unavailable=error stops instead"
    )
    return instead


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
        instead_of: What was asked for, where that could not be had.
    """

    name: str
    folder: Path
    source: str
    device: str
    instead_of: str = ""

    @property
    def substitute(self) -> str:
        """What this is in place of the model that was asked for; empty where it is that model."""
        return f"{_last_part(self.name)} instead" if self.instead_of else ""

    @property
    def label(self) -> str:
        """The last part of the name: what tables and figures call it; a substitute is called one."""
        return named(self.instead_of or _last_part(self.name), self.substitute)

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
                found = hidden_states(model, batch, self.layers[:-1], pool)
            found[SENTENCE] = model.encode(batch, show_progress_bar=False, convert_to_numpy=True)
            yield {name: found[name] for name in layers}


def _last_part(name: str) -> str:
    return name.rstrip("/").split("/")[-1]
