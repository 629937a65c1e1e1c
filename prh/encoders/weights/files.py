"""Files of parameters: read without running code from them, written whole, fitted to a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prh.encoders.network.network import Network
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.resources import Resources
from prh.errors import ConfigError
from prh.ground.files import expanded, identity, safe_name, sha256_of
from prh.ground.kept import KeptFile, KeptFiles

if TYPE_CHECKING:
    import torch


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


def read_state(path: Path, key: str, sha256: str | None = None) -> dict[str, torch.Tensor]:
    """Reads a state dict, running no code from the file.

    Args:
        path: The file.
        key: The config key that names it.
        sha256: Of its content when it was found.

    Raises:
        ConfigError: It is neither safetensors nor a plain torch state dict, or no longer what was found.
    """
    import torch
    from safetensors.torch import load_file

    if sha256 is not None and (not path.is_file() or sha256_of(path) != sha256):
        raise ConfigError(key, f"{path} was changed or removed during this run", "Run it again")

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
        return dict(state.get("state_dict", state.get("model_state", state)))
    except Exception as error:  # bytes that are no pickle make the unpickler fail in any way there is
        raise ConfigError(key, f"{path} is not a file of weights ({type(error).__name__})") from error


def checkpoints(resources: Resources) -> KeptFiles:
    """Returns the cache's files of parameters."""
    return KeptFiles(resources.cache_dir / "checkpoints", ".safetensors", "cache_dir", resources.report)


def name_of(name: str, *parts: object) -> str:
    """Returns what the cache calls the parameters that ``parts`` determine."""
    return f"{safe_name(name)}-{identity(*parts)}"


def kept(name: str, make: Callable[[], dict[str, torch.Tensor]], resources: Resources) -> KeptFile:
    """Returns the cache's file of parameters of that name, made if there is none that is whole.

    Raises:
        ConfigError: ``cache_dir`` cannot be written to.
    """
    from safetensors.torch import save

    def content() -> bytes:
        return save({name: tensor.contiguous() for name, tensor in make().items()})

    return checkpoints(resources).read_or_make(name, content)


def found(path: Path, source: str, preprocess: Preprocess, network: Network, key: str) -> FoundWeights:
    """Returns the weights in a file that is at hand.

    Raises:
        ConfigError: It is not a file of weights, or cannot be read.
    """
    try:
        digest = sha256_of(path)
    except OSError as error:
        raise ConfigError(f"{key}.weights.path", f"{path} cannot be read ({error.strerror})") from error
    return FoundWeights(path, digest, source, preprocess, _classes_in(path, network, key))


def _classes_in(path: Path, network: Network, key: str) -> int:
    """Returns how many classes the classifier in a file tells apart; 0 for a file without one.

    The classifier is the parameter that grows with ``num_classes``; a large prime shows which that is.
    """
    prime = 7919
    state = read_state(path, f"{key}.weights.path")
    for name, parameter in network.outline(key, prime).named_parameters():
        if parameter.shape[0] == prime and name in state:
            return int(state[name].shape[0])
    return 0


def from_file(path: str, network: Network, key: str, preprocess: Preprocess) -> FoundWeights:
    """Returns the weights in a local file.

    Raises:
        ConfigError: There is none, or it is not a file of weights.
    """
    file = expanded(path).absolute()
    if not file.is_file():
        remedy = "Give a .safetensors or .pt state dict"
        raise ConfigError(f"{key}.weights.path", f"there is no file {file}", remedy)
    return found(file, f"file:{file.name}", preprocess, network, key)
