"""Reads what flows out of named modules, and stops the forward pass once all of it has been seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import torch
from torch import nn


class _SeenAll(Exception):
    """Ends a forward pass whose remaining layers nobody asked for."""


def trace(network: nn.Module, shape: tuple[int, int, int]) -> dict[str, int]:
    """Returns how often each module runs in one forward pass, by name, in the order they finish for good.

    Args:
        network: A network on torch's meta device: nothing is computed.
        shape: Channels, height and width of the input.
    """
    calls: dict[str, int] = {}

    def count(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            if isinstance(output, torch.Tensor):
                calls[name] = calls.pop(name, 0) + 1

        return hook

    with (
        _hooked({name: module for name, module in network.named_modules() if name}, count),
        torch.inference_mode(),
    ):
        network.eval()(torch.empty((1, *shape), device="meta"))
    return calls


class LayerReader:
    """Runs a network and returns the outputs of the named modules.

    A module that runs several times in one pass, such as a shared ReLU, gives its last output. Nothing
    after the deepest asked layer is computed. Use as a context manager: its hooks go when it ends.

    Args:
        network: The network, in evaluation mode.
        layers: Names of the modules to read.
        calls: How often each module runs, from :func:`trace`.
        reduce: Applied to an output the moment it exists, since a later in-place ReLU may overwrite it;
            returns new memory.
    """

    def __init__(
        self,
        network: nn.Module,
        layers: Sequence[str],
        calls: dict[str, int],
        reduce: Callable[[torch.Tensor], torch.Tensor],
    ) -> None:
        self.network = network
        self.reduce = reduce
        self.modules = {name: network.get_submodule(name) for name in layers}
        self.calls = calls
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
        self.outputs, self.remaining = {}, {name: self.calls[name] for name in self.modules}
        with suppress(_SeenAll):
            self.network(images)
        return {name: self.outputs[name] for name in self.modules}

    def _keep(self, name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: object, output: torch.Tensor) -> None:
            self.remaining[name] -= 1
            if not self.remaining[name]:
                self.outputs[name] = self.reduce(output)
            if not any(self.remaining.values()):
                raise _SeenAll

        return hook


@contextmanager
def _hooked(modules: dict[str, nn.Module], hook_for: Callable[[str], Callable[..., None]]) -> Iterator[None]:
    handles = [module.register_forward_hook(hook_for(name)) for name, module in modules.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
