"""Names beside points: each where it covers neither another name nor anything drawn, as near as can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from prh.figures.style import stroke, theme
from prh.similarity.arrays import Array

STEPS = (4.5, 6.5, 10.0, 15.0, 21.0, 28.0, 36.0, 46.0, 58.0, 72.0, 90.0, 110.0, 135.0)
"""Points from a name to its point, nearest first."""
TURNS = np.deg2rad([0, 180, 90, 270, 45, 135, 315, 225, 22, 158, 202, 338, 68, 112, 248, 292])
FAR = 7.0
"""From so many points on, a line leads to the name."""
DOT = 3.4
"""Half a dot's width in points."""


def keep_apart(
    axis: Axes,
    texts: Sequence[Text],
    taken: Sequence[tuple[float, float, float]] = (),
    fixed: Sequence[Text] = (),
    over: bool = False,
) -> None:
    """Moves names from their points to the nearest free places, and draws lines to those that end far away.

    Those that have most neighbours choose first. Where nothing is free, the place that covers least is taken.

    Args:
        axis: All are on; its limits are final.
        texts: The names, at their points.
        taken: Dots and intervals that are to be seen: x, lowest and highest y.
        fixed: Names that stay where they are.
        over: Whether a name may cover its own point.
    """
    if not texts:
        return
    figure: Any = axis.get_figure(root=True)
    for text in texts:
        text.set(ha="center", va="center", in_layout=False)
    # Where the axes are becomes final first, or names would be moved for another place.
    figure.draw_without_rendering()
    renderer, px = figure.canvas.get_renderer(), figure.dpi / 72
    anchors = axis.transData.transform([text.get_position() for text in texts])
    sizes = np.array([text.get_window_extent(renderer).size for text in texts]) + 2 * px
    blocks = [_around(axis, *place, dot=stroke(DOT) * px) for place in taken]
    blocks += [np.ravel(text.get_window_extent(renderer).get_points()) for text in fixed]
    frame = axis.bbox.padded(-3 * px)  # clear of the axes' own lines
    near = (np.abs(anchors[:, None] - anchors) < sizes.max(axis=0)).all(axis=2).sum(axis=1)
    for one in np.argsort(-near, kind="stable"):
        centre, far = _free(anchors[one], sizes[one], np.reshape(blocks, (-1, 4)), frame, px, over)
        blocks.append(_box(centre, sizes[one]))
        texts[one].set_position(axis.transData.inverted().transform(centre))
        if far:
            blocks += _lead(axis, anchors[one], centre, sizes[one])


def _around(axis: Axes, x: float, low: float, high: float, dot: float) -> Array:
    (left, bottom), (right, top) = axis.transData.transform([(x, low), (x, high)])
    return np.array([left - dot, bottom - dot, right + dot, top + dot])


def _box(centre: Array, size: Array) -> Array:
    return np.concatenate([centre - size / 2, centre + size / 2])


def _free(
    anchor: Array, size: Array, blocks: Array, frame: Bbox, px: float, over: bool
) -> tuple[Array, bool]:
    """Returns the centre of the first place that is free, and whether it is far; or of the least covered."""
    places = [(anchor, False)] if over else []
    for step in STEPS:
        for turn in TURNS:
            way = np.array([np.cos(turn), np.sin(turn)])
            places.append((anchor + way * (stroke(step) * px + size / 2), step > FAR))
    boxes = np.array([_box(centre, size) for centre, _ in places])
    covered = _shared(boxes, blocks) + 10 * _outside(boxes, size, frame)
    for place, (centre, far) in enumerate(places):
        if far and not covered[place]:
            line = np.linspace(anchor, centre, 12)[1:-4]
            covered[place] = _shared(np.hstack([line - 0.5, line + 0.5]), blocks).sum() / 12
    best = int(covered.argmin())
    return places[best]


def _shared(boxes: Array, blocks: Array) -> Array:
    """Returns how much of each box is covered by blocks."""
    if not len(blocks):
        return np.zeros(len(boxes))
    low = np.maximum(boxes[:, None, :2], blocks[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], blocks[None, :, 2:])
    shared: Array = np.maximum(high - low, 0).prod(axis=2).sum(axis=1)
    return shared


def _outside(boxes: Array, size: Array, frame: Bbox) -> Array:
    low = np.maximum(boxes[:, :2], frame.min)
    high = np.minimum(boxes[:, 2:], frame.max)
    outside: Array = size.prod() - np.maximum(high - low, 0).prod(axis=1)
    return np.where(outside < 1e-6 * size.prod(), 0.0, outside)


def _lead(axis: Axes, anchor: Array, centre: Array, size: Array) -> list[Array]:
    """Draws a line from a point to the nearest place of its name's box; returns what the line takes."""
    end = np.clip(anchor, centre - size / 2, centre + size / 2)
    ends = axis.transData.inverted().transform([anchor, end])
    line: Any = {
        "arrowstyle": "-",
        "color": theme().faint,
        "linewidth": stroke(0.4),
        "shrinkA": 0,
        "shrinkB": 0,
    }
    axis.annotate("", ends[1], ends[0], arrowprops=line).set_in_layout(False)
    return [np.concatenate([at - 0.5, at + 0.5]) for at in np.linspace(anchor, end, 10)[3:]]
