"""The best of many layers, chosen on some stimuli and scored on others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.reliability import class_halves
from prh.similarity.arrays import MIN_STIMULI, Array, DegenerateFeatures
from prh.similarity.kernels.cka import CKA
from prh.similarity.metric import Metric
from prh.similarity.neighbours.cknna import CKNNA
from prh.similarity.neighbours.metric import NeighborMetric
from prh.similarity.rdms.rsa import RSA

Rows = NDArray[np.int64]
MOST_STIMULI = 2000
"""So many stimuli are split at most, a random subset of more: choosing among layers needs no more."""


@dataclass(frozen=True)
class CrossFit:
    """The score of the best pair of layers, free of the luck of having been chosen.

    Attributes:
        value: Mean over splits and both directions; NaN where nothing could be scored, as of fewer than
            eight stimuli.
        sd: Standard deviation over splits, each the mean of both directions: how much the choice and the
            halves matter, not a standard error.
    """

    value: float
    sd: float


UNKNOWN = CrossFit(float("nan"), float("nan"))


def crossfit(
    metric: Metric,
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    scores: Array,
    splits: int = 10,
    seed: int = 0,
    metric_b: Metric | None = None,
    states: tuple[Sequence[Any], Sequence[Any]] | None = None,
) -> CrossFit:
    """Returns what the pair of layers that is best on one half of the stimuli scores on the other.

    Some metrics score fewer stimuli higher, so that a pair's score on a half is corrected by how far the
    halves' mean score of that pair lies from its score on all stimuli. Neighbourhoods are halved with the
    stimuli, so that they hold the same share of them. Of more than :data:`MOST_STIMULI` stimuli a random
    subset is split; a choice on fewer is less often the best, so the value errs on the low side.

    Args:
        metric: How the layers were compared.
        a: L_a layers, N×D features each.
        b: L_b layers over the same stimuli.
        scores: Observed on all stimuli, L_a×L_b; NaN where a layer is degenerate.
        splits: Number of random splits.
        seed: Of the splits.
        metric_b: Prepares ``b`` where its metric is another, e.g. ``metric.for_text()``.
        states: The prepared layers of both sides, None for a degenerate one, where they are at hand.
    """
    n = len(next(iter(a.values())))
    if n < 2 * MIN_STIMULI:
        return UNKNOWN
    generator = np.random.default_rng(seed)
    if n > MOST_STIMULI:
        some = np.sort(generator.choice(n, MOST_STIMULI, replace=False))
        a, b = ({name: np.asarray(x)[some] for name, x in side.items()} for side in (a, b))
        n, states = MOST_STIMULI, None
    sides = (metric, list(a.values())), (metric_b or metric, list(b.values()))
    whole: Any = states
    if whole is None and from_states(metric):
        whole = tuple(_prepared(each, layers) for each, layers in sides)
    found = []
    for rows in halves(n, splits, generator):
        left, right = (
            of_half(each, layers, None if whole is None else whole[side], rows)
            for side, (each, layers) in enumerate(sides)
        )
        found.append(grid_of(metric, left, right))
    return crossed(scores, np.array(found))


def crossfit_classes(
    metric: Metric,
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    labels: Any,
    scores: Array,
    splits: int = 10,
    seed: int = 0,
    metric_b: Metric | None = None,
) -> CrossFit:
    """Returns what the layer that is best for the centroids of one half of the images scores on the other's.

    The classes stay: the luck that is taken out is that of the images, not that of the classes.

    Args:
        metric: How centroids were compared.
        a: L_a layers, N×D features per image each.
        b: L_b layers, C×D' features per class each.
        labels: The class of each image, N integers.
        scores: Observed between the centroids of all images and ``b``, L_a×L_b.
        splits: Number of random splits of every class into two halves.
        seed: Of the splits.
        metric_b: Prepares ``b`` where its metric is another.

    Raises:
        ValueError: A class has one image alone.
    """
    classes = np.asarray(labels)
    rows = [np.flatnonzero(classes == name) for name in np.unique(classes)]
    if min(map(len, rows)) < 2:
        raise ValueError("a class has one row alone, which cannot be split")
    right = _prepared(metric_b or metric, b.values())
    found = np.full((2 * splits, len(a), len(b)), np.nan)
    for layer, x in enumerate(a.values()):
        generator = np.random.default_rng(seed)
        matrix = np.asarray(x, dtype=float)
        for split in range(splits):
            left = _prepared(metric, class_halves(matrix, rows, generator))
            found[2 * split : 2 * split + 2, layer] = grid_of(metric, left, right)
    return crossed(scores, found)


def crossed(scores: Array, halves: Array) -> CrossFit:
    """Returns the score of the best cell of each half in its other half.

    Args:
        scores: Of all stimuli, L_a×L_b.
        halves: 2S×L_a×L_b, each half followed by its other half.
    """
    cells = halves.reshape(len(halves), -1)
    usable = np.isfinite(scores.ravel()) & np.isfinite(cells).all(axis=0)
    if not usable.any():
        return UNKNOWN
    # Averaged over splits, the halves of a U-statistic have the score of the whole: what is left is level.
    cells = cells[:, usable] + scores.ravel()[usable] - cells[:, usable].mean(axis=0)
    others = cells.reshape(-1, 2, cells.shape[1])[:, ::-1].reshape(cells.shape)
    # Shares of neighbours are often equal; rounding must not choose between them.
    held_out = others[np.arange(len(cells)), cells.round(9).argmax(axis=1)]
    by_split = held_out.reshape(-1, 2).mean(axis=1)
    return CrossFit(
        float(by_split.mean()), float(by_split.std(ddof=1)) if len(by_split) > 1 else float("nan")
    )


def halves(n: int, splits: int, generator: np.random.Generator) -> list[Rows]:
    """Returns the rows of both halves of each random split of N stimuli, 2S in all, each in order."""
    found = []
    for _ in range(splits):
        order = generator.permutation(n)
        found += [np.sort(order[: n // 2]), np.sort(order[n // 2 :])]
    return found


def from_states(metric: Metric) -> bool:
    """Returns whether states of half the stimuli come from those of all: distances and kernels stay."""
    return isinstance(metric, RSA | CKA)


def of_half(metric: Metric, layers: Sequence[Any], states: Sequence[Any] | None, rows: Rows) -> list[Any]:
    """Returns the states of layers over some of the stimuli, None for a degenerate one.

    Args:
        metric: Prepares them.
        layers: N×D features each.
        states: Their states over all N; None where the metric does not need them (:func:`from_states`).
        rows: Which stimuli.
    """
    if states is not None and from_states(metric):
        return _among(states, rows)
    return _prepared(_halved(metric), [np.asarray(x)[rows] for x in layers])


def _among(states: Sequence[Any], rows: Rows) -> list[Any]:
    found: list[Any] = []
    for state in states:
        try:
            found.append(None if state is None else state.among(rows))
        except DegenerateFeatures:
            found.append(None)
    return found


def _halved(metric: Metric) -> Metric:
    """Returns the metric for half as many stimuli: a number of neighbours is halved with them."""
    if isinstance(metric, NeighborMetric | CKNNA) and metric.k >= 2:
        return replace(metric, k=metric.k // 2)
    return metric


def _prepared(metric: Metric, layers: Iterable[Any]) -> list[Any]:
    states: list[Any] = []
    for x in layers:
        try:
            states.append(metric.prepare(x))
        except DegenerateFeatures:
            states.append(None)
    return states


def grid_of(metric: Metric, a: Sequence[Any], b: Sequence[Any]) -> Array:
    """Returns the scores of states with states, L_a×L_b; NaN where one is degenerate."""
    return np.array(
        [
            [np.nan if left is None or right is None else metric.compare(left, right) for right in b]
            for left in a
        ]
    )
