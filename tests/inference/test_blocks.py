"""Permutations that keep groups together, and what they mend."""

from itertools import permutations

import numpy as np

from prh.inference.blocks import group_orders
from prh.inference.exchange import permutation_orders
from prh.inference.significance import p_values
from prh.similarity import MutualKNN

GROUPS = np.array([4, 0, 4, 1, 2, 2, 3])
"""Two pairs and three that stand alone."""


def keeps_groups(order, groups):
    together = groups[:, None] == groups
    return (together[np.ix_(order, order)] == together).all()


def test_all_permutations_that_map_groups_onto_groups_are_equally_likely():
    expected = {order for order in permutations(range(7)) if keeps_groups(np.array(order), GROUPS)}
    drawn = group_orders(GROUPS, 24_000, 0)
    seen, counts = np.unique(drawn, axis=0, return_counts=True)
    assert {tuple(order) for order in seen.tolist()} == expected
    assert len(expected) == 6 * 2 * 4
    chi_squared = ((counts - 500) ** 2 / 500).sum()
    assert chi_squared < 83  # 47 degrees of freedom: 0.1% above


def test_who_stands_alone_is_permuted_freely_and_a_group_of_its_own_size_stays():
    alone = group_orders(np.arange(50), 20, 0)
    assert len(np.unique(alone, axis=0)) == 20
    assert (np.sort(alone, axis=1) == np.arange(50)).all()
    one = np.array([0, 0, 0, 1, 2, 3, 4])
    assert (np.sort(group_orders(one, 50, 0)[:, :3], axis=1) == [0, 1, 2]).all()


def unrelated(rng, pictures=60, copied=12):
    """Two random projections' worth of unrelated features, over pictures of which some are shown twice."""
    shown = rng.permutation(np.concatenate([np.arange(pictures), np.arange(copied)]))
    x, y = (rng.normal(size=(pictures, 20))[shown] for _ in range(2))
    noise = 0.05 * rng.normal(size=(2, len(shown), 20))
    return shown, x + noise[0], y + noise[1]


def p_of(x, y, orders):
    metric = MutualKNN()
    a, b = metric.prepare(x), metric.prepare(y)
    return float(p_values(metric.compare(a, b), metric.permuted([a], [b], orders)[:, 0, 0]))


def test_shared_near_duplicates_make_the_unrelated_significant_unless_dropped_or_grouped():
    rng, p = np.random.default_rng(0), {"keep": [], "one": [], "group": []}
    for draw in range(60):
        shown, x, y = unrelated(rng)
        firsts = np.sort(np.unique(shown, return_index=True)[1])
        p["keep"].append(p_of(x, y, permutation_orders(len(x), 99, draw)))
        p["one"].append(p_of(x[firsts], y[firsts], permutation_orders(len(firsts), 99, draw)))
        p["group"].append(p_of(x, y, group_orders(shown, 99, draw)))
    size = {name: np.mean(np.array(values) <= 0.05) for name, values in p.items()}
    assert size["keep"] > 0.4
    # 0.05 and three standard errors of 60 draws
    assert size["one"] < 0.135
    assert size["group"] < 0.135
