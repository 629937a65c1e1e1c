"""Scores of pairs of models, and which of them share a model: what a trend over models is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.blocks import group_orders
from prh.inference.exchange import permutation_orders
from prh.similarity.arrays import Array

Labels = NDArray[np.int64]
Orders = NDArray[np.int64]
EXACT = 8
"""Of up to so many models all orders are tried, 8! = 40,320."""
AT_ONCE = 1 << 22
"""About so many numbers are ranked at a time."""


@dataclass(frozen=True)
class Dyads:
    """Scores of M models with each other, or with anchors.

    Attributes:
        capability: M, of which the order alone counts.
        places: M×M row of a pair's score, −1 where there is none; with anchors on the diagonal alone.
        scores: P×A, in any units; A is 1 for pairs, else the number of anchors.
        families: M integers; models of one number are of one family. None: each is its own.
    """

    capability: Array
    places: NDArray[np.int64]
    scores: Array
    families: Labels | None = None

    @classmethod
    def of_pairs(cls, scores: Any, capability: Any, families: Any = None) -> Dyads:
        """Returns the pairs of models whose capability is known.

        Args:
            scores: M×M; NaN where there is none. Of the two directions of a pair the mean is taken.
            capability: M, NaN where unknown.
            families: M labels of any kind.

        Raises:
            ValueError: The shapes do not go together.
        """
        matrix, known = np.asarray(scores, dtype=float), _known(capability)
        if matrix.shape != (len(known), len(known)):
            raise ValueError(
                f"{len(known)} capabilities go with as many rows and columns, not {matrix.shape}"
            )
        some = ((matrix + matrix.T) / 2)[np.ix_(known, known)]
        first, second = np.triu_indices(len(some), k=1)
        seen = np.isfinite(some[first, second])
        first, second = first[seen], second[seen]
        places = np.full(some.shape, -1)
        places[first, second] = places[second, first] = np.arange(len(first))
        return cls(_values(capability)[known], places, some[first, second][:, None], _named(families, known))

    @classmethod
    def of_anchors(cls, scores: Any, capability: Any, families: Any = None) -> Dyads:
        """Returns the scores of models with anchors, M or M×A, of which none is among the models.

        Models with unknown capability, or without a score with some anchor, are left out.

        Raises:
            ValueError: The shapes do not go together.
        """
        table, known = np.asarray(scores, dtype=float), _known(capability)
        table = table[:, None] if table.ndim == 1 else table
        if table.ndim != 2 or len(table) != len(known):
            raise ValueError(f"{len(known)} capabilities go with as many rows of scores, not {table.shape}")
        known &= np.isfinite(table).all(axis=1)
        places = np.full((known.sum(), known.sum()), -1)
        np.fill_diagonal(places, np.arange(len(places)))
        return cls(_values(capability)[known], places, table[known], _named(families, known))

    @property
    def n_models(self) -> int:
        """How many models there are."""
        return len(self.capability)

    @property
    def units(self) -> list[NDArray[np.int64]]:
        """The places of the models of each family."""
        labels = np.arange(self.n_models) if self.families is None else self.families
        return [np.flatnonzero(labels == label) for label in np.unique(labels)]

    def trends(self, orders: Orders) -> Array:
        """Returns Spearman's ρ of score and capability with models in each of K orders, K.

        The capability of a pair is the mean of its models' ranks; of several anchors the mean ρ is taken.
        """
        from scipy.stats import rankdata

        first, second = self.ends()
        ranks, scores = rankdata(self.capability), unit(rankdata(self.scores, axis=0).T)
        found, size = [], max(1, AT_ONCE // max(1, len(first)))
        for start in range(0, len(orders), size):
            some = ranks[orders[start : start + size]]
            found.append(unit(rankdata(some[:, first] + some[:, second], axis=1)) @ scores.T)
        mean: Array = np.concatenate(found).mean(axis=1)
        return mean

    def trends_of(self, models: NDArray[np.int64], noise: Array | None = None) -> Array:
        """Returns the trends of B draws of models, each as often as it is drawn; NaN where nothing varies.

        A model drawn twice has no score with itself.

        Args:
            models: B×L places of models; −1 for none, where draws are of different numbers.
            noise: B×P×A, what is added to the scores in each draw.
        """
        from scipy.stats import rankdata

        length = models.shape[1]
        at = np.diag_indices(length) if self._anchored else np.triu_indices(length, k=1)
        one, other = models[:, at[0]], models[:, at[1]]
        rows = np.where((one >= 0) & (other >= 0), self.places[one, other], -1)
        scores = self.scores[rows]
        if noise is not None:
            scores = scores + noise[np.arange(len(rows))[:, None], rows]
        ranks = rankdata(np.where(models >= 0, self.capability[models], np.inf), axis=1)
        known = (rows >= 0)[..., None]
        left, right = (
            _among(values, known) for values in ((ranks[:, at[0]] + ranks[:, at[1]])[..., None], scores)
        )
        trends: Array = (left * right).sum(axis=1).mean(axis=1)
        return trends

    def orders(self, n: int, seed: int) -> tuple[Orders, bool]:
        """Returns orders of the models, K×M, without the identity, and whether they are all that there are.

        Families are blocks: those of one size change places, and their members among themselves.

        Args:
            n: How many to draw where there are more than 8! in all.
            seed: Of the draws.
        """
        if self.families is None:
            every = self.n_models <= EXACT
            return permutation_orders(self.n_models, factorial(EXACT) if every else n, seed), every
        sizes = [len(unit) for unit in self.units]
        ways = prod(factorial(size) for size in sizes)
        ways *= prod(factorial(sizes.count(size)) for size in set(sizes))
        if ways > factorial(EXACT):
            return group_orders(self.families, n, seed), False
        return np.array(list(_block_orders(self.units)), dtype=np.int64)[1:], True

    @property
    def _anchored(self) -> bool:
        return bool((np.diagonal(self.places) >= 0).any())

    def ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Returns the two models of every row of scores."""
        first, second = np.nonzero(np.triu(self.places >= 0))
        order = np.argsort(self.places[first, second])
        return first[order], second[order]


def unit(rows: Array) -> Array:
    """Returns rows centred and of length one; NaN where they do not vary."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    result: Array = centred / np.where(length > 0, length, np.nan)
    return result


def _among(values: Array, known: NDArray[np.bool_]) -> Array:
    """Returns ranks among known values, B×Q×A along Q, centred and of length one; 0 elsewhere."""
    from scipy.stats import rankdata

    ranks = rankdata(np.where(known, values, np.inf), axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, ranks, 0).sum(axis=1, keepdims=True) / known.sum(axis=1, keepdims=True)
        centred = np.where(known, ranks - mean, 0)
        length = np.linalg.norm(centred, axis=1, keepdims=True)
        result: Array = centred / np.where(length > 0, length, np.nan)
    return result


def _block_orders(units: list[NDArray[np.int64]]) -> Iterator[NDArray[np.int64]]:
    """Yields every order that maps families onto families, the identity first."""
    by_size = [[u for u in units if len(u) == size] for size in sorted({len(u) for u in units})]
    ways = [
        product(permutations(range(len(some))), *(permutations(range(len(some[0]))) for _ in some))
        for some in by_size
    ]
    for chosen in product(*map(list, ways)):
        order = np.empty(sum(map(len, units)), dtype=np.int64)
        for some, (blocks, *inside) in zip(by_size, chosen, strict=True):
            for target, source, within in zip(some, blocks, inside, strict=True):
                order[target] = some[source][list(within)]
        yield order


def _values(capability: Any) -> Array:
    values: Array = np.asarray(capability, dtype=float)
    return values


def _known(capability: Any) -> NDArray[np.bool_]:
    return np.isfinite(_values(capability))


def _named(families: Any, known: NDArray[np.bool_]) -> Labels | None:
    """Returns families as integers.

    Raises:
        ValueError: They are not one label for each model.
    """
    if families is None:
        return None
    if len(families) != len(known):
        raise ValueError(f"there are {len(known)} models, but families of {len(families)}")
    labels = [label for label, kept in zip(families, known, strict=True) if kept]
    return np.array([labels.index(label) for label in labels], dtype=np.int64)
