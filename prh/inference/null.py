"""The null distribution of a similarity: the same features with their stimuli shuffled (Mantel 1967)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.exchange import FREE, Exchange
from prh.inference.score import Score
from prh.inference.significance import calibrated, critical_values, excess, moments, p_errors, p_values
from prh.similarity.arrays import Array
from prh.similarity.metric import Metric
from prh.similarity.states import check_paired

Scores = NDArray[np.floating]
CHUNK = 200
"""Permutations between two steps of a progress bar; of fewer at a time, each costs a tenth more."""
INDEPENDENT = 2000
"""Up to so many stimuli every permutation is drawn on its own."""
FEW = 40
"""Up to so many rows, class centroids as a rule, permutations are so cheap that many are drawn."""
MANY = 2000
"""Permutations of so few rows between two steps."""
WALKED = 10
"""Up to so many rows all permutations can be walked through: 10! are 3.6 million."""
NUMBERS = 1 << 26
"""About so many permuted scores exist at a time."""


def silent(step: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Null:
    """Scores of permuted stimuli.

    Attributes:
        scores: K×L_a×L_b; NaN where a permutation leaves nothing to compare.
        exact: Whether the permutations are all that there are, so that p has no Monte-Carlo error.
    """

    scores: Scores
    exact: bool


def enough(metric: Metric, n_stimuli: int, n: int) -> int:
    """Returns how many permutations to ask for: ``n``, of up to 40 rows at least ``metric.few_draws``."""
    return max(n, metric.few_draws) if n_stimuli <= FEW else n


def permuted_null(
    metric: Metric,
    a: Sequence[Any],
    b: Sequence[Any],
    n: int,
    seed: int,
    advance: Callable[[int], None] = silent,
    exchange: Exchange = FREE,
) -> Null:
    """Returns the scores of every pair of states with the stimuli of ``b`` shuffled.

    Up to ten stimuli, where ``n`` is as large as ``metric.few_draws`` and the metric is a sum over pairs
    (:meth:`Metric.terms`), all permutations are walked through, which costs less than drawing so many.

    More than :data:`INDEPENDENT` stimuli are put in a random order and moved on along it, by as many
    different shifts as there are to be permutations. Such shifts are a group, so p stays exact (Hemerik
    and Goeman 2018), and metrics over pairs of stimuli have all of them for the cost of a few
    (:meth:`Metric.shifted`).

    Args:
        metric: The metric that prepared the states.
        a: L_a states.
        b: L_b states over the same stimuli.
        n: Number of permutations; if there are no more than that, they are enumerated.
        seed: Of the generator.
        advance: Called with the number of permutations done.
        exchange: Which stimuli may take each other's place.

    Raises:
        NotExchangeable: None may.
    """
    n_stimuli = a[0].n
    if exchange.free and n_stimuli > INDEPENDENT:
        return Null(_along_random_orders(metric, a, b, n, seed, advance), exact=False)
    if exchange.free and n >= metric.few_draws and (walked := _walked(metric, a, b)) is not None:
        advance(len(walked))
        return Null(walked, exact=True)
    if exchange.within is None and exchange.whole is None and exchange.sequence is not None:
        return _along_sequence(metric, a, b, np.asarray(exchange.sequence), n, seed, advance)
    orders, exact = exchange.orders(n_stimuli, n, seed)
    parts, size = [], CHUNK if n_stimuli > FEW else MANY
    for start in range(0, len(orders), size):
        parts.append(metric.permuted(a, b, orders[start : start + size]))
        advance(len(parts[-1]))
    return Null(np.concatenate(parts), exact)


def null_parts(
    metric: Metric,
    a: Sequence[Any],
    b: Sequence[Any],
    n: int,
    seed: int,
    advance: Callable[[int], None] = silent,
    exchange: Exchange = FREE,
) -> Iterator[tuple[slice, Null]]:
    """Yields :func:`permuted_null` of some layers of ``a`` after others, as many as there is memory for.

    The permutations are the same for all.
    """
    walks = exchange.free and a[0].n <= WALKED and n >= metric.few_draws
    draws = max(n, factorial(a[0].n)) if walks else n
    size = max(1, NUMBERS // (draws * len(b)))
    for start in range(0, len(a), size):
        rows = slice(start, start + size)
        yield rows, permuted_null(metric, a[rows], b, n, seed, silent if start else advance, exchange)


def _walked(metric: Metric, a: Sequence[Any], b: Sequence[Any]) -> Scores | None:
    """Returns the scores under all N! − 1 permutations but the identity; None where they are too many."""
    if not 3 <= a[0].n <= WALKED:
        return None
    from prh.similarity.walk import walked_products

    left, right = ([metric.terms(state) for state in states] for states in (a, b))
    sums = [[terms for terms in side if terms is not None] for side in (left, right)]
    if len(sums[0]) < len(a) or len(sums[1]) < len(b):
        return None
    scores: Scores = np.moveaxis(walked_products(np.stack(sums[0]), np.stack(sums[1])), -1, 0)
    return scores


def _along_random_orders(
    metric: Metric, a: Sequence[Any], b: Sequence[Any], n: int, seed: int, advance: Callable[[int], None]
) -> Array:
    n_stimuli, parts = a[0].n, []
    generator = np.random.default_rng(seed)
    while n > 0:
        order = generator.permutation(n_stimuli)
        shifts = 1 + generator.choice(n_stimuli - 1, min(n, n_stimuli - 1), replace=False)
        parts.append(metric.shifted(a, b, order, shifts))
        advance(len(shifts))
        n -= len(shifts)
    return np.concatenate(parts)


def _along_sequence(
    metric: Metric,
    a: Sequence[Any],
    b: Sequence[Any],
    sequence: Any,
    n: int,
    seed: int,
    advance: Callable[[int], None],
) -> Null:
    """Returns the null of moving all stimuli on along the order in which they were recorded."""
    if sequence.shape != (a[0].n,):
        raise ValueError(f"there are {a[0].n} stimuli, but {sequence.shape} places in their sequence")
    everywhere = np.arange(1, len(sequence))
    exact = len(everywhere) <= n
    shifts = everywhere if exact else np.random.default_rng(seed).choice(everywhere, n, replace=False)
    scores = metric.shifted(a, b, sequence, shifts)
    advance(len(shifts))
    return Null(scores, exact)


def permutation_test(
    metric: Metric,
    sa: Any,
    sb: Any,
    n: int | None = None,
    seed: int = 0,
    alpha: float = 0.05,
    exchange: Exchange = FREE,
) -> Score:
    """Tests whether two representations are more alike than with their stimuli shuffled.

    Args:
        metric: The metric that prepared the states.
        sa: State of one representation.
        sb: State of the other; its stimuli are permuted.
        n: Number of permutations; if there are no more than that, they are enumerated. Where None, 1,000,
            and of up to 40 rows ``metric.few_draws``, or all of them (:func:`permuted_null`).
        seed: Of the permutations.
        alpha: Level of the critical value.
        exchange: Which stimuli may take each other's place.

    Returns:
        The score with p and its Monte-Carlo error, null mean and sd and the calibrated score; without an
        interval.

    Raises:
        ValueError: The states are over different numbers of stimuli.
        NotExchangeable: No stimulus may take another's place.
    """
    check_paired(sa, sb)
    null = permuted_null(metric, [sa], [sb], n or enough(metric, sa.n, 1000), seed, exchange=exchange)
    scores, value = null.scores[:, 0, 0], metric.compare(sa, sb)
    mean, sd = moments(scores)
    p, critical = float(p_values(value, scores)), float(critical_values(value, scores, alpha))
    return Score(
        value=value,
        p=p,
        p_se=float(p_errors(p, len(scores), null.exact)),
        exact=null.exact,
        null_mean=float(mean),
        null_sd=float(sd),
        calibrated=float(calibrated(value, mean, metric.maximum)),
        critical=critical,
        excess=float(excess(value, critical, metric.maximum)),
    )
