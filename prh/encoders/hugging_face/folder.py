"""The folder that holds a model's files: a person's own, or what was downloaded from the Hugging Face hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from prh.encoders.hugging_face.modality import Modality
from prh.errors import ConfigError, Unavailable
from prh.ground.downloads import TIMEOUT_S, announce, hub_cache, impatient_network, size_on_hub
from prh.ground.files import expanded
from prh.ground.progress import Reporter

DESCRIBING = ["config.json", "preprocessor_config.json", "processor_config.json"]
"""What says how a network is built and what it expects to see: a few kilobytes."""
WEIGHTS = ["model*.safetensors", "model*.safetensors.index.json"]
PICKLED = ["pytorch_model*.bin", "pytorch_model*.bin.index.json"]
"""The same in a format that is read only where there is no safetensors file."""


def described(name: str, key: str, modality: Modality) -> Path:
    """Returns a folder with a model's description; its weights may be elsewhere.

    Args:
        name: A folder, or a name on the hub such as ``facebook/dinov2-small``.
        key: The config node of the model.
        modality: What it is to take.

    Raises:
        ConfigError: There is no such model, or nothing describes it.
        Unavailable: It is not on this machine, and the hub does not answer.
    """
    folder = _own(name) or _fetched(name, key, modality, DESCRIBING, needed="config.json")
    if not (folder / "config.json").is_file():
        raise ConfigError(f"{key}.name", f"{folder} has no config.json", modality.remedy)
    return folder


def with_weights(name: str, key: str, modality: Modality, report: Reporter) -> tuple[Path, list[Path]]:
    """Returns a model's folder and the files of its parameters, which are downloaded if they must be.

    Raises:
        ConfigError: There are none.
        Unavailable: They are not on this machine, and the hub does not answer.
    """
    own = _own(name)
    if own is None and not _weights_in(folder := described(name, key, modality)):
        if (size := size_on_hub(name, WEIGHTS, PICKLED)) is not None:
            announce(report, name, size, hub_cache(), modality.instead)
        with report.progress(f"Downloading {name}", 0, ""):
            folder = _fetched(name, key, modality, [*DESCRIBING, *WEIGHTS], needed="*.safetensors")
            if not _weights_in(folder):
                folder = _fetched(name, key, modality, [*DESCRIBING, *PICKLED], needed="*.bin")
    elif own is not None:
        folder = own
    if not (files := _weights_in(folder)):
        problem = f"{folder if own else name} has no model.safetensors or pytorch_model.bin"
        raise ConfigError(f"{key}.name", problem, modality.remedy)
    return folder, files


def _own(name: str) -> Path | None:
    folder = expanded(name)
    return folder.absolute() if folder.is_dir() else None


def _weights_in(folder: Path) -> list[Path]:
    """Returns the files of parameters: one, or all parts of it, safetensors where there are any."""
    for patterns in (WEIGHTS, PICKLED):
        files = sorted(file for pattern in patterns for file in folder.glob(pattern))
        if any(file.suffix != ".json" for file in files):
            return files
    return []


def _fetched(name: str, key: str, modality: Modality, patterns: Sequence[str], needed: str) -> Path:
    """Returns the hub's folder with files of the patterns, asking the hub where ``needed`` is not here."""
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    try:
        folder = Path(snapshot_download(name, allow_patterns=list(patterns), local_files_only=True))
        if any(folder.glob(needed)):
            return folder
    except (OSError, ValueError):
        pass
    try:
        # Asked first, since a download would be tried again and again, for up to a minute.
        with impatient_network():
            HfApi().model_info(name, timeout=TIMEOUT_S)
            return Path(snapshot_download(name, allow_patterns=list(patterns), etag_timeout=TIMEOUT_S))
    except HFValidationError as error:
        raise ConfigError(f"{key}.name", f"there is no folder {name}", modality.remedy) from error
    except (RepositoryNotFoundError, GatedRepoError) as error:
        problem = f"{name} is no folder here, and on the hub there is none, or not for everyone"
        raise ConfigError(f"{key}.name", problem, modality.remedy) from error
    except Exception as error:  # the hub's client raises errors of several libraries, all meaning the same
        raise Unavailable(
            f"{key}.name",
            f"{name} is no folder here, and cannot be had from the Hugging Face hub ({type(error).__name__})",
            "Download its files elsewhere and give their folder, or use one that needs no download: "
            + modality.instead,
        ) from error
