"""What a run asks of its features."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prh.similarity import Metric


@dataclass(frozen=True)
class Question:
    """How representations are compared and judged, and which of them.

    Attributes:
        metric: Compares two of them.
        inference: Judges the scores: :class:`prh.inference.Permutation`, ``NoInference`` or one's own.
        pairs: ``all``, ``anchor``, or the names of the pairs of a cast that are judged.
        seed: Of whatever is drawn beside the permutations, which have their own.
        measures: Numbers of one's own about every pair, by name: each has ``of(judged)``, a
            :class:`prh.findings.further.Judged`.
    """

    metric: Metric
    inference: Any
    pairs: Any = "all"
    seed: int = 0
    measures: Mapping[str, Any] = field(default_factory=dict)
