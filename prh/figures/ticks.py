"""Layers along an axis: all of their names where there is room, else those of the blocks that they are in."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

import numpy as np


@dataclass(frozen=True)
class Ticks:
    """Where names stand along an axis of layers.

    Attributes:
        at: Places, in layers; the middle of a block.
        names: Of layers, or of blocks.
        edges: Where a block ends and the next begins; none where layers are named.
    """

    at: list[float]
    names: list[str]
    edges: list[float]


def ticks(layers: Sequence[str], most: int) -> Ticks:
    """Returns at most so many names for layers, such as ``features.3`` for all of ``features.3.conv`` and on.

    Of the ways to cut names at a full stop, the one that leaves most blocks is taken; where even that is too
    many or only one, each layer at equal steps has its name.
    """
    if len(layers) <= most:
        return Ticks([float(place) for place in range(len(layers))], list(layers), [])
    parts = [name.split(".") for name in layers]
    for depth in range(max(map(len, parts)) - 1, 0, -1):
        blocks = [(key, len(list(own))) for key, own in groupby(".".join(part[:depth]) for part in parts)]
        if 1 < len(blocks) <= most:
            ends = np.cumsum([size for _, size in blocks])
            middles = [float(end - size / 2 - 0.5) for end, (_, size) in zip(ends, blocks, strict=True)]
            named = _apart(middles, [size for _, size in blocks], len(layers) / most)
            names = [blocks[one][0] for one in named]
            return Ticks([middles[one] for one in named], names, [float(end - 0.5) for end in ends[:-1]])
    step = ceil(len(layers) / max(1, most))
    return Ticks([float(place) for place in range(0, len(layers), step)], list(layers[::step]), [])


def _apart(middles: Sequence[float], sizes: Sequence[int], least: float) -> list[int]:
    """Returns the blocks whose names have room, in order; of two that are too near, the larger."""
    named: list[int] = []
    for one in sorted(range(len(sizes)), key=lambda one: -sizes[one]):
        if all(abs(middles[one] - middles[other]) >= least for other in named):
            named.append(one)
    return sorted(named)
