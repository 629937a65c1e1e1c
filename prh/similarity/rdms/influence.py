"""What each pair of stimuli contributes to the correlation of two RDMs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array
from prh.similarity.rdms.state import Comparison

RANK_CLASSES = 1024
"""Ranks are looked up in so many classes of equal size."""
KENDALL_CLASSES = 256
"""Concordance is looked up in a table of so many classes a side."""


def pair_contributions(
    a: NDArray[np.floating], b: NDArray[np.floating], compare: Comparison
) -> NDArray[np.floating]:
    """Returns the influence of every pair of stimuli on a correlation of RDMs, P values of mean zero.

    Args:
        a: P distances as a state keeps them: centred (not for ``cosine``), of length one.
        b: Likewise.
        compare: Which correlation.
    """
    if compare == "kendall":
        concordance = _concordance(a, b)
        kendall: Array = 2 * (concordance - concordance.mean())
        return kendall
    size = np.sqrt(len(a))
    left, right = size * a, size * b
    products = left * right
    r = products.mean()
    if compare != "spearman":
        linear: Array = products - r / 2 * (left**2 + right**2)
        return linear
    # Joining, a pair also moves the rank of every pair that lies farther apart, on either side.
    places = [_places(z) for z in (left, right)]
    moved = _above(places[0], right) + _above(places[1], left)
    spearman: Array = products + np.sqrt(12) * moved - 3 * r
    return spearman


def _places(z: NDArray[np.floating]) -> NDArray[np.int64]:
    """Returns the class of each standardised rank, which lie evenly between −√3 and √3."""
    share = (z / np.sqrt(3) + 1) / 2
    places: NDArray[np.int64] = np.clip((share * RANK_CLASSES).astype(np.int64), 0, RANK_CLASSES - 1)
    return places


def _above(places: NDArray[np.int64], z: NDArray[np.floating]) -> Array:
    """Returns for every pair the mean over all pairs of z where they lie farther apart, half where alike."""
    sums = np.bincount(places, weights=z, minlength=RANK_CLASSES) / len(z)
    above = np.cumsum(sums[::-1])[::-1] - sums / 2
    result: Array = above[places]
    return result


def _concordance(a: NDArray[np.floating], b: NDArray[np.floating]) -> Array:
    """Returns, for every pair, the share of pairs ordered alike on both sides less those that are not."""
    size = np.sqrt(len(a))
    left, right = (
        np.clip(((size * z / np.sqrt(3) + 1) / 2 * KENDALL_CLASSES).astype(np.int64), 0, KENDALL_CLASSES - 1)
        for z in (a, b)
    )
    table = np.bincount(left * KENDALL_CLASSES + right, minlength=KENDALL_CLASSES**2) / len(a)
    joint = table.reshape(KENDALL_CLASSES, KENDALL_CLASSES)
    # sign(a − a') sign(b − b') averaged over all pairs, one axis after the other.
    signed = _signed(_signed(joint).T).T
    result: Array = signed[left, right]
    return result


def _signed(table: Array) -> Array:
    """Returns for each row the sum of the rows before it less that of the rows after it."""
    below = np.cumsum(table, axis=0) - table
    result: Array = below - (table.sum(axis=0) - below - table)
    return result
