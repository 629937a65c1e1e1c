"""What a module puts out, whatever it is wrapped in."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import torch


def first_tensor(output: object) -> torch.Tensor | None:
    """Returns the first tensor of an output: of a tuple, a dict, a dataclass or what is made of these.

    So of an LSTM the states of its last layer, of attention what it puts out and not its weights, of a
    classifier with auxiliary heads the main one.
    """
    if isinstance(output, torch.Tensor):
        return output
    parts: list[object] = []
    if isinstance(output, Mapping):
        parts = list(output.values())
    elif is_dataclass(output):
        parts = [getattr(output, field.name) for field in fields(output)]
    elif isinstance(output, list | tuple):
        parts = list(output)
    return next((first for part in parts if (first := first_tensor(part)) is not None), None)


def main_output(output: object) -> torch.Tensor:
    """Returns a classifier's logits; those of auxiliary heads, which only training has, are left alone.

    Raises:
        TypeError: There is no tensor in it.
    """
    first = first_tensor(output)
    if first is None:
        raise TypeError(f"a classifier put out {type(output).__name__} without a tensor")
    return first
