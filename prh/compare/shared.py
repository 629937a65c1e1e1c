"""What two runs can be paired by, and what they left in the store, prepared by their metrics."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.errors import PrhError
from prh.features import Features, FeatureStore
from prh.features.features import Rows
from prh.findings.kept import Kept, fetched
from prh.ground.build import build
from prh.ground.progress import Silent
from prh.inference.compare import Side
from prh.similarity import DegenerateFeatures, Metric

Ids = NDArray[np.int64]
FEWEST = 40
"""Fewer stimuli that both have are too few to speak for the others."""
HARDLY_ANY = 0.05
"""If both have no larger share of the smaller sample, the samples are taken as independent: at the very worst
their standard error is 2.5% too small."""


@dataclass(frozen=True)
class Shared:
    """How two runs can be paired in one pair of encoders.

    Attributes:
        over: What rows are.
        first: The rows of the one that are paired, places in its sample.
        second: Those of the other.
        independent: Whether the samples can be taken as independent instead.
        words: How many there are, and of what.
        why: Why neither is the case.
    """

    over: Rows
    first: Ids
    second: Ids
    independent: bool
    words: str
    why: str = ""

    @property
    def paired(self) -> bool:
        """Whether there are rows to pair."""
        return not self.independent and not self.why


def rows_of(run: Kept, pair: str) -> Rows | None:
    """Returns what the rows of a pair are in a run; None where the run does not say."""
    roles = set(pair.split("_vs_"))
    if roles <= {one["role"] for one in run.encoders}:
        return "stimuli"
    return "classes" if roles <= {one["role"] for one in (*run.encoders, *run.named)} else None


def shared(a: Kept, b: Kept, over: Rows) -> Shared:
    """Returns what two runs can be paired by."""
    if over == "classes":
        every, none = np.arange(len(a.classes)), np.empty(0, np.int64)
        if a.classes == b.classes:
            return Shared(over, every, every, False, f"{len(every)} class centroids")
        if set(a.classes) & set(b.classes):
            return Shared(
                over, none, none, False, "", "the two runs have some classes in common, but not all"
            )
        return Shared(over, none, none, True, f"{len(a.classes)} and {len(b.classes)} class centroids")
    ids_a, ids_b = (np.array(run.about["ids"], dtype=np.int64) for run in (a, b))
    few = min(len(ids_a), len(ids_b))
    same = a.about["fingerprint"] == b.about["fingerprint"]
    both, first, second = np.intersect1d(ids_a, ids_b, return_indices=True)
    if not same or len(both) <= HARDLY_ANY * few:
        common = f", {len(both)} in both" if same and len(both) else ""
        return Shared(over, first[:0], second[:0], True, f"{len(ids_a)} and {len(ids_b)} stimuli{common}")
    order = np.argsort(first)  # features are kept, and drawn from, in the order of the sample
    first, second = first[order], second[order]
    if len(both) == len(ids_a) == len(ids_b):
        return Shared(over, first, second, False, f"{len(both)} stimuli")
    words = f"the {len(both)} stimuli that both have"
    why = f"the two have {len(both)} stimuli in common: too few to pair, too many to be independent samples"
    return Shared(over, first, second, False, words, "" if len(both) >= FEWEST else why)


class Sides:
    """The last layers of runs, read from the store and prepared, each once."""

    def __init__(self) -> None:
        self._states: dict[str, Any] = {}

    def of(self, run: Kept, pair: str, over: Rows, places: Ids) -> Side:
        """Returns a run's metric and the states of a pair.

        Args:
            run: What it left.
            pair: Two roles, ``…_vs_…``.
            over: What rows are.
            places: Of the stimuli that take part, in the run's sample; class centroids are of all.

        Raises:
            PrhError: The store lacks features, or a layer has nothing to compare.
            ConfigError: The metric cannot be built here.
        """
        metric: Metric = build(run.about["metric"], "metric")
        metric = metric if over == "stimuli" else metric.for_classes()
        one, other = (self._state(run, metric, encoder, over, places) for encoder in encoders_of(run, pair))
        return metric, one, other

    def _state(self, run: Kept, metric: Metric, encoder: dict[str, Any], over: Rows, places: Ids) -> Any:
        key = json.dumps([whereabouts(encoder), repr(metric), over, run.about["ids"], places.tolist()])
        if key not in self._states:
            matrix = _matrix(run, encoder, over, places)
            how = metric.for_text() if encoder["sense"] == "words" else metric
            try:
                self._states[key] = how.prepare(matrix, f"{encoder['name']} {encoder['layer']}")
            except (DegenerateFeatures, ValueError) as error:
                raise PrhError(str(error)) from error
        return self._states[key]


def encoders_of(run: Kept, pair: str) -> Sequence[dict[str, Any]]:
    """Returns what a run left of the two encoders of a pair."""
    by_role = {one["role"]: one for one in (*run.encoders, *run.named)}
    return [by_role[role] for role in pair.split("_vs_")]


def whereabouts(encoder: dict[str, Any]) -> list[Any]:
    """Returns what tells features from others: shelf, layer and, of one that reads, what it read."""
    return [encoder["shelf"], encoder["layer"], encoder["rows"]]


def _matrix(run: Kept, encoder: dict[str, Any], over: Rows, places: Ids) -> NDArray[np.float32]:
    store, ids = FeatureStore(Path(run.about["store"]), Silent()), np.array(run.about["ids"])
    matrix = fetched(store, encoder, ids.tolist())
    if over == "stimuli":
        return matrix[places]
    if encoder in run.named:
        return matrix
    labels, layer = np.array(run.about["design"]["classes"]), encoder["layer"]
    return Features(encoder["name"], {layer: matrix}).by_class(labels, len(run.classes))[layer]
