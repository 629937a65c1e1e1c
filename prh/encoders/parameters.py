"""Files of parameters: read without running code from them, written whole, fitted to a network."""

from __future__ import annotations

from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prh.encoders.preprocess import Preprocess
from prh.encoders.resources import Resources
from prh.errors import ConfigError
from prh.files import identity, sha256_of, writable_folder, written_whole

if TYPE_CHECKING:
    import torch

    from prh.encoders.vision import VisionModel


@plain_dataclass(frozen=True)
class FoundWeights:
    """A file of parameters that is at hand.

    Attributes:
        path: The file, safetensors or a torch state dict.
        sha256: Of the file's content.
        source: For the record, e.g. ``fit:fashion_mnist`` or ``torchvision:IMAGENET1K_V1``.
        preprocess: What the network expects to see.
        num_classes: Outputs of the classifier in the file.
        test_accuracy: Share of held-out stimuli classified rightly, where the network was fitted here.
        imagenet_top1: Published accuracy of these very weights in percent, where there is one.
        substitute: What these weights are in place of those that were asked for and could not be had, e.g.
            ``fitted``; empty for those that were asked for.
    """

    path: Path
    sha256: str
    source: str
    preprocess: Preprocess
    num_classes: int
    test_accuracy: float | None = None
    imagenet_top1: float | None = None
    substitute: str = ""


def named(label: str, substitute: str) -> str:
    """Returns what an encoder is called whose weights may be a substitute."""
    return f"{label} ({substitute})" if substitute else label


def read_state(path: Path, key: str) -> dict[str, torch.Tensor]:
    """Reads a state dict, running no code from the file.

    Raises:
        ConfigError: The file is neither safetensors nor a plain torch state dict.
    """
    import torch
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
        return dict(state.get("state_dict", state))
    except Exception as error:  # bytes that are no pickle make the unpickler fail in any way there is
        raise ConfigError(key, f"{path} is not a file of weights ({type(error).__name__})") from error


def saved(state: dict[str, torch.Tensor], path: Path) -> None:
    """Writes parameters to a safetensors file in the cache.

    Raises:
        ConfigError: ``cache_dir`` cannot be written to.
    """
    from safetensors.torch import save_file

    writable_folder(path.parent, "cache_dir")
    with written_whole(path) as part:
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, part)


def kept(name: str, resources: Resources, *parts: object) -> Path:
    """Returns where the cache keeps the parameters that ``parts`` determine."""
    return resources.cache_dir / "checkpoints" / f"{name}-{identity(*parts)}.safetensors"


def found(path: Path, source: str, preprocess: Preprocess, model: VisionModel, key: str) -> FoundWeights:
    """Returns the weights in a file that is at hand.

    Raises:
        ConfigError: It is not a file of weights.
    """
    return FoundWeights(path, sha256_of(path), source, preprocess, _classes_in(path, model, key))


def _classes_in(path: Path, model: VisionModel, key: str) -> int:
    """Returns how many classes the classifier in a file tells apart; 0 for a file without one.

    The classifier is the parameter that grows with ``num_classes``; a large prime shows which that is.
    """
    prime = 7919
    state = read_state(path, f"{key}.weights.path")
    for name, parameter in model.outline(key, prime).named_parameters():
        if parameter.shape[0] == prime and name in state:
            return int(state[name].shape[0])
    return 0


def from_file(path: str, model: VisionModel, key: str, preprocess: Preprocess) -> FoundWeights:
    """Returns the weights in a local file.

    Raises:
        ConfigError: There is none, or it is not a file of weights.
    """
    file = Path(path).expanduser().absolute()
    if not file.is_file():
        remedy = "Give a .safetensors or .pt state dict"
        raise ConfigError(f"{key}.weights.path", f"there is no file {file}", remedy)
    return found(file, f"file:{file.name}", preprocess, model, key)
