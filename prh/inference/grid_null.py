"""What permuted stimuli say of every cell of a grid of layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prh.inference.exchange import FREE, Exchange
from prh.inference.null import null_parts, silent
from prh.inference.significance import critical_values, moments, p_errors, p_values
from prh.similarity.arrays import Array
from prh.similarity.metric import Metric


@dataclass(frozen=True)
class GridNull:
    """Each cell against its own null, and against the best of every permuted grid; L_a×L_b each.

    Attributes:
        p: One-sided p of each cell on its own.
        p_se: Its Monte-Carlo standard error; 0 where exact.
        p_corrected: p of each cell against the best cell of every permuted grid.
        p_corrected_se: Its Monte-Carlo standard error.
        mean: Mean of the permuted scores.
        sd: Their standard deviation.
        critical: What a score must exceed to be significant on its own.
        exact: Whether the permutations were all that there are.
    """

    p: Array
    p_se: Array
    p_corrected: Array
    p_corrected_se: Array
    mean: Array
    sd: Array
    critical: Array
    exact: bool


def grid_null(
    metric: Metric,
    a: Sequence[Any],
    b: Sequence[Any],
    scores: Array,
    n: int,
    seed: int,
    alpha: float,
    advance: Callable[[int], None] = silent,
    exchange: Exchange = FREE,
) -> GridNull:
    """Permutes the stimuli of ``b``, for all layers alike.

    A cell without a score under some permutation does not keep the others from being the best of it.

    Args:
        metric: The metric that prepared the states.
        a: L_a states.
        b: L_b states over the same stimuli.
        scores: Observed, L_a×L_b.
        n: Number of permutations; see :func:`prh.inference.null.permuted_null`.
        seed: Of the permutations.
        alpha: Level of the critical value.
        advance: Called with the number of permutations done.
        exchange: Which stimuli may take each other's place.
    """
    p, mean, sd, critical = (np.empty(scores.shape) for _ in range(4))
    best: Array | None = None
    for rows, null in null_parts(metric, a, b, n, seed, advance, exchange):
        p[rows] = p_values(scores[rows], null.scores)
        mean[rows], sd[rows] = moments(null.scores)
        critical[rows] = critical_values(scores[rows], null.scores, alpha)
        here = np.fmax.reduce(null.scores, axis=(1, 2))
        best, exact = here if best is None else np.fmax(best, here), null.exact
    assert best is not None
    corrected = np.empty(scores.shape)
    for at in np.ndindex(scores.shape):
        corrected[at] = p_values(scores[at], best)
    p_se, corrected_se = (p_errors(values, len(best), exact) for values in (p, corrected))
    return GridNull(p, p_se, corrected, corrected_se, mean, sd, critical, exact)
