"""A network that a config names, as far as whoever finds parameters for it needs to know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prh.encoders.network.fit import Fit
from prh.encoders.network.preprocess import Preprocess
from prh.errors import ConfigError, PrhError
from prh.ground.parts import network_maker
from prh.ground.values import shortened

if TYPE_CHECKING:
    from torch import nn

IMAGENET_CLASSES = 1000
"""What networks tell apart whose classifier nobody asks for."""


@dataclass(frozen=True)
class Network:
    """A constructor with its arguments, and what is known of the network before it has parameters.

    Attributes:
        name: What tables and figures call it.
        architecture: Dotted path of a callable that takes ``arguments`` and ``num_classes``.
        arguments: Of the constructor.
        preprocess: What the network expects to see, where its weights don't say.
        fit: How it is trained where its weights are fitted rather than found.
        imagenet_top1: Published accuracy of the weights in percent, where their source does not give it.
    """

    name: str
    architecture: str
    arguments: dict[str, Any] = field(default_factory=dict)
    preprocess: Preprocess | None = None
    fit: Fit | None = None
    imagenet_top1: float | None = None

    def expects(self, key: str) -> Preprocess:
        """Returns what the network expects to see, where its weights don't say.

        That is what the config says, else the class of the network, by ``expects(key, **arguments)``.

        Raises:
            ConfigError: Nothing says it.
        """
        if self.preprocess is not None:
            return self.preprocess
        told = getattr(network_maker(self.architecture, f"{key}.architecture"), "expects", None)
        if told is not None:
            known: Preprocess = told(key, **self.arguments)
            return known
        preprocess = self.fit.preprocess if self.fit else None
        if preprocess is None:
            raise ConfigError(f"{key}.preprocess", f"nothing says what {self.name} expects to see")
        return preprocess

    def make(self, key: str, num_classes: int) -> nn.Module:
        """Builds the network with freshly initialised parameters.

        Raises:
            ConfigError: The constructor does not exist, makes no network or refuses its arguments.
        """
        from torch import nn

        maker = network_maker(self.architecture, f"{key}.architecture")
        try:
            module = maker(**self.arguments, num_classes=num_classes)
        except PrhError:
            raise
        except Exception as error:  # constructors are anyone's, and refuse arguments in any way there is
            which = "name" if "name" in self.arguments else "arguments"
            reason = shortened(" ".join(str(error).split()), 300) or type(error).__name__
            problem = f"cannot build {self.name} with {self.architecture} ({reason})"
            raise ConfigError(f"{key}.{which}", problem) from error
        if not isinstance(module, nn.Module):
            problem = f"{self.architecture} makes a {type(module).__name__}, not a torch module"
            raise ConfigError(f"{key}.architecture", problem)
        return module

    def outline(self, key: str, num_classes: int) -> nn.Module:
        """Builds the network on torch's meta device, without memory or arithmetic, to see its structure."""
        import torch

        from prh.encoders.network.outline import ParametersOnMeta

        try:
            with torch.device("meta"):
                return self.make(key, num_classes)
        except (RuntimeError, ConfigError):  # some, such as RegNet, compute with numbers while they are built
            with torch.random.fork_rng(devices=[]), ParametersOnMeta():
                return self.make(key, num_classes).to("meta")
