"""One vector per stimulus from whatever shape a layer puts out."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Literal

from prh.features.factors import CHANNELS, POSITIONS, STIMULI, Axes, kind_of

if TYPE_CHECKING:
    import torch

Pool = Literal["avg", "max", "flatten", "cls"]


def pooled(output: torch.Tensor, pool: Pool, axes: Axes | None) -> torch.Tensor:
    """Reduces a layer's output to N×D, in memory of its own.

    Args:
        output: Feature maps, channels first or last, tokens, windows or vectors.
        pool: ``avg`` and ``max`` go over positions; ``flatten`` keeps all; ``cls`` takes the first token,
            and means ``avg`` for feature maps, which have none. An output without channels, such as one
            number per position, keeps its positions.
        axes: What the axes are; the number of stimuli among them may be another. None where that is
            unknown: all is kept.
    """
    if axes is None:
        return output.flatten(1).clone()
    factors = [(place, kind, n) for place, axis in enumerate(axes) for kind, n in axis]
    stimuli = output.numel() // max(1, prod(n for _, kind, n in factors if kind != STIMULI))
    split = output.reshape([stimuli if kind == STIMULI else n for _, kind, n in factors])
    kinds = [kind_of(axis) for axis in axes]
    gone = POSITIONS if CHANNELS in kinds and pool != "flatten" else None
    over = [
        dim
        for dim, (place, kind, _) in enumerate(factors)
        if kind == POSITIONS and (kinds[place] == STIMULI or kinds[place] == gone)
    ]
    first = next(dim for dim, (_, kind, _) in enumerate(factors) if kind == STIMULI)
    if pool == "flatten":
        over = []
    if pool == "cls" and (token := token_axis(axes)) is not None:
        here = [dim for dim, (place, _, _) in enumerate(factors) if place == token]
        for dim in reversed(here):
            split = split.select(dim, 0)
        over = [dim - sum(h < dim for h in here) for dim in over if dim not in here]
        first -= sum(h < first for h in here)
    if over:
        split = split.amax(over, keepdim=True) if pool == "max" else split.mean(over, keepdim=True)
    return split.movedim(first, 0).reshape(stimuli, -1).clone()


def token_axis(axes: Axes | None) -> int | None:
    """Returns the axis of tokens: the only one of positions, with channels after it."""
    kinds = [kind_of(axis) for axis in axes or ()]
    places = [place for place, kind in enumerate(kinds) if kind == POSITIONS]
    return places[0] if len(places) == 1 and CHANNELS in kinds[places[0] :] else None
