"""Many encoders, each prepared once: all of their pairs, judged as each would be alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.design import INDEPENDENT, Design
from prh.inference.exchange import FREE, Exchange
from prh.inference.grid_null import grid_null
from prh.inference.judge import NoInference, Permutation
from prh.inference.null import INDEPENDENT as DRAWN
from prh.inference.null import enough, silent
from prh.inference.pair_table import PairTable
from prh.inference.uncertainty import influences, intervals
from prh.similarity.arrays import Array
from prh.similarity.influence import Influence
from prh.similarity.metric import Metric
from prh.similarity.states import check_paired

Cells = NDArray[np.bool_]
Places = NDArray[np.int64]
States = Sequence[Any]
FEW_DRAWS = 10
"""So many permutations say where chance lies, if nothing is tested: to a third of the null's deviation."""
SAME = 1e-9
"""Scores of the two directions of a pair that differ by more make a metric one that is not symmetric."""


def all_pairs(
    metric: Metric,
    states: Mapping[str, Any],
    judge: Permutation | NoInference,
    pairs: Iterable[tuple[int, int]] | None = None,
    design: Design = INDEPENDENT,
    advance: Callable[[int], None] = silent,
) -> PairTable:
    """Returns the pairs of M encoders, each with the numbers that ``judge`` gives for it alone.

    Of the two of a pair, the one that comes later among ``states`` has its stimuli permuted. All pairs with
    one such encoder share its permuted RDM, kernel or neighbours, which is most of what permuting costs.

    Args:
        metric: The metric that prepared the states.
        states: Encoder to prepared state, all over the same N stimuli; None where it is degenerate.
        judge: How many permutations, which may take each other's place, level and seed; or scores alone.
        pairs: Places of those to judge, in either order; None for all. Metrics that are not symmetric are
            judged in both directions.
        design: What is known of the stimuli beside their features.
        advance: Called with the number of scores judged; there are as many as pairs, or twice.

    Raises:
        ValueError: Fewer than two states, states over different numbers of stimuli, or a place out of range.
        NotExchangeable: The judge's ``within`` asks for what the stimuli do not have.
    """
    names, known = tuple(states), list(states.values())
    cells = _asked(known, pairs)
    scores, symmetric = _compared(metric, known, cells)
    if not symmetric:
        cells = cells | cells.T
    if isinstance(judge, NoInference) or not cells.any():
        return PairTable.of(names, metric, scores, symmetric)
    draws = enough(metric, next(state.n for state in known if state is not None), judge.n_permutations)
    exchange, alpha = Exchange.of(design, judge.within), 1 - judge.level
    found, exact = _nulls(metric, known, cells, scores, draws, judge.seed, alpha, exchange, advance)
    influence = _influences(metric, known, cells, design, judge.seed)
    low, high = intervals(metric, scores[cells], influence, judge.level)
    for name, values in (("se", influence.se), ("ci_low", low), ("ci_high", high)):
        found[name] = np.full(cells.shape, np.nan)
        found[name][cells] = values
    if symmetric:
        found = {name: np.where(cells.T, values.T, values) for name, values in found.items()}
    by_pair = _by_pair(influence, cells)
    return PairTable.of(names, metric, scores, symmetric, exact=exact, influence=by_pair, **found)


def likenesses(
    metric: Metric, states: Mapping[str, Any], seed: int = 0, advance: Callable[[int], None] = silent
) -> PairTable:
    """Returns all pairs with their calibrated scores, from a few permutations, and neither p nor interval.

    Args:
        metric: The metric that prepared the states.
        states: L representations over the same N stimuli, by name.
        seed: Of the permutations.
        advance: Called with the number of scores done.

    Raises:
        ValueError: Fewer than two states, or states over different numbers of stimuli.
    """
    known = list(states.values())
    cells = _asked(known, None)
    scores, symmetric = _compared(metric, known, cells)
    cells = cells if symmetric else cells | cells.T
    if not cells.any():
        return PairTable.of(tuple(states), metric, scores, symmetric)
    found, _ = _nulls(metric, known, cells, scores, FEW_DRAWS, seed, 0.5, FREE, advance)
    mean = found["null_mean"]
    mean = np.where(cells.T, mean.T, mean) if symmetric else mean
    return PairTable.of(tuple(states), metric, scores, symmetric, null_mean=mean)


def _asked(known: States, pairs: Iterable[tuple[int, int]] | None) -> Cells:
    """Returns which pairs i < j are to be judged, M×M."""
    if len(known) < 2:
        raise ValueError(f"there are pairs of two encoders or more, not of {len(known)}")
    cells = np.triu(np.ones((len(known), len(known)), dtype=bool), k=1)
    if pairs is not None:
        chosen = np.sort(np.array(list(pairs), dtype=np.int64).reshape(-1, 2), axis=1)
        wrong = (chosen < 0) | (chosen >= len(known)) | (chosen[:, :1] == chosen[:, 1:])
        if wrong.any():
            raise ValueError(
                f"pairs are of two different places from 0 to {len(known) - 1}, "
                f"not {tuple(map(int, chosen[wrong.any(axis=1)][0]))}"
            )
        cells[:] = False
        cells[chosen[:, 0], chosen[:, 1]] = True
    usable = np.array([state is not None for state in known])
    for state in known:
        if state is not None:
            check_paired(known[int(np.argmax(usable))], state)
    asked: Cells = cells & usable[:, None] & usable
    return asked


def _compared(metric: Metric, known: States, cells: Cells) -> tuple[Array, bool]:
    """Returns scores M×M and whether they are the same in both directions."""
    scores = np.full(cells.shape, np.nan)
    for i, state in enumerate(known):
        scores[i, i] = np.nan if state is None else metric.maximum
    at = [(int(i), int(j)) for i, j in np.argwhere(cells)]
    for i, j in at:
        scores[i, j] = scores[j, i] = metric.compare(known[i], known[j])
    # Sums of products of both sides are the same either way; of others, the other way is looked at, and of
    # many stimuli too, whose N×N terms cost more than that.
    if not at or (known[at[0][0]].n <= DRAWN and metric.terms(known[at[0][0]]) is not None):
        return scores, True
    for i, j in at:
        scores[j, i] = metric.compare(known[j], known[i])
    symmetric = bool(np.allclose(scores, scores.T, rtol=0, atol=SAME * metric.maximum, equal_nan=True))
    return np.where(cells.T, scores.T, scores) if symmetric else scores, symmetric


def _nulls(
    metric: Metric,
    known: States,
    cells: Cells,
    scores: Array,
    draws: int,
    seed: int,
    alpha: float,
    exchange: Exchange,
    advance: Callable[[int], None],
) -> tuple[dict[str, Array], bool]:
    """Returns p, its error, and the null's mean, deviation and critical value of each cell, M×M."""
    exact = False
    found = {name: np.full(cells.shape, np.nan) for name in ("p", "p_se", "null_mean", "null_sd", "critical")}
    n_stimuli = next(state.n for state in known if state is not None)
    for rows, columns in _columns(cells) if n_stimuli <= DRAWN else _rectangles(cells):
        at = np.ix_(rows, columns)
        a, b = [known[i] for i in rows], [known[j] for j in columns]
        null = grid_null(metric, a, b, scores[at], draws, seed, alpha, exchange=exchange)
        values = (null.p, null.p_se, null.mean, null.sd, null.critical)
        for name, array in zip(found, values, strict=True):
            found[name][at] = array
        exact = null.exact
        advance(len(rows) * len(columns))
    return found, exact


def _influences(metric: Metric, known: States, cells: Cells, design: Design, seed: int) -> Influence:
    """Returns what each stimulus contributes to the score of each cell, in the order of ``cells``."""
    order = np.cumsum(cells).reshape(cells.shape) - 1
    parts, places = [], []
    for rows, columns in _rectangles(cells):
        part = influences(metric, [known[i] for i in rows], [known[j] for j in columns], design.groups, seed)
        at = [(i, j) for i in range(len(rows)) for j in range(len(columns))]
        parts += [part.at(i, j) for i, j in at]
        places += [int(order[rows[i], columns[j]]) for i, j in at]
    return Influence.stack([parts[k] for k in np.argsort(places)])


def _columns(cells: Cells) -> Iterator[tuple[Places, Places]]:
    """Yields the rows of every column that has some: what is permuted is permuted once."""
    for column in np.flatnonzero(cells.any(axis=0)):
        yield np.flatnonzero(cells[:, column]), np.array([column])


def _rectangles(cells: Cells) -> Iterator[tuple[Places, Places]]:
    """Yields rows and columns that together are all cells, each once, in few and large rectangles.

    Each encoder is in log M of them, where what is done to it for one rectangle is done again.
    """
    for one, other in _halves(0, len(cells)):
        for rows, columns in ((one, other), (other, one)):
            part = cells[np.ix_(rows, columns)]
            rows, columns = rows[part.any(axis=1)], columns[part.any(axis=0)]
            if cells[np.ix_(rows, columns)].all() and part.any():
                yield rows, columns
            else:
                for column in columns:
                    yield rows[cells[rows, column]], np.array([column])


def _halves(low: int, high: int) -> Iterator[tuple[Places, Places]]:
    if high - low > 1:
        middle = (low + high + 1) // 2
        yield np.arange(low, middle), np.arange(middle, high)
        yield from _halves(low, middle)
        yield from _halves(middle, high)


def _by_pair(influence: Influence, cells: Cells) -> Influence:
    """Returns influence on pairs i < j, row after row: the mean of both directions where both are cells."""
    order = np.where(cells, np.cumsum(cells).reshape(cells.shape) - 1, -1)
    first, second = np.triu_indices(len(cells), k=1)
    there, back = order[first, second], order.T[first, second]
    back = np.where(back < 0, there, back)

    def gathered(values: Array) -> Array:
        both: Array = (values[:, there] + values[:, back]) / 2
        both[:, there < 0] = np.nan
        return both

    own = None if influence.own is None else gathered(influence.own)
    return replace(influence, values=gathered(influence.values), pairs=gathered(influence.pairs), own=own)
