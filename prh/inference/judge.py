"""Judges whole grids of layers: what the config group ``inference`` chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, Field, NonNegativeInt, PositiveInt
from pydantic.dataclasses import dataclass

from prh.inference.bootstrap import bootstrap_scores, interval
from prh.inference.design import INDEPENDENT, Design
from prh.inference.layer_grid import LayerGrid
from prh.inference.null import calibrated, critical_values, excess, null_scores, p_values
from prh.similarity.arrays import Array
from prh.similarity.metric import Metric

Control = Literal["pixels", "classes", "random_twin"]
"""What may be taken out of a score: the images as they are, their classes, the same network untrained."""
States = Mapping[str, Any]
"""Layer name to prepared state, None where the layer is degenerate."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Permutation:
    """Permutation null, correction for choosing the best cell, and bootstrap interval.

    Attributes:
        n_permutations: Shuffles of the rows of one side.
        n_bootstrap: Bootstrap samples of the rows.
        level: Coverage of the interval.
        seed: Of both.
        beyond: What is taken out of the score of the last layers, each alone and all together.
    """

    n_permutations: PositiveInt = 1000
    n_bootstrap: Annotated[int, Field(ge=10)] = 1000
    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    seed: NonNegativeInt = 0
    beyond: tuple[Control, ...] = ("pixels", "classes")

    @property
    def steps(self) -> int:
        """How often ``advance`` is told of one more permutation or sample."""
        return self.n_permutations + self.n_bootstrap

    def judge(
        self,
        metric: Metric,
        a: States,
        b: States,
        advance: Callable[[int], None] = lambda step: None,
        design: Design = INDEPENDENT,
    ) -> LayerGrid:
        """Compares every layer of ``a`` with every layer of ``b``.

        Args:
            metric: The metric that prepared the states.
            a: States of one network's layers.
            b: States of the other's; their stimuli are permuted, all layers alike.
            advance: Called with the number of permutations and samples done.
            design: What is known of the stimuli beside their features.
        """
        scores = _compared(metric, a, b)
        ok_a, ok_b = _usable(a), _usable(b)
        if not ok_a or not ok_b:
            return _unjudged(a, b, scores)
        at = np.ix_([list(a).index(name) for name in ok_a], [list(b).index(name) for name in ok_b])
        states = [a[name] for name in ok_a], [b[name] for name in ok_b]
        observed = scores[at]
        null = null_scores(metric, *states, self.n_permutations, self.seed, advance)
        samples = bootstrap_scores(metric, *states, observed, self.n_bootstrap, self.seed, advance)
        mean, critical = null.mean(axis=0), critical_values(observed, null, 1 - self.level)
        low, high = interval(samples, self.level)
        full = _unjudged(a, b, scores)
        for target, values in (
            (full.p, p_values(observed, null)),
            (full.p_corrected, p_values(observed, null.max(axis=(1, 2))[:, None, None])),
            (full.null_mean, mean),
            (full.null_sd, null.std(axis=0, ddof=1)),
            (full.critical, critical),
            (full.excess, excess(observed, critical, metric.maximum)),
            (full.calibrated, calibrated(observed, mean, metric.maximum)),
            (full.ci_low, low),
            (full.ci_high, high),
        ):
            target[at] = values
        return full


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class NoInference:
    """Scores alone, for a quick look: p, null and interval stay NaN."""

    @property
    def steps(self) -> int:
        """Nothing to wait for."""
        return 0

    def judge(
        self,
        metric: Metric,
        a: States,
        b: States,
        advance: Callable[[int], None] = lambda step: None,
        design: Design = INDEPENDENT,
    ) -> LayerGrid:
        """Compares every layer of ``a`` with every layer of ``b``."""
        return _unjudged(a, b, _compared(metric, a, b))


def _usable(states: States) -> list[str]:
    return [name for name, state in states.items() if state is not None]


def _compared(metric: Metric, a: States, b: States) -> Array:
    return np.array(
        [
            [
                metric.compare(left, right) if left is not None and right is not None else np.nan
                for right in b.values()
            ]
            for left in a.values()
        ]
    )


def _unjudged(a: States, b: States, scores: Array) -> LayerGrid:
    empty = [np.full(scores.shape, np.nan) for _ in range(9)]
    return LayerGrid(tuple(a), tuple(b), scores, *empty)
