"""What each stimulus contributes to a score: the source of every standard error (Efron & Stein 1981).

A score moves by about ``values[i] / N`` when stimulus i joins the sample. So its variance is near the mean
square of the values over N. Pairs of stimuli are counted twice there, once with each of their ends, which
makes standard errors too wide; ``pairs`` holds how much, as for dyads in Aronow, Samii & Assenova (2015).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Influence:
    """The influence of N stimuli on scores of any shape.

    Sums, differences and multiples of influences are the influences of sums, differences and multiples of
    scores over the same stimuli.

    Attributes:
        values: N×…, in units of the score, mean zero.
        pairs: K×…, in units of the score; the sum of their squares estimates the sum over pairs of stimuli of
            the square of what the pair contributes beyond its two ends.
        share: How much of that is taken off the variance; see docs/calibration.md for why not all.
        least: At least this share of a variance is left.
        clusters: N; stimuli of one number are taken as one. None: each is its own.
        own: N×…, the part of the values that is a stimulus' own likeness, where a score is a mean of such; no
            variance is smaller than what these alone would have.
    """

    values: Array
    pairs: Array
    share: float
    least: float = 0.5
    clusters: Labels | None = None
    own: Array | None = None

    @property
    def df(self) -> int:
        """Degrees of freedom: how many there are to vary, less one."""
        return (len(self.values) if self.clusters is None else len(np.unique(self.clusters))) - 1

    @property
    def se(self) -> Array:
        """Standard errors of the scores; NaN where fewer than three may vary."""
        if self.df < 2:
            return np.full(self.values.shape[1:], np.nan)
        whole, twice = self._variance(self.values), self.share * (self.pairs**2).sum(axis=0)
        least = self.least * whole if self.own is None else self._variance(self.own)
        result: Array = np.sqrt(np.maximum(whole - twice, least))
        return result

    def by_cluster(self) -> Array:
        """Returns the values summed over each cluster, G×…, mean zero."""
        return self._summed(self.values)

    def _variance(self, values: Array) -> Array:
        sums = self._summed(values)
        variance: Array = len(sums) / (len(sums) - 1) * (sums**2).sum(axis=0) / len(values) ** 2
        return variance

    def _summed(self, values: Array) -> Array:
        if self.clusters is None:
            centred: Array = values - values.mean(axis=0)
            return centred
        _, place = np.unique(self.clusters, return_inverse=True)
        sums: Array = np.zeros((int(place.max()) + 1, *values.shape[1:]))
        np.add.at(sums, place, values)
        sums -= sums.mean(axis=0)
        return sums

    def at(self, *cell: int) -> Self:
        """Returns the influence on one score of a grid."""
        place: Any = (slice(None), *cell)
        return self._map(lambda array: array[place])

    def __sub__(self, other: Influence) -> Self:
        if (self.own is None) != (other.own is None):
            # Metrics of two kinds: of one, no part is known that is a stimulus' own.
            return replace(self, own=None)._minus(replace(other, own=None))
        return self._minus(other)

    def __mul__(self, factor: Any) -> Self:
        return self._map(lambda array: array * factor)

    def _minus(self, other: Influence) -> Self:
        own = None if self.own is None or other.own is None else self.own - other.own
        return replace(self, values=self.values - other.values, pairs=self.pairs - other.pairs, own=own)

    def _map(self, change: Callable[[Array], Array]) -> Self:
        own = None if self.own is None else change(self.own)
        return replace(self, values=change(self.values), pairs=change(self.pairs), own=own)

    @classmethod
    def stack(cls, parts: Sequence[Influence]) -> Influence:
        """Returns influences over the same stimuli as one, along a new last axis."""
        first, owns = parts[0], [part.own for part in parts if part.own is not None]
        values, pairs = (np.stack([getattr(p, name) for p in parts], axis=-1) for name in ("values", "pairs"))
        own = np.stack(owns, axis=-1) if len(owns) == len(parts) else None
        return replace(first, values=values, pairs=pairs, own=own)


def of_pairs(contributions: NDArray[np.floating], signs: Array, scale: float) -> tuple[Array, Array]:
    """Returns values and pairs of a score that is ``scale`` times the sum over pairs i < j of a matrix.

    Args:
        contributions: N×N, symmetric, zero or ignorable on the diagonal, of mean near zero.
        signs: N×K, ±1 at random, so that the K signed sums over pairs have the pairs' sum of squares for a
            variance (Hutchinson 1990).
        scale: Of the sum.
    """
    n = len(signs)
    both = contributions @ np.concatenate([np.ones((n, 1)), signs], axis=1).astype(contributions.dtype)
    sums = np.einsum("ik,ik->k", both[:, 1:], signs) / 2
    values: Array = n * scale * both[:, 0].astype(float)
    return values, scale * spread_out(sums)


def spread_out(sums: Array) -> Array:
    """Returns signed sums over pairs such that the sum of their squares is the pairs' sum of squares, K×…."""
    centred: Array = (sums - sums.mean(axis=0)) / np.sqrt(len(sums) - 1)
    return centred
