"""What the axes of an output are: each a list of factors, major first, with a kind and an extent.

The windows of Swin, for one, lie on the axis of stimuli: ``(("N", 2), ("P", 64))``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import prod

Factor = tuple[str, int]
Axis = tuple[Factor, ...]
Axes = tuple[Axis, ...]

STIMULI, CHANNELS, POSITIONS = "N", "C", "P"


def images(n: int, channels: int, height: int, width: int) -> Axes:
    """Returns the axes of a batch of images, N×C×H×W."""
    return ((STIMULI, n),), ((CHANNELS, channels),), ((POSITIONS, height),), ((POSITIONS, width),)


def vectors(shape: Sequence[int]) -> Axes | None:
    """Returns the axes of a batch of vectors, N×D, None of all but two axes."""
    return (((STIMULI, shape[0]),), ((CHANNELS, shape[1]),)) if len(shape) == 2 else None


def extents_of(axes: Iterable[Axis]) -> tuple[int, ...]:
    """Returns the shape that axes have."""
    return tuple(prod(extent for _, extent in axis) for axis in axes)


def kind_of(axis: Axis) -> str:
    """Returns what an axis is: channels if any of its factors is, positions if all are."""
    kinds = {kind for kind, _ in axis}
    return STIMULI if STIMULI in kinds else CHANNELS if CHANNELS in kinds else POSITIONS


def position_axis(axes: Axes) -> int | None:
    """Returns the axis of positions, None where there is none, or more than one."""
    places = [place for place, axis in enumerate(axes) if kind_of(axis) == POSITIONS]
    return places[0] if len(places) == 1 else None


def changed(axes: Axes, shape: tuple[int, ...]) -> Axes | None:
    """Returns axes of the same kinds with other extents; stimuli stay as many as they are."""
    if any(
        kind_of(axis) == STIMULI and extents_of([axis])[0] != n for axis, n in zip(axes, shape, strict=True)
    ):
        return None
    return tuple(
        axis if extents_of([axis])[0] == n else ((kind_of(axis), n),)
        for axis, n in zip(axes, shape, strict=True)
    )


def cut(axes: Axes, shape: tuple[int, ...]) -> Axes | None:
    """Returns the axes of what is reshaped to ``shape``; None where a factor would be cut through."""
    rest = [factor for axis in axes for factor in axis if factor[1] > 1]
    # Neighbours of a kind are one, since a later view may cut them elsewhere.
    rest = [(kind, prod(n for _, n in same)) for kind, same in groupby(rest, key=lambda factor: factor[0])]
    found: list[Axis] = []
    for side in shape:
        axis: list[Factor] = []
        while side > 1:
            if not rest:
                return None
            kind, extent = rest.pop(0)
            if side % extent == 0:
                axis.append((kind, extent))
                side //= extent
            elif extent % side == 0:
                axis.append((kind, side))
                rest.insert(0, (kind, extent // side))
                side = 1
            else:
                return None
        found.append(tuple(axis))
    kept = {kind for kind, extent in (factor for axis in axes for factor in axis) if extent == 1}
    return _with_ones(found, kept, axes) if not rest else None


def _with_ones(found: list[Axis], kept: set[str], axes: Axes) -> Axes:
    """Gives axes of extent one the kind that those of the original had, where as many are left."""
    ones = [axis for axis in axes if extents_of([axis])[0] == 1]
    empty = [place for place, axis in enumerate(found) if not axis]
    if kept and len(ones) == len(empty):
        for place, axis in zip(empty, ones, strict=True):
            found[place] = axis
    return tuple(axis or ((POSITIONS, 1),) for axis in found)
