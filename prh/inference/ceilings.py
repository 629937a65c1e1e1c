"""How much of what a representation shares with itself, seen otherwise, it shares with another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.null import permuted_null
from prh.inference.uncertainty import ends, influences, student
from prh.similarity.influence import Influence
from prh.similarity.metric import Metric

DRAWS = 200
"""Permutations that say where chance lies."""
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Again:
    """How alike an encoder's representations of two versions of the same stimuli are.

    Attributes:
        value: The score.
        ci_low: Lower end of its interval over stimuli.
        ci_high: Upper end.
    """

    value: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class OfCeiling:
    """A score as a share of the smallest ceiling that is known, chance being 0 and the ceiling 1.

    Attributes:
        value: (score − chance) / (ceiling − chance); may exceed 1. NaN where the ceiling is no higher than
            chance.
        ci_low: Lower end of its interval over stimuli.
        ci_high: Upper end.
        ceilings: What is known of the two sides, in their order; None of a side seen in one version alone.
    """

    value: float
    ci_low: float
    ci_high: float
    ceilings: tuple[Again | None, Again | None]


def of_ceiling(
    sides: tuple[tuple[Metric, Any], tuple[Metric, Any]],
    again: tuple[Any | None, Any | None],
    level: float = 0.95,
    groups: Labels | None = None,
    seed: int = 0,
) -> OfCeiling:
    """Returns a pair's score as a share of what its sides share with themselves.

    Two encoders can hardly share more than each shares with itself when the same things are drawn by
    another hand, or named in other words. Score and ceiling are of the same stimuli, so what each of these
    contributes to the share follows from both (the delta method), and groups of stimuli count as one.

    Args:
        sides: A metric and a state of N stimuli that it prepared, of each of the two.
        again: States of the second version of the same stimuli, by the same metrics; at least one.
        level: Coverage of the intervals.
        groups: N; stimuli of one number are not independent.
        seed: Of the permutations, and of what is drawn for standard errors.

    Raises:
        ValueError: No second version; ``level`` outside (0, 1); states over different stimuli.
    """
    metric, a, b = sides[0][0], sides[0][1], sides[1][1]
    if again[0] is None and again[1] is None:
        raise ValueError("neither side was seen in a second version")
    found: list[Again | None] = []
    known: list[tuple[float, float, Influence]] = []
    for (own, state), other in zip(sides, again, strict=True):
        if other is None:
            found.append(None)
            continue
        score, chance, influence = _scored(own, state, other, groups, seed)
        low, high = ends(own, np.array(score), influence.se, student(influence.df, level), state.n)
        found.append(Again(score, float(low), float(high)))
        known.append((score, chance, influence))
    score, chance, moved = _scored(metric, a, b, groups, seed)
    most, least, moved_most = min(known, key=lambda one: one[0] - one[1])
    room = most - least
    if not room > 0:
        return OfCeiling(np.nan, np.nan, np.nan, (found[0], found[1]))
    share = (score - chance) / room
    error = float(((moved - moved_most * share) * (1 / room)).se)
    half = student(moved.df, level) * error
    return OfCeiling(share, share - half, share + half, (found[0], found[1]))


def _scored(
    metric: Metric, a: Any, b: Any, groups: Labels | None, seed: int
) -> tuple[float, float, Influence]:
    """Returns a score, where chance lies, and what each stimulus contributes."""
    null = permuted_null(metric, [a], [b], DRAWS, seed).scores
    return metric.compare(a, b), float(np.nanmean(null)), influences(metric, [a], [b], groups, seed).at(0, 0)
