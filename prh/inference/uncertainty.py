"""How far a score may lie from that of other stimuli: standard errors and intervals, for any metric.

All of it comes from what each stimulus contributes (:mod:`prh.similarity.influence`); docs/calibration.md
says how often the intervals hold what they should.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array, DegenerateFeatures
from prh.similarity.influence import Influence
from prh.similarity.metric import Metric
from prh.similarity.states import check_paired

Labels = NDArray[np.int64]
DRAWS = 128
"""Random signs that measure what pairs of stimuli count twice: to one part in eight, of a correction."""
FEWEST = 3
"""Two stimuli have one distance, which correlates with nothing."""
FEW = 40
"""Up to so many stimuli, each is left out in turn."""
UNITS = 50
"""Of more, so many random parts are left out in turn where a metric has no formula of its own."""
PAIRS = 60
"""So many pairs are left out together, of parts of many half as many, to measure what they count twice."""


def influences(
    metric: Metric, a: Sequence[Any], b: Sequence[Any], groups: Labels | None = None, seed: int = 0
) -> Influence:
    """Returns what each stimulus contributes to the score of every pair of states.

    Args:
        metric: The metric that prepared the states.
        a: L_a states.
        b: L_b states over the same N stimuli.
        groups: N; stimuli of one number are not independent and count as one.
        seed: Of the stimuli that are looked at where there are more than ``metric.enough``, of the parts that
            are left out, and of the random signs.

    Returns:
        Influence on L_a×L_b scores.
    """
    n, generator = a[0].n, np.random.default_rng(seed)
    _, clusters = np.unique(np.arange(n) if groups is None else groups, return_inverse=True)
    count = int(clusters.max()) + 1
    if n <= FEW:
        return _left_out(metric, a, b, clusters, generator, few=True)
    rows = _enough(clusters, metric.enough, generator)
    if len(rows) < n:
        a, b = ([state.among(rows) for state in states] for states in (a, b))
    kept = clusters[rows]
    signs = generator.choice([-1.0, 1.0], (count, DRAWS))[kept]
    found = metric.influence(a, b, signs)
    if found is None:
        parts = generator.permutation(np.arange(count) % UNITS)[kept]
        found = _left_out(metric, a, b, np.unique(parts, return_inverse=True)[1], generator, few=False)
    elif groups is not None:
        found = replace(found, clusters=kept)
    share = len(rows) / n
    return found if share == 1 else replace(found * np.sqrt(share), pairs=found.pairs * share)


def intervals(
    metric: Metric, scores: Array, influence: Influence, level: float = 0.95
) -> tuple[Array, Array]:
    """Returns the ends of intervals for the mean score over other samples of as many stimuli.

    They are scores ± t standard errors, t that of Student with the influence's degrees of freedom, cut off
    where no score can lie; for correlations symmetric after Fisher's transformation, for shares as Wilson's.

    Args:
        metric: Says where scores can lie.
        scores: Of any shape.
        influence: On them.
        level: How often the interval is to hold the mean score, in (0, 1).

    Raises:
        ValueError: ``level`` is not in (0, 1).
    """
    return ends(metric, scores, influence.se, student(influence.df, level), len(influence.values))


def ends(metric: Metric, scores: Array, se: Array, t: float, n: int) -> tuple[Array, Array]:
    """Returns the ends of intervals of ``t`` standard errors for scores over ``n`` stimuli.

    See :func:`intervals`.
    """
    half = t * se
    if metric.kind == "share":
        return _of_shares(scores, half, t, n)
    if metric.kind == "correlation":
        return _of_correlations(scores, half)
    return np.maximum(scores - half, metric.minimum), np.minimum(scores + half, metric.maximum)


def _of_correlations(scores: Array, half: Array) -> tuple[Array, Array]:
    """Returns intervals that are symmetric in arctanh r, which lie between −1 and 1 (Fisher 1921)."""
    inner = np.clip(scores, -1 + 1e-9, 1 - 1e-9)
    wide = half / (1 - inner**2)
    return np.tanh(np.arctanh(inner) - wide), np.tanh(np.arctanh(inner) + wide)


def _of_shares(scores: Array, half: Array, t: float, n: int) -> tuple[Array, Array]:
    """Returns intervals of shares, which near 0 and 1 are longer on the inner side (Wilson 1927).

    Args:
        scores: Shares of N stimuli.
        half: t standard errors.
        t: How many these are.
        n: Number of stimuli; so many independent ones vary as much where all are alike.
    """
    spread = scores * (1 - scores)
    known = np.isfinite(half) & (half > 0) & (spread > 0)
    weight = np.where(known, half, t * np.sqrt(spread / n)) ** 2 / np.where(spread > 0, spread, 1)
    weight = np.where(spread > 0, weight, t**2 / n)
    middle = (scores + weight / 2) / (1 + weight)
    half = np.sqrt(weight * spread + weight**2 / 4) / (1 + weight)
    return middle - half, middle + half


def student(df: int, level: float) -> float:
    """Returns how many standard errors to either side hold the share ``level``, by Student's t.

    Raises:
        ValueError: ``level`` is not in (0, 1).
    """
    from scipy.stats import t

    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    return float(t.ppf((1 + level) / 2, max(df, 1)))


def score_interval(
    metric: Metric, x: Any, y: Any, level: float = 0.95, groups: Labels | None = None, seed: int = 0
) -> tuple[float, float]:
    """Returns an interval of the similarity of two representations over samples of as many stimuli.

    Args:
        metric: How the two are compared.
        x: N×D features.
        y: N×D' features, rows paired with ``x``.
        level: How often it is to hold the mean score, in (0, 1).
        groups: N; stimuli of one number are not independent.
        seed: See :func:`influences`.

    Returns:
        Lower and upper end.

    Raises:
        ValueError: As the metric's ``prepare``, or ``level`` outside (0, 1).
    """
    a, b = metric.prepare(x, "x"), metric.prepare(y, "y")
    check_paired(a, b)
    influence = influences(metric, [a], [b], groups, seed).at(0, 0)
    low, high = intervals(metric, np.asarray(metric.compare(a, b)), influence, level)
    return float(low), float(high)


def _enough(clusters: Labels, most: int | None, generator: np.random.Generator) -> Labels:
    """Returns the rows of whole clusters, drawn at random until there are about ``most``; all where None."""
    if most is None or len(clusters) <= most:
        return np.arange(len(clusters))
    sizes = np.bincount(clusters)
    order = generator.permutation(len(sizes))
    drawn = order[: int(np.searchsorted(np.cumsum(sizes[order]), most)) + 1]
    return np.flatnonzero(np.isin(clusters, drawn))


def _left_out(
    metric: Metric,
    a: Sequence[Any],
    b: Sequence[Any],
    parts: Labels,
    generator: np.random.Generator,
    few: bool,
) -> Influence:
    """Returns influences from leaving each part out, and some pairs of parts (Efron & Stein 1981)."""
    count = int(parts.max()) + 1

    def without(*gone: int) -> Array:
        return _scores(metric, a, b, np.flatnonzero(~np.isin(parts, gone)))

    whole, single = _scores(metric, a, b, None), np.array([without(part) for part in range(count)])
    mean = _mean(single)
    moved = np.nan_to_num(mean - single)
    weights = len(parts) * (count - 1) / count / np.bincount(parts)
    first, second = np.triu_indices(count, k=1)
    drawn = generator.permutation(len(first))[: PAIRS if few else PAIRS // 2]
    twice = [
        count * whole - (count - 1) * (single[i] + single[j]) + (count - 2) * without(i, j)
        for i, j in zip(first[drawn], second[drawn], strict=True)
    ]
    pairs = np.array(twice).reshape(len(drawn), *whole.shape) / max(count - 1, 1)
    # Those drawn stand for all pairs.
    pairs = np.nan_to_num(pairs - _mean(pairs)) * np.sqrt(len(first) / max(len(drawn), 1))
    values = (moved * weights[:, None, None])[parts]
    values[:, np.isnan(mean)] = np.nan
    return Influence(values, pairs, *metric.twice_left_out(few), clusters=parts)


def _scores(metric: Metric, a: Sequence[Any], b: Sequence[Any], rows: Labels | None) -> Array:
    """Returns the scores of some of the stimuli, NaN where these leave nothing to compare."""

    def some(state: Any) -> Any:
        if rows is None:
            return state
        try:
            return state.among(rows) if len(rows) >= FEWEST else None
        except DegenerateFeatures:
            return None

    left, right = [some(state) for state in a], [some(state) for state in b]
    return np.array(
        [[np.nan if x is None or y is None else metric.compare(x, y) for y in right] for x in left]
    )


def _mean(values: Array) -> Array:
    """Returns the mean over the first axis of what is not NaN; NaN where nothing is."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        mean: Array = np.where(known, values, 0).sum(axis=0) / known.sum(axis=0)
    return mean
