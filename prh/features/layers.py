"""Which layers of a network are compared, and how a layer's output becomes one vector per stimulus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from prh.config import SETTINGS
from prh.encoders.text import TextEncoder, TokenPool
from prh.encoders.vision import VisionEncoder
from prh.errors import ConfigError
from prh.features.pooling import Pool
from prh.values import shortened

if TYPE_CHECKING:
    from torch import nn

IDLE = ("Dropout", "Identity", "StochasticDepth", "ZeroPad2d")
"""Modules that only drop, pad or pass on."""


@dataclass(frozen=True, config=SETTINGS)
class Layers:
    """Layers by name where names are given; where not, what the subclass's ``default`` says.

    Attributes:
        names: Layers of the model.
        reference_names: Layers of the reference.
        pool: ``avg`` or ``max`` over positions (pixels or tokens), ``flatten`` to keep every position,
            ``cls`` for the first token.
        text: Layers of the text encoder: ``last``, ``all`` or a list of names.
        text_pool: ``avg`` over a sentence's tokens, ``cls`` for the first or ``last``; the last layer has a
            pooling of its own.
    """

    names: list[str] | None = None
    reference_names: list[str] | None = None
    pool: Pool = "avg"
    text: Literal["last", "all"] | list[str] = "last"
    text_pool: TokenPool = "avg"

    def of(self, encoder: VisionEncoder) -> list[str]:
        """Returns the layers to compare, shallow to deep.

        Raises:
            ConfigError: A named layer does not exist; the message lists those that do.
        """
        key, names = (
            ("names", self.names) if encoder.key == "model" else ("reference_names", self.reference_names)
        )
        if names is None:
            return self.default(encoder)
        executed = layers_of(encoder)
        unknown = [name for name in names if name not in executed]
        if unknown or not names:
            raise ConfigError(
                f"layers.{key}",
                f"{encoder.name} has no layer {', '.join(unknown)}" if unknown else "names no layer",
                f"Its layers are {', '.join(executed)}",
            )
        return [name for name in executed if name in names]

    def of_text(self, encoder: TextEncoder) -> list[str]:
        """Returns the layers of a text encoder, shallow to deep.

        Raises:
            ConfigError: A named layer does not exist; the message lists those that do.
        """
        if isinstance(self.text, str):
            return encoder.layers if self.text == "all" else encoder.layers[-1:]
        unknown = [name for name in self.text if name not in encoder.layers]
        if unknown or not self.text:
            raise ConfigError(
                "layers.text",
                f"{encoder.label} has no layer {', '.join(unknown)}" if unknown else "names no layer",
                f"Its layers are {', '.join(encoder.layers)}",
            )
        return [name for name in encoder.layers if name in self.text]

    def default(self, encoder: VisionEncoder) -> list[str]:
        """Returns the layers to compare where the config names none."""
        raise NotImplementedError


@dataclass(frozen=True, config=SETTINGS)
class Stages(Layers):
    """The model's own list of stages; for a model without one, picked from its module tree."""

    def default(self, encoder: VisionEncoder) -> list[str]:
        """Returns the stages."""
        stages = encoder.model.stages
        if stages is None:
            return stages_of(encoder.outline(), layers_of(encoder))
        modules = [name for name, _ in encoder.outline().named_modules() if name]
        unknown = [name for name in stages if name not in modules]
        if unknown:
            problem = f"{encoder.name} has no layer {', '.join(unknown)}"
            raise ConfigError(f"{encoder.key}.stages", problem, f"Its layers are {', '.join(modules)}")
        return list(dict.fromkeys(stages))


@dataclass(frozen=True, config=SETTINGS)
class All(Layers):
    """Every leaf that a forward pass runs through: modules that compute something themselves."""

    def default(self, encoder: VisionEncoder) -> list[str]:
        """Returns the leaves in the order they run."""
        modules = dict(encoder.outline().named_modules())
        return [name for name in layers_of(encoder) if _is_leaf(modules[name])]


@dataclass(frozen=True, config=SETTINGS)
class Last(Layers):
    """Only the deepest stage."""

    def default(self, encoder: VisionEncoder) -> list[str]:
        """Returns one layer."""
        return Stages().default(encoder)[-1:]


def layers_of(encoder: VisionEncoder) -> list[str]:
    """Returns the modules that a forward pass runs through, in the order they finish.

    Raises:
        ConfigError: The network does not take images as its preprocessing leaves them.
    """
    network = encoder.outline()
    executed = traced(encoder, _shape(encoder))
    return [name for name in executed if type(network.get_submodule(name)).__name__ not in IDLE]


def traced(encoder: VisionEncoder, shape: tuple[int, int, int]) -> dict[str, int]:
    """Returns how often each module runs for images of a shape; see :func:`prh.features.hooks.trace`.

    Raises:
        ConfigError: The network does not take them.
    """
    from prh.features.hooks import trace

    try:
        return trace(encoder.outline(), shape)
    except Exception as error:  # networks are anyone's, and refuse what they are shown in any way there is
        node = "preprocess" if encoder.model.preprocess else "fit.preprocess"
        reason = shortened(" ".join(str(error).split()), 200) or type(error).__name__
        raise ConfigError(
            f"{encoder.key}.{node}",
            f"{encoder.name} does not take images of {' × '.join(map(str, shape))} ({reason})",
            "Give the mean, std, resize and crop that it was made for",
        ) from error


def axes_of(encoder: VisionEncoder, layers: Sequence[str]) -> dict[str, int]:
    """Returns how many axes each layer's output has, the batch included: 3 are tokens, 4 feature maps."""
    import torch

    from prh.features.hooks import LayerReader

    shape, network = _shape(encoder), encoder.outline()
    calls = traced(encoder, shape)
    with LayerReader(network, layers, calls, lambda output: output) as reader, torch.inference_mode():
        return {name: output.ndim for name, output in reader(torch.empty((1, *shape), device="meta")).items()}


def _shape(encoder: VisionEncoder) -> tuple[int, int, int]:
    preprocess = encoder.weights.preprocess
    return preprocess.input_size or (len(preprocess.mean), 28, 28)


def _is_leaf(module: nn.Module) -> bool:
    """Returns whether a module computes something itself; a convolution may pad through a child module."""
    return not any(module.children()) or any(True for _ in module.parameters(recurse=False))


def stages_of(network: nn.Module, executed: Sequence[str]) -> list[str]:
    """Picks stages where a model names none: its children, with long lists of blocks opened.

    Args:
        network: The module tree.
        executed: Names of the modules that run, in order.

    Returns:
        Names in the order they run, without the last if it is a classifier, with a matrix of its own.
    """
    stages = dict(network.named_children())

    def open_up(name: str) -> None:
        inside = stages.pop(name).named_children()
        stages.update({f"{name}.{child}": module for child, module in inside})

    def size(name: str) -> int:
        return sum(parameter.numel() for parameter in stages[name].parameters())

    def is_list(name: str) -> bool:
        children = list(stages[name].children())
        lists = any(type(child).__name__ == "ModuleList" for child in children)
        return name not in executed or len(children) > 6 or lists

    while True:
        parents = [name for name, module in stages.items() if any(module.children())]
        lists = [name for name in parents if is_list(name)]
        if lists:
            open_up(lists[0])
        elif parents and len(stages) < 5:
            open_up(max(parents, key=size))
        else:
            break
    ordered = [name for name in executed if name in stages]
    classifier = any(parameter.ndim > 1 for parameter in stages[ordered[-1]].parameters())
    return ordered[:-1] if classifier and len(ordered) > 1 else ordered
