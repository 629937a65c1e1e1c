"""One vector per stimulus from whatever shape a layer puts out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import torch

Pool = Literal["avg", "max", "flatten", "cls"]


def pooled(output: torch.Tensor, pool: Pool) -> torch.Tensor:
    """Reduces a layer's output to N×D, in memory of its own.

    Args:
        output: N×C×H×W (feature maps), N×T×D (tokens) or N×D.
        pool: ``avg`` and ``max`` go over H×W or T; ``flatten`` keeps all; ``cls`` takes the first token,
            and means ``avg`` for feature maps, which have none.
    """
    if output.ndim <= 2 or pool == "flatten":
        return output.flatten(1).clone()
    tokens = output.ndim == 3
    if pool == "cls" and tokens:
        return output[:, 0].clone()
    positions = (1,) if tokens else tuple(range(2, output.ndim))
    return output.amax(positions) if pool == "max" else output.mean(positions)
