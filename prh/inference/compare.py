"""Which of two representations is nearer to a third, by how much, and whether it matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.null import permuted_null
from prh.inference.significance import calibrated
from prh.inference.uncertainty import influences, student
from prh.similarity.arrays import Array
from prh.similarity.influence import Influence
from prh.similarity.metric import Metric
from prh.similarity.states import check_paired

Labels = NDArray[np.int64]
Side = tuple[Metric, Any, Any]
"""A metric and two states that it prepared: one score."""
NULL_DRAWS = 200
"""Permutations that say where unrelated features score, for metrics whose scores grow with width."""
SIMULATED = 10_000
"""Draws of the largest of several differences."""


@dataclass(frozen=True)
class Difference:
    """The difference of two scores over the same stimuli.

    Attributes:
        value: First score less the second; calibrated scores where the metric's scores grow with width.
        se: Standard error of it.
        ci_low: Lower end of the interval.
        ci_high: Upper end.
        p: Two-sided, of no difference, by Student's t.
        p_corrected: The same for the largest |difference / se| of all differences that were tested together
            (Westfall & Young 1993); equal to ``p`` for one alone.
        sim_low: Lower end of the interval that holds for all of them at once.
        sim_high: Upper end.
        df: Degrees of freedom of ``se``.
    """

    value: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    p_corrected: float
    sim_low: float
    sim_high: float
    df: int

    def equivalent(self, bound: float) -> float:
        """Returns the p of two one-sided tests that the difference is ``bound`` or more (Schuirmann 1987).

        Small: the difference is shown to be smaller than ``bound`` either way.

        Args:
            bound: Smallest difference that matters, in units of the score, above 0.

        Raises:
            ValueError: ``bound`` is not above 0.
        """
        if not bound > 0:
            raise ValueError(f"bound must be above 0, not {bound}")
        if not self.se > 0:
            return 0.0 if abs(self.value) < bound else 1.0
        return _tail((bound - abs(self.value)) / self.se, self.df)


def compare_scores(
    metric: Metric,
    x1: Any,
    x2: Any,
    y: Any,
    level: float = 0.95,
    groups: Labels | None = None,
    seed: int = 0,
) -> Difference:
    """Returns how much nearer ``x1`` is to ``y`` than ``x2`` is, e.g. two vision models to one text model.

    What each stimulus contributes to both scores is subtracted, so what they share cancels. Where wide
    features score high even if unrelated (``Metric.width_inflates``), calibrated scores are compared.

    Args:
        metric: How representations are compared.
        x1: N×D₁ features.
        x2: N×D₂ features.
        y: N×D features, rows paired with both.
        level: Coverage of the interval.
        groups: N; stimuli of one number are not independent.
        seed: Of what is drawn; see :func:`prh.inference.uncertainty.influences`.

    Raises:
        ValueError: As the metric's ``prepare``; rows are not paired; ``level`` outside (0, 1).
    """
    first, second, target = metric.prepare(x1, "x1"), metric.prepare(x2, "x2"), metric.prepare(y, "y")
    pairs = [((metric, first, target), (metric, second, target))]
    return compare_pairs(pairs, level, groups, seed)[0]


def compare_pairs(
    pairs: Sequence[tuple[Side, Side]],
    level: float = 0.95,
    groups: Labels | None = None,
    seed: int = 0,
    against_last: bool = False,
) -> list[Difference]:
    """Returns the differences of pairs of scores, all over the same stimuli, tested together.

    Args:
        pairs: Two sides each, a metric and two states that it prepared.
        level: Coverage of each interval, and of all simultaneous ones together.
        groups: N; stimuli of one number are not independent.
        seed: Of what is drawn.
        against_last: Returns how each difference but the last differs from the last: interactions, such as
            of model and depth.

    Raises:
        ValueError: States are over different numbers of stimuli; ``level`` outside (0, 1).
    """
    known: dict[tuple[Metric, int, int], tuple[float, Influence]] = {}

    def score(side: Side) -> tuple[float, Influence]:
        key = (side[0], id(side[1]), id(side[2]))
        if key not in known:
            known[key] = _judged(side, groups, seed)
        return known[key]

    values, moved = [], []
    for first, second in pairs:
        for side in (first, second):
            check_paired(pairs[0][0][1], side[1])
            check_paired(side[1], side[2])
        (one, from_one), (other, from_other) = score(first), score(second)
        values.append(one - other)
        moved.append(from_one - from_other)
    if against_last:
        values = [value - values[-1] for value in values[:-1]]
        moved = [influence - moved[-1] for influence in moved[:-1]]
    return differences(np.array(values), Influence.stack(moved), level, seed)


def differences(values: Array, influence: Influence, level: float = 0.95, seed: int = 0) -> list[Difference]:
    """Returns M quantities that are zero if nothing is the case, each tested alone and all together.

    Args:
        values: M differences of scores, or differences of differences (an interaction).
        influence: On them, N×M.
        level: Coverage.
        seed: Of the draws of the largest.
    """
    half, se, df = student(influence.df, level), influence.se, influence.df
    largest = largest_of(influence, seed)
    wide = float(np.quantile(largest, level)) if len(values) > 1 else half
    found = []
    for value, error in zip(values, se, strict=True):
        away = abs(value) / error if error > 0 else (0.0 if value == 0 else np.inf)
        p = min(1.0, 2 * _tail(away, df))
        corrected = (
            max(p, float((1 + (largest >= away).sum()) / (1 + len(largest)))) if len(values) > 1 else p
        )
        found.append(
            Difference(
                float(value),
                float(error),
                float(value - half * error),
                float(value + half * error),
                p,
                corrected,
                float(value - wide * error),
                float(value + wide * error),
                df,
            )
        )
    return found


def independent_difference(
    values: tuple[float, float], se: tuple[float, float], df: tuple[int, int], level: float = 0.95
) -> Difference:
    """Returns the difference of two scores over independent samples of stimuli (Welch 1947).

    Over the same stimuli, :func:`compare_pairs` is right and mostly narrower.

    Args:
        values: The two scores, the first less the second.
        se: Standard error of each.
        df: Degrees of freedom of each.
        level: Coverage of the interval.

    Raises:
        ValueError: ``level`` is not in (0, 1).
    """
    value, (one, other) = values[0] - values[1], (error**2 for error in se)
    error, both = float(np.sqrt(one + other)), one**2 / max(df[0], 1) + other**2 / max(df[1], 1)
    between = int((one + other) ** 2 / both) if both > 0 else min(df)
    p = min(1.0, 2 * _tail(abs(value) / error, between)) if error > 0 else float(value == 0)
    half = student(between, level) * error
    low, high = value - half, value + half
    return Difference(value, error, low, high, p, p, low, high, between)


def largest_of(influence: Influence, seed: int) -> Array:
    """Returns draws of max |Z / se| over M differences that are zero, correlated as these are.

    Args:
        influence: N×M.
        seed: Of the draws.
    """
    sums = influence.by_cluster()
    spread = np.sqrt((sums**2).sum(axis=0))
    known = spread > 0
    if not known.any():
        return np.zeros(SIMULATED)
    generator, directions = np.random.default_rng(seed), sums[:, known] / spread[known]
    correlation = directions.T @ directions
    draws = generator.multivariate_normal(np.zeros(len(correlation)), correlation, SIMULATED, method="eigh")
    scale = np.sqrt(influence.df / generator.chisquare(influence.df, SIMULATED))
    largest: Array = np.abs(draws).max(axis=1) * scale
    return largest


def _judged(side: Side, groups: Labels | None, seed: int) -> tuple[float, Influence]:
    """Returns a score that compares with others, and what each stimulus contributes to it."""
    metric, a, b = side
    value, influence = metric.compare(a, b), influences(metric, [a], [b], groups, seed).at(0, 0)
    if not metric.width_inflates:
        return value, influence
    chance = float(np.nanmean(permuted_null(metric, [a], [b], NULL_DRAWS, seed).scores))
    return float(calibrated(value, chance, metric.maximum)), influence * (1 / (metric.maximum - chance))


def _tail(t: float, df: int) -> float:
    from scipy.stats import t as student_t

    return float(student_t.sf(t, max(df, 1)))
