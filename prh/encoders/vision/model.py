"""Vision models: what a config names, and what is ready to run."""

from __future__ import annotations

from dataclasses import asdict, field
from dataclasses import dataclass as plain_dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from prh.encoders.network.fit import Fit
from prh.encoders.network.input_size import suiting
from prh.encoders.network.network import IMAGENET_CLASSES, Network
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.resources import Resources
from prh.encoders.weights import Nothing, Random, Weights
from prh.encoders.weights.files import FoundWeights, named, read_state
from prh.errors import ConfigError
from prh.ground.files import identity
from prh.ground.values import SETTINGS, Name

if TYPE_CHECKING:
    from torch import nn


def _by_word(weights: Any) -> Any:
    words = {"random": Random(), "none": Nothing()}
    if isinstance(weights, str) and weights not in words:
        raise ValueError(f"{weights!r} is no way to come by weights; a file is named with weights.path=FILE")
    return words[weights] if isinstance(weights, str) else weights


@dataclass(frozen=True, config=SETTINGS)
class VisionModel:
    """A network by its constructor, and where its weights come from.

    Attributes:
        name: What tables and figures call it, of a path or a name on a hub the last part.
        architecture: Dotted path of a callable that takes ``arguments`` and ``num_classes``.
        weights: Where the parameters come from; see ``prh.encoders.weights``. ``random`` is
            :class:`prh.encoders.weights.Random` with its defaults, ``none`` is for what has no parameters.
        preprocess: What the network expects to see, where its weights don't say.
        fit: How it is trained where its weights are fitted rather than found.
        imagenet_top1: Published accuracy of the weights in percent, for charts of a scale series, where their
            source does not give it; it is not that of weights that take their place.
        family: Whose relative it is: networks of one family are not independent of each other where a trend
            over networks is tested. None is a family of its own.
        stages: Modules compared by default, shallow to deep; None picks them from the module tree.
        senses: What of a stimulus it is shown: its image, or the signal that another instrument recorded.
    """

    name: Name
    architecture: Name
    weights: Annotated[Weights, BeforeValidator(_by_word)]
    preprocess: Preprocess | None = None
    fit: Fit | None = None
    imagenet_top1: Annotated[float, Field(ge=0, le=100)] | None = None
    family: Name | None = None
    stages: Annotated[list[str], Field(min_length=1)] | None = None
    senses: Literal["images", "signals"] = "images"
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What tables and figures call it."""
        return f"{self.short_name} (random)" if isinstance(self.weights, Random) else self.short_name

    @property
    def short_name(self) -> str:
        """The last part of a path or of a name on a hub."""
        return PurePosixPath(self.name).name or self.name

    @property
    def network(self) -> Network:
        """What whoever finds its weights needs to know."""
        about = (
            self.short_name,
            self.architecture,
            self.arguments,
            self.preprocess,
            self.fit,
            self.imagenet_top1,
        )
        return Network(*about)

    def sketch(self, key: str) -> VisionEncoder:
        """Returns the encoder without weights: enough to see its layers and what they put out.

        Raises:
            ConfigError: Nothing says what the network expects to see.
        """
        told: Any = getattr(self.weights, "expects", None)
        network = self.network
        preprocess = network.expects(key) if told is None else told(network, key)
        preprocess = suiting(network, key, preprocess, train=False)
        return VisionEncoder(self, key, FoundWeights(Path(), "", "nowhere", preprocess, IMAGENET_CLASSES))

    def resolve(self, key: str, resources: Resources) -> VisionEncoder:
        """Finds, downloads or trains the weights.

        Args:
            key: The config node this model was built from, ``model`` or ``reference``.
            resources: What to train on, and where to keep it.

        Raises:
            ConfigError: No such architecture, or weights that cannot be had.
        """
        return VisionEncoder(model=self, key=key, weights=self.weights.find(self.network, key, resources))


@plain_dataclass(frozen=True)
class VisionEncoder:
    """A vision model whose weights are at hand.

    Attributes:
        model: What the config named.
        key: The config node it came from.
        weights: The file its parameters are read from, and the preprocessing they expect.
    """

    model: VisionModel
    key: str
    weights: FoundWeights

    @property
    def name(self) -> str:
        """What tables and figures call it; a substitute is called one."""
        return named(self.model.label, self.weights.substitute)

    @property
    def label(self) -> str:
        """The name, as other encoders have it."""
        return self.name

    @property
    def sense(self) -> Literal["images", "signals"]:
        """What of a stimulus it is shown."""
        return self.model.senses

    @property
    def source(self) -> str:
        """Where its weights came from."""
        return self.weights.source

    @property
    def sha256(self) -> str:
        """Of its weights."""
        return self.weights.sha256

    @property
    def substitute(self) -> str:
        """What it is in place of what could not be had; empty where it is what was asked for."""
        return self.weights.substitute

    @cached_property
    def parameters(self) -> int:
        """Number of parameters."""
        return sum(parameter.numel() for parameter in self.outline().parameters())

    @property
    def fingerprint(self) -> str:
        """Identifies what its features depend on: architecture, weights, preprocessing, what it senses."""
        model, weights = self.model, self.weights
        return identity(
            model.architecture, model.arguments, weights.sha256, asdict(weights.preprocess), model.senses
        )

    def load(self, device: str) -> nn.Module:
        """Returns the network with its weights, in evaluation mode, channels last.

        Raises:
            ConfigError: The weights do not fit the architecture, or are no longer those that were found.
        """
        import torch

        state = read_state(self.weights.path, f"{self.key}.weights.path", self.weights.sha256)
        module = self.model.network.make(self.key, self.weights.num_classes)
        try:
            module.load_state_dict(state)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:300]
            raise ConfigError(
                f"{self.key}.weights.path", f"{self.weights.path} does not fit {self.name}: {reason}"
            ) from error
        return module.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]

    def outline(self) -> nn.Module:
        """Returns the network's structure without its weights."""
        return self.model.network.outline(self.key, self.weights.num_classes)
