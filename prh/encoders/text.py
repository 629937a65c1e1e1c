"""Text encoders: sentence-transformers models, found in an installed package, a folder or on the hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass as plain_dataclass
from dataclasses import field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator
from pydantic.dataclasses import dataclass

from prh.config import SETTINGS
from prh.encoders.resources import Resources
from prh.encoders.weights import package_folder, package_source
from prh.errors import ConfigError
from prh.files import identity, sha256_of
from prh.network import impatient_network


@dataclass(frozen=True, config=SETTINGS)
class SentenceModel:
    """A sentence-transformers model by name or folder, and the sentence each class is put into.

    Attributes:
        name: A hub name such as ``sentence-transformers/all-MiniLM-L6-v2``, or a local folder.
        prompt: A template with one ``{}`` for the class name.
        packages: For hub names whose files an installed package carries: ``package/folder`` of it.
    """

    name: str
    prompt: str = "{}"
    packages: dict[str, str] = field(default_factory=dict)

    @field_validator("prompt")
    @classmethod
    def _one_place_for_the_name(cls, prompt: str) -> str:
        if prompt.count("{}") != 1:
            raise ValueError(
                f"the prompt {prompt!r} needs exactly one {{}} for the class name, as in 'a photo of a {{}}'"
            )
        return prompt

    def prompts(self, class_names: Sequence[str]) -> list[str]:
        """Returns one sentence per class."""
        return [self.prompt.replace("{}", name) for name in class_names]

    def resolve(self, resources: Resources) -> TextEncoder:
        """Finds the model's files, downloading them if they are nowhere on this machine.

        Raises:
            ConfigError: The model is not to be had.
        """
        package, _, subfolder = self.packages.get(self.name, "").partition("/")
        if package and (root := package_folder(package)) is not None:
            return TextEncoder(self.name, root / subfolder, package_source(package), resources.device)
        if (folder := Path(self.name).expanduser()).is_dir():
            return TextEncoder(self.name, folder.absolute(), f"file:{folder.name}", resources.device)
        return TextEncoder(self.name, self._from_hub(resources), f"hub:{self.name}", resources.device)

    def _from_hub(self, resources: Resources) -> Path:
        from huggingface_hub import snapshot_download
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()
        # The same weights in the formats of other runtimes, which would double or triple the download.
        others = ["onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot", "*.tflite", "*.bin"]
        try:
            return Path(snapshot_download(self.name, local_files_only=True, ignore_patterns=others))
        except (OSError, ValueError):
            pass
        try:
            with resources.report.progress(f"Downloading {self.name}", 0, ""), impatient_network():
                return Path(snapshot_download(self.name, ignore_patterns=others))
        except Exception as error:  # the hub client raises errors of several libraries, all meaning the same
            known = ", ".join(self.packages) or "none"
            raise ConfigError(
                "text.name",
                f"{self.name} is no folder here, is in no installed package, and cannot be had from the hub "
                f"({type(error).__name__})",
                f"Give the folder of a sentence-transformers model, or one that works offline: {known}",
            ) from error


@plain_dataclass(frozen=True)
class TextEncoder:
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
        hashes = [sha256_of(file) for file in sorted(self.folder.rglob("*.safetensors"))]
        if not hashes:
            raise ConfigError("text.name", f"{self.folder} holds no *.safetensors weights")
        return hashes[0] if len(hashes) == 1 else identity(*hashes)

    @property
    def fingerprint(self) -> str:
        """Identifies all that its embeddings depend on but the sentences: weights, tokenizer, pooling."""
        return identity(self.sha256, [sha256_of(file) for file in sorted(self.folder.rglob("*.json"))])

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Returns one embedding per sentence, N×D."""
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        model = SentenceTransformer(str(self.folder), device=self.device, local_files_only=True)
        embeddings: NDArray[np.float32] = model.encode(
            list(sentences), show_progress_bar=False, convert_to_numpy=True
        )
        return embeddings
