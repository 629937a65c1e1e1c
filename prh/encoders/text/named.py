"""A text model by name or folder: found in an installed package, on this machine or on the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from prh.encoders.resources import Resources
from prh.encoders.text.files import VOCABULARIES, Dtype, TextFiles, last_part
from prh.encoders.text.sentence import SentenceEncoder
from prh.encoders.text.transformer import TransformerEncoder
from prh.errors import ConfigError, Unavailable
from prh.ground.downloads import announce, hub_cache, impatient_network, size_on_hub
from prh.ground.files import expanded, package_folder, package_source
from prh.ground.values import SETTINGS, PathText

IfUnavailable = Literal["packaged", "error"]
"""Where a model can't be had, one that an installed package carries takes its place, or the run stops."""
OTHERS = ["onnx/*", "openvino/*", "original/*", "coreml/*", "*.h5", "*.msgpack", "*.ot", "*.tflite", "*.gguf"]
"""The same weights in the formats of other runtimes, which would double or triple a download."""
PICKLED = ["pytorch_model*.bin", "*.pth", "consolidated*"]
"""Once more, in formats that are needed only where there is no safetensors file."""
SENTENCE_TRANSFORMERS = "modules.json"
"""What tells a model of sentence-transformers' from any other."""


@dataclass(frozen=True, config=SETTINGS)
class SentenceModel:
    """A model of sentence-transformers' or any text model of transformers', by name or folder.

    Attributes:
        name: A hub name such as ``sentence-transformers/all-MiniLM-L6-v2`` or ``openai-community/gpt2``, or a
            local folder.
        packages: For hub names whose files an installed package carries: ``package/folder`` of it.
        if_unavailable: What is done if the hub does not answer.
        dtype: Of the parameters while it runs; ``auto`` is bf16 on an accelerator for a model that is kept
            in half precision, else fp32.
        special_tokens: Whether averages over tokens take in those that stand for no text, such as ``[CLS]``.
    """

    name: PathText
    packages: dict[str, PathText] = field(default_factory=dict)
    if_unavailable: IfUnavailable = "error"
    dtype: Dtype = "auto"
    special_tokens: bool = True

    def resolve(self, resources: Resources) -> TextFiles:
        """Finds the model's files, downloading them if they are nowhere on this machine.

        Raises:
            ConfigError: The model is not to be had, or is none that reads text.
        """
        options: Any = {"dtype": self.dtype, "special_tokens": self.special_tokens}
        if (packaged := packaged_model(self.name, self.packages, resources)) is not None:
            return replace(packaged, **options)
        if (folder := expanded(self.name)).is_dir():
            return encoder_in(folder.absolute(), self.name, f"file:{folder.name}", resources, **options)
        try:
            files = from_hub(self.name, self.packages, resources)
        except Unavailable as missing:
            substitute = last_part(self.name)
            return packaged_instead(self.if_unavailable, missing, substitute, self.packages, resources)
        return encoder_in(files, self.name, f"hub:{self.name}", resources, **options)


def encoder_in(folder: Path, name: str, source: str, resources: Resources, **options: Any) -> TextFiles:
    """Returns what reads with the model in a folder.

    Raises:
        ConfigError: It holds none that reads text.
    """
    if (folder / SENTENCE_TRANSFORMERS).exists():
        return SentenceEncoder(name, folder, source, resources.device, **options)
    found = TransformerEncoder(name, folder, source, resources.device, **options)
    remedy = "Give the folder of a text model with its tokenizer, as save_pretrained leaves it"
    if found.transformer is None:
        raise ConfigError("text.name", f"{folder} has no config.json that names its model_type", remedy)
    if not any(any(found.transformer.glob(pattern)) for pattern in VOCABULARIES):
        raise ConfigError("text.name", f"{folder} has no tokenizer, so it reads no text", remedy)
    return found


def from_hub(name: str, packages: Mapping[str, str], resources: Resources) -> Path:
    """Returns the folder of a hub model's files, downloaded unless they are here already.

    Raises:
        Unavailable: The hub does not answer.
        ConfigError: It has no such model, or not for everyone.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()

    def fetch(**options: Any) -> Path:
        folder = Path(snapshot_download(name, ignore_patterns=[*OTHERS, *PICKLED], **options))
        if any(folder.rglob("*.safetensors")):
            return folder
        return Path(snapshot_download(name, ignore_patterns=OTHERS, **options))

    try:
        return fetch(local_files_only=True)
    except (OSError, ValueError):
        pass
    size = size_on_hub(name, ["*"], without=[*OTHERS, *PICKLED])
    if size is not None:
        announce(resources.report, name, size, hub_cache(), "text=minilm")
    try:
        with resources.report.progress(f"Downloading {name}", 0, ""), impatient_network():
            return fetch()
    except Exception as error:  # the hub client raises errors of several libraries, all meaning the same
        known = ", ".join(packages) or "text=minilm"
        refused = isinstance(error, ValueError | HfHubHTTPError)  # no such name, or not for everyone
        raise (ConfigError if refused else Unavailable)(
            "text.name",
            f"{name} is no folder here, is in no installed package, and cannot be had from the hub "
            f"({type(error).__name__})",
            f"Give the folder of a model of transformers' or sentence-transformers', or one that needs no "
            f"download: {known}",
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
