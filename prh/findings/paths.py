"""All layers that are at hand with each other: paths through one map, and the best layers of every pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from prh.features import Features
from prh.features.layout import evenly_spaced
from prh.findings.cast import LayerPaths, Member
from prh.findings.comparing import prepared
from prh.findings.question import Question
from prh.ground.progress import Reporter, Silent
from prh.inference import likenesses
from prh.inference.crossfit import MOST_STIMULI, CrossFit
from prh.inference.crossfit_pairs import Network, crossfit_pairs
from prh.similarity import Metric

SPLITS = 5
"""Of the stimuli into halves, fewer than for a pair alone: all layers are prepared anew for each half."""
Best = dict[tuple[int, int], CrossFit]


def all_layers(
    asked: Question,
    members: Sequence[Member],
    features: Mapping[str, Features],
    pairs: Sequence[tuple[int, int]],
    report: Reporter,
) -> tuple[LayerPaths | None, Best]:
    """Returns all layers with each other, and the best of each pair of encoders, chosen on other stimuli.

    Args:
        asked: Metric, and the seed of permutations and splits.
        members: Who takes part.
        features: Of all of them, by role, over the same N stimuli.
        pairs: Places of those whose best layers are asked for.
        report: Told of progress.

    Returns:
        Paths over the first :data:`prh.inference.crossfit.MOST_STIMULI` stimuli, None where no encoder has
        two layers, and of slow metrics; and the best layers, empty then, and of more stimuli than that.
    """
    if not asked.metric.LAYERS_AT_ONCE:
        return None, {}
    n = len(next(iter(features[members[0].role].values())))
    few = min(n, MOST_STIMULI)
    most = max(1, min(asked.metric.LAYERS_AT_ONCE, asked.metric.squares(few)) // len(members))
    networks = {one.name: _network(asked.metric, one, features[one.role], most, few) for one in members}
    networks = {name: network for name, network in networks.items() if network.layers}
    if max(len(network.layers) for network in networks.values()) < 2:
        return None, {}
    names = [f"{name} {layer}" for name, network in networks.items() for layer in network.layers]
    states = dict(zip(names, (s for network in networks.values() for s in network.states), strict=True))
    with report.progress("Comparing all layers", len(names) * (len(names) - 1) // 2, "pairs") as advance:
        table = likenesses(asked.metric, states, asked.seed, advance)
    ends = np.cumsum([0, *(len(network.layers) for network in networks.values())])
    places = (tuple(range(low, high)) for low, high in pairwise(ends))
    paths = LayerPaths(table, dict(zip(networks, places, strict=True)), few)
    if n > few:
        return paths, {}
    place = {name: index for index, name in enumerate(networks)}
    here = [place.get(one.name, -1) for one in members]
    known = {(here[i], here[j]): (i, j) for i, j in pairs if min(here[i], here[j]) >= 0}
    with report.progress("Choosing the best layers", 0, ""):
        found = crossfit_pairs(asked.metric, list(networks.values()), table.scores, known, SPLITS, asked.seed)
    return paths, {known[pair]: fitted for pair, fitted in found.items()}


def _network(metric: Metric, member: Member, features: Features, most: int, n: int) -> Network:
    """Returns ``most`` layers of an encoder at most, evenly spaced, over the first ``n`` stimuli.

    A degenerate layer has no place in a map.
    """
    own = metric.for_text() if member.sense == "words" else metric
    some = {layer: features[layer][:n] for layer in evenly_spaced(list(features), most)}
    states = prepared(own, Features(features.encoder, some, features.rows), Silent())
    usable = {layer: state for layer, state in states.items() if state is not None}
    return Network(own, {layer: some[layer] for layer in usable}, list(usable.values()))
