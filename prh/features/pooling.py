"""One vector per stimulus from whatever shape a layer puts out."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Literal

from prh.features.factors import CHANNELS, POSITIONS, STIMULI, Axes, kind_of, position_axis

if TYPE_CHECKING:
    import torch

Pool = Literal["avg", "max", "flatten", "cls"]
KEPT_AS = {"avg": "avg-places", "max": "max-places", "cls": "class-token"}
"""What the store calls a way of pooling; another name where it gives other numbers than it once did."""


def pooled(
    output: torch.Tensor, pool: Pool, axes: Axes | None, placeless: Sequence[int] = ()
) -> torch.Tensor:
    """Reduces a layer's output to N×D, in memory of its own.

    Args:
        output: Feature maps, channels first or last, tokens, windows or vectors.
        pool: ``avg`` and ``max`` go over positions; ``flatten`` keeps all; ``cls`` takes the class token,
            and means ``avg`` for what has none, such as feature maps. An output without channels, such as
            one number per position, keeps its positions.
        axes: What the axes are; the number of stimuli among them may be another. None where that is
            unknown: all is kept.
        placeless: Tokens that show no place of the image: the class token first, registers. ``avg`` and
            ``max`` leave them out.
    """
    if axes is None:
        return output.flatten(1).clone()
    if placeless and (token := token_axis(axes)) is not None:
        output, axes = _chosen(output, pool, axes, placeless, token)
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
    if over:
        split = split.amax(over, keepdim=True) if pool == "max" else split.mean(over, keepdim=True)
    return split.movedim(first, 0).reshape(stimuli, -1).clone()


def _chosen(
    output: torch.Tensor, pool: Pool, axes: Axes, placeless: Sequence[int], token: int
) -> tuple[torch.Tensor, Axes]:
    """Returns an output with those of its tokens that are pooled over, and its axes."""
    import torch

    places = [place for place in range(output.shape[token]) if place not in set(placeless)]
    tokens = list(placeless[:1]) if pool == "cls" else places
    if pool == "flatten" or not tokens:
        return output, axes
    chosen = output.index_select(token, torch.tensor(tokens, device=output.device))
    return chosen, (*axes[:token], ((POSITIONS, len(tokens)),), *axes[token + 1 :])


def token_axis(axes: Axes | None) -> int | None:
    """Returns the axis of tokens: the only one of positions, with channels after it."""
    place = position_axis(axes or ())
    kinds = [kind_of(axis) for axis in axes or ()]
    return place if place is not None and CHANNELS in kinds[place:] else None
