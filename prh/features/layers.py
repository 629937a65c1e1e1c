"""Which layers of a network are compared, and how a layer's output becomes one vector per stimulus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from prh.encoders.text import TextEncoder
from prh.encoders.text.encoder import pools_of
from prh.encoders.text.tokens import TokenPool
from prh.encoders.vision import VisionEncoder
from prh.errors import ConfigError
from prh.features.pooling import Pool, token_axis
from prh.ground.values import SETTINGS, shortened

if TYPE_CHECKING:
    from torch import nn

    from prh.features.hooks import Ran

IDLE = ("Dropout", "Identity", "StochasticDepth", "ZeroPad2d")
"""Modules that only drop, pad or pass on."""


@dataclass(frozen=True, config=SETTINGS)
class Layers:
    """Layers by name where names are given; where not, what the subclass's ``default`` says.

    Attributes:
        names: Layers of the model.
        reference_names: Layers of the reference.
        pool: ``avg`` or ``max`` over positions (pixels or tokens of patches), ``flatten`` to keep every
            token, ``cls`` for the class token.
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
            ConfigError: A named layer does not exist, the message lists those that do; or what the axes of
                its output are cannot be followed.
        """
        asked = {"model": ("names", self.names), "reference": ("reference_names", self.reference_names)}
        key, names = asked.get(encoder.key, ("names", None))
        ran = traced(encoder)
        executed = layers_of(encoder, ran)
        if names is None:
            chosen = self.default(encoder, executed)
            self._require_known_axes(encoder, ran, chosen, key)
            return chosen
        unknown = [name for name in names if name not in executed]
        if unknown or not names:
            raise ConfigError(
                f"layers.{key}",
                f"{encoder.name} has no layer {', '.join(unknown)}" if unknown else "names no layer",
                f"Its layers are {', '.join(executed)}",
            )
        chosen = [name for name in executed if name in names]
        self._require_known_axes(encoder, ran, chosen, key)
        return chosen

    def _require_known_axes(
        self, encoder: VisionEncoder, ran: dict[str, Ran], layers: Sequence[str], key: str
    ) -> None:
        if idle := [name for name in layers if name not in ran]:
            raise ConfigError(
                f"{encoder.key}.stages",
                f"{encoder.name} runs through no {', '.join(idle)}",
                f"Its layers are {', '.join(ran)}",
            )
        unknown = [name for name in layers if ran[name].axes is None]
        if unknown and self.pool != "flatten":
            raise ConfigError(
                "layers.pool",
                f"of {', '.join(unknown[:5])} of {encoder.name} it is unknown which axes are positions to "
                f"{self.pool} over",
                f"Use layers.pool=flatten, or name other layers with layers.{key}=[...]",
            )

    def of_text(self, encoder: TextEncoder) -> list[str]:
        """Returns the layers of a text encoder, shallow to deep.

        Raises:
            ConfigError: A named layer does not exist; the message lists those that do. Or the encoder has no
                such token as is asked for.
        """
        if self.text_pool not in (pools := pools_of(encoder)):
            raise ConfigError(
                "layers.text_pool",
                f"{encoder.label} has no first token that has read the sentence, as {self.text_pool} asks",
                f"Use layers.text_pool={' or '.join(pools)}",
            )
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

    def default(self, encoder: VisionEncoder, executed: Sequence[str]) -> list[str]:
        """Returns the layers to compare where the config names none, of all that are ``executed``."""
        raise NotImplementedError


@dataclass(frozen=True, config=SETTINGS)
class Stages(Layers):
    """The model's stages; without, those its network gives as ``hidden_states()`` or picked from its tree."""

    def default(self, encoder: VisionEncoder, executed: Sequence[str]) -> list[str]:
        """Returns the stages."""
        stages = encoder.model.stages
        if stages is None:
            outline = encoder.outline()
            told = getattr(outline, "hidden_states", None)
            return [name for name in executed if name in told()] if told else stages_of(outline, executed)
        modules = [name for name, _ in encoder.outline().named_modules() if name]
        if unknown := [name for name in stages if name not in modules]:
            problem = f"{encoder.name} has no layer {', '.join(unknown)}"
            raise ConfigError(f"{encoder.key}.stages", problem, f"Its layers are {', '.join(modules)}")
        return list(dict.fromkeys(stages))


@dataclass(frozen=True, config=SETTINGS)
class All(Layers):
    """Every leaf that a forward pass runs through: modules that compute something themselves."""

    def default(self, encoder: VisionEncoder, executed: Sequence[str]) -> list[str]:
        """Returns the leaves in the order they run."""
        modules = dict(encoder.outline().named_modules())
        return [name for name in executed if _is_leaf(modules[name])]


@dataclass(frozen=True, config=SETTINGS)
class Last(Layers):
    """Only the deepest stage."""

    def default(self, encoder: VisionEncoder, executed: Sequence[str]) -> list[str]:
        """Returns one layer."""
        return Stages().default(encoder, executed)[-1:]


def layers_of(encoder: VisionEncoder, ran: Mapping[str, Ran]) -> list[str]:
    """Returns the modules that a forward pass runs through, in the order they finish."""
    network = encoder.outline()
    return [name for name in ran if type(network.get_submodule(name)).__name__ not in IDLE]


def has_class_token(encoder: VisionEncoder, layers: Sequence[str]) -> bool:
    """Returns whether any of the layers puts out a class token beside those of patches."""
    ran = traced(encoder)
    return any(ran[name].placeless and token_axis(ran[name].axes) is not None for name in layers)


def traced(encoder: VisionEncoder, shape: tuple[int, int, int] | None = None) -> dict[str, Ran]:
    """Returns how an encoder's modules run; see :func:`prh.features.hooks.trace`.

    Args:
        encoder: The network.
        shape: Channels, height and width of what it is shown, where that is known.

    Raises:
        ConfigError: It does not take images as its preprocessing leaves them.
    """
    from prh.features.hooks import trace

    preprocess = encoder.weights.preprocess
    shape = shape or preprocess.input_size or (len(preprocess.mean), 28, 28)
    try:
        return trace(encoder.outline(), shape)
    except Exception:  # some networks look at numbers, which the meta device has not
        try:
            return trace(encoder.model.network.make(encoder.key, encoder.weights.num_classes), shape)
        except Exception as error:  # networks are anyone's, and refuse in any way there is
            node = "preprocess" if encoder.model.preprocess else "fit.preprocess"
            reason = shortened(" ".join(str(error).split()), 200) or type(error).__name__
            raise ConfigError(
                f"{encoder.key}.{node}",
                f"{encoder.name} does not take images of {' × '.join(map(str, shape))} ({reason})",
                "Give the mean, std, resize and crop that it was made for",
            ) from error


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
    from torch.nn import ModuleList, Sequential

    stages = dict(network.named_children())

    def open_up(name: str) -> None:
        inside = stages.pop(name).named_children()
        stages.update({f"{name}.{child}": module for child, module in inside})

    def size(name: str) -> int:
        return sum(parameter.numel() for parameter in stages[name].parameters())

    def is_block(name: str) -> bool:
        around = network.get_submodule(name.rpartition(".")[0])
        alike = [child for child in around.children() if type(child) is type(stages[name])]
        lists = Sequential, ModuleList
        return isinstance(around, lists) and len(alike) > 1 and not isinstance(stages[name], lists)

    def is_list(name: str) -> bool:
        children = list(stages[name].children())
        if name in executed and is_block(name):
            return False  # however much is in it
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
