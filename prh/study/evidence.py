"""What a run has found, as the claims of a study ask for it: everything computed once, names as shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.findings.findings import Findings
from prh.inference.clusters import ClusterValues, cluster_values
from prh.inference.compare import Side, compare_pairs
from prh.inference.means import mean_intervals
from prh.similarity import RSA, Metric
from prh.similarity.arrays import Array
from prh.similarity.distances import Distance
from prh.study.claim import LEVEL
from prh.study.family import Family

SHOWN = 2000
"""Claims are judged on the first so many stimuli, whose N×N distances are at hand for every layer."""


def substitutes(found: Findings) -> dict[str, str]:
    """Returns what stands in for encoders whose weights could not be had, by role and as it is shown."""
    return {
        role: features.encoder for role, features in found.features.items() if found.encoders[role].substitute
    }


@dataclass(frozen=True)
class Evidence:
    """One run, as a study sees it.

    Attributes:
        found: The run.
        names: ``model``, ``reference`` and ``text`` as they are shown.
    """

    found: Findings
    names: dict[str, str]
    _clusters: dict[tuple[Any, ...], ClusterValues] = field(default_factory=dict)
    _states: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Findings) -> Evidence:
        """Gathers what a run has found."""
        return cls(found, {role: features.encoder for role, features in found.features.items()})

    @property
    def labels(self) -> NDArray[np.int64]:
        """Classes of the stimuli that are looked at."""
        return self.found.stimuli.labels[:SHOWN]

    @property
    def euclidean(self) -> bool:
        """Whether this run is the one by Euclidean distance."""
        return bool(self.found.asked.metric.geometry == "euclidean")

    def layers(self, role: str) -> list[str]:
        """Returns a network's layers, shallow to deep."""
        return list(self.found.features[role])

    def layer(self, role: str, name: str) -> Array:
        """Returns a layer's features.

        Raises:
            LookupError: There is no such layer.
        """
        if name not in self.found.features[role]:
            raise LookupError(f"this run has no {name!r} in {self.names[role]}")
        return self.found.features[role][name][:SHOWN].astype(np.float64)

    def distinct(self, role: str, like: str) -> list[str]:
        """Returns a network's other layers without those that hold the very numbers of ``like``."""
        same = self.layer(role, like)
        layers = ((name, self.layer(role, name)) for name in self.layers(role) if name != like)
        return [n for n, x in layers if x.shape != same.shape or not np.allclose(x, same, atol=1e-5)]

    def classes(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """Returns which stimuli are of the classes of these names.

        Raises:
            LookupError: There is no such class, or no stimulus of it.
        """
        known = self.found.stimuli.class_names
        missing = [n for n in names if n not in known or known.index(n) not in self.labels]
        if missing:
            raise LookupError(f"this run has no {missing[0]!r}")
        inside: NDArray[np.bool_] = np.isin(self.labels, [known.index(name) for name in names])
        return inside

    def clusters(
        self, role: str, layer: str, labels: NDArray[Any] | None = None, among: Any = None
    ) -> ClusterValues:
        """Returns the pseudo-values of a layer's silhouette and purity; by classes unless said otherwise."""
        parts = [None if part is None else part.tobytes() for part in (labels, among)]
        key = (role, layer, *parts)
        if key not in self._clusters:
            by = self.labels if labels is None else labels.astype(np.int64)
            distance: Distance = self.found.asked.metric.geometry
            self._clusters[key] = cluster_values(self.layer(role, layer), by, distance, among=among)
        return self._clusters[key]

    def means(self, columns: dict[str, Array]) -> Family:
        """Returns means of pseudo-values with simultaneous intervals."""
        found = mean_intervals(
            np.column_stack(list(columns.values())), self.groups, LEVEL, self.found.asked.seed
        )
        return Family.of(list(columns), found)

    @property
    def groups(self) -> NDArray[np.int64] | None:
        """Which of the stimuli are not independent of each other, where that is known."""
        groups = self.found.stimuli.groups
        return None if groups is None else groups[:SHOWN]

    def metric(self, distance: Distance | None = None) -> Metric:
        """Returns the run's metric, or RSA by a distance of its own."""
        used = self.found.asked.metric
        if distance is None:
            metric: Metric = used
            return metric
        return replace(used, distance=distance) if isinstance(used, RSA) else RSA(distance)

    def side(self, model: str, reference: str, distance: Distance | None = None) -> Side:
        """Returns a layer of the model beside one of the reference, prepared for comparison."""
        metric = self.metric(distance)
        return metric, self._state("model", model, metric), self._state("reference", reference, metric)

    def _state(self, role: str, layer: str, metric: Metric) -> Any:
        key = (role, layer, metric.name)
        if key not in self._states:
            self._states[key] = metric.prepare(self.layer(role, layer), f"{self.names[role]} {layer}")
        return self._states[key]

    def gains(self, pairs: dict[str, tuple[Side, Side]], shift: float = 0.0) -> Family:
        """Returns by how much first sides are nearer than second ones, with simultaneous intervals."""
        found = compare_pairs(list(pairs.values()), LEVEL, self.groups, self.found.asked.seed)
        return Family.of_differences(list(pairs), found, shift)

    def scores(self, sides: dict[str, Side]) -> Family:
        """Returns scores with simultaneous intervals: what each lacks of the score with itself."""
        whole = max(side[0].maximum for side in sides.values())
        pairs = {name: (side, (side[0], side[1], side[1])) for name, side in sides.items()}
        return self.gains(pairs, whole).at_most(whole)


def shown(e: Evidence) -> str:
    """Says that not all stimuli were looked at, where that is so."""
    n = len(e.found.stimuli)
    return f"; first {SHOWN} of {n} stimuli" if n > SHOWN else ""
