"""Permutations that keep groups of stimuli together, for stimuli that are not independent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Orders = NDArray[np.int64]


def group_orders(groups: NDArray[np.int64], n_permutations: int, seed: int) -> Orders:
    """Returns random permutations of N stimuli that map groups onto groups, K×N.

    Groups of one size change places with each other, and their members among themselves, all such
    permutations being equally likely. They are a group, so p is exact (Hemerik and Goeman 2018) where
    groups are independent, whatever their members have in common: stimuli that stand alone are permuted
    freely, near duplicates land on near duplicates, and a group of a size of its own stays where it is.

    Args:
        groups: A number for each stimulus, the same for those that belong together, N.
        n_permutations: How many, K; the identity may be among them.
        seed: Of the generator.
    """
    generator = np.random.default_rng(seed)
    tables = _places_by_size(groups)
    orders = np.empty((n_permutations, len(groups)), dtype=np.int64)
    for order in orders:
        for places in tables:
            shuffled = generator.permuted(places[generator.permutation(len(places))], axis=1)
            order[places] = shuffled
    return orders


def _places_by_size(groups: NDArray[np.int64]) -> list[Orders]:
    """Returns the positions of the groups' members, a G×s table for every size s that groups have."""
    _, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    members = np.split(np.argsort(inverse, kind="stable"), np.cumsum(counts)[:-1])
    return [
        np.stack([places for places in members if len(places) == size]).astype(np.int64)
        for size in np.unique(counts)
    ]
