"""Reads what flows out of named modules, and stops the forward pass once all of it has been seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from prh.encoders.network.outputs import first_tensor
from prh.features.axes import AxesFollowed
from prh.features.factors import Axes, images, vectors


@dataclass(frozen=True)
class Ran:
    """How a module ran in one forward pass.

    Attributes:
        calls: How often.
        axes: What the axes of its last output are, None where they could not be followed.
        placeless: Which tokens of it show no place of the image: class tokens, registers.
    """

    calls: int
    axes: Axes | None
    placeless: Sequence[int] = ()


class _SeenAll(Exception):
    """Ends a forward pass whose remaining layers nobody asked for."""


def trace(network: nn.Module, shape: tuple[int, int, int]) -> dict[str, Ran]:
    """Returns how each module runs in one forward pass, by name, in the order they finish for good.

    Modules that see nothing of the input, such as those that compute positions' biases, are no layers. Nor
    are those of a network whose ``one_by_one`` is true, for it shows them one stimulus after the other; what
    it names by ``hidden_states()`` puts out all.

    Args:
        network: A network, on torch's meta device if nothing is to be computed.
        shape: Channels, height and width of the input.
    """
    ran, apart = dict[str, Ran](), set[str]()
    device = next((parameter.device for parameter in network.parameters()), "meta")
    shown = torch.zeros((2, *shape), device=device)

    def note(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            first = first_tensor(output)
            if first is not None:
                before = ran.pop(name).calls if name in ran else 0
                axes, placeless = followed.of(first), followed.placeless(first)
                ran[name] = Ran(before + 1, axes or vectors(first.shape), placeless)
                (apart.discard if followed.depends(first) else apart.add)(name)

        return hook

    with (
        _hooked(_whole(network), note),
        _by_its_parts(),
        torch.inference_mode(),
        AxesFollowed() as followed,
    ):
        followed.tell(shown, images(2, *shape))
        network.eval()(shown)
    return {name: how for name, how in ran.items() if name not in apart}


def _whole(network: Any) -> dict[str, nn.Module]:
    """Returns the modules, by name, that are shown all stimuli of a batch at once."""
    named = {name: module for name, module in network.named_modules() if name}
    if not getattr(network, "one_by_one", False):
        return named
    return {name: named[name] for name in network.hidden_states()}


class LayerReader:
    """Runs a network and returns the outputs of the named modules.

    A module that runs several times in one pass, such as a shared ReLU, gives its last output. Nothing
    after the deepest asked layer is computed. Use as a context manager: its hooks go when it ends.

    Args:
        network: The network, in evaluation mode.
        layers: Names of the modules to read.
        ran: How each module runs, from :func:`trace`.
        reduce: Applied to an output, and what its axes are, the moment it exists, since a later in-place ReLU
            may overwrite it; returns new memory.
    """

    def __init__(
        self,
        network: nn.Module,
        layers: Sequence[str],
        ran: Mapping[str, Ran],
        reduce: Callable[[torch.Tensor, Ran], torch.Tensor],
    ) -> None:
        self.network = network
        self.reduce = reduce
        self.modules = {name: network.get_submodule(name) for name in layers}
        self.ran = ran
        self.outputs: dict[str, torch.Tensor] = {}
        self.remaining: dict[str, int] = {}

    def __enter__(self) -> LayerReader:
        self.stack = _hooked(self.modules, self._keep)
        self.stack.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.stack.__exit__(None, None, None)

    def __call__(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        """Returns each layer's reduced output for a batch of preprocessed images, in the asked order."""
        self.outputs, self.remaining = {}, {name: self.ran[name].calls for name in self.modules}
        with suppress(_SeenAll), _by_its_parts():
            self.network(images)
        return {name: self.outputs[name] for name in self.modules}

    def _keep(self, name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            first = first_tensor(output)
            if first is None:
                return
            self.remaining[name] -= 1
            if not self.remaining[name]:
                self.outputs[name] = self.reduce(first, self.ran[name])
            if not any(self.remaining.values()):
                raise _SeenAll

        return hook


@contextmanager
def _by_its_parts() -> Iterator[None]:
    """Lets attention run module by module, not in one fused call that passes its parts by."""
    was = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was)


@contextmanager
def _hooked(modules: dict[str, nn.Module], hook_for: Callable[[str], Callable[..., None]]) -> Iterator[None]:
    handles = [module.register_forward_hook(hook_for(name)) for name, module in modules.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
