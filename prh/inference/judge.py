"""Judges whole grids of layers: what the config group ``inference`` chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from prh.ground.values import Seed
from prh.inference.design import INDEPENDENT, Design
from prh.inference.exchange import Exchange
from prh.inference.explained import explained
from prh.inference.grid_null import grid_null
from prh.inference.layer_grid import LayerGrid
from prh.inference.null import enough
from prh.inference.significance import calibrated, excess
from prh.inference.uncertainty import influences, intervals
from prh.similarity.arrays import Array
from prh.similarity.metric import STRICT, Metric

Control = Literal["pixels", "classes", "random_twin"]
"""What may be taken out of a score: the images as they are, their classes, the same network untrained."""
States = Mapping[str, Any]
"""Layer name to prepared state, None where the layer is degenerate."""


@dataclass(frozen=True, config=STRICT)
class Permutation:
    """Permutation null, correction for choosing the best cell, and intervals.

    Attributes:
        n_permutations: Shuffles of the rows of one side; of up to 40 rows, such as class centroids, at least
            100,000, or all that there are.
        n_bootstrap: Samples of the images of each class, where rows are class centroids.
        level: Coverage of the interval.
        seed: Of both.
        within: Only stimuli of one class, or of one group, take each other's place: whether two
            representations are more alike than by both seeing the classes. None: any stimuli.
        beyond: What is taken out of the score of the last layers, each alone and all together.
    """

    n_permutations: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    n_bootstrap: Annotated[int, Field(ge=10, le=1_000_000)] = 500
    level: Annotated[float, Field(ge=0.01, le=0.9999)] = 0.95
    seed: Seed = 0
    within: Literal["classes", "groups"] | None = None
    beyond: tuple[Control, ...] = ("pixels", "classes")

    @property
    def steps(self) -> int:
        """How often ``advance`` is told of one more permutation."""
        return self.n_permutations

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
            advance: Called with the number of permutations done.
            design: What is known of the stimuli beside their features: ``within`` refers to it, and where
                they have a sequence, the null moves along it.

        Raises:
            NotExchangeable: ``within`` asks for what the stimuli do not have.
        """
        scores = _compared(metric, a, b)
        ok_a, ok_b = _usable(a), _usable(b)
        if not ok_a or not ok_b:
            return LayerGrid.unjudged(list(a), list(b), scores)
        at = np.ix_([list(a).index(name) for name in ok_a], [list(b).index(name) for name in ok_b])
        states = [a[name] for name in ok_a], [b[name] for name in ok_b]
        observed = scores[at]
        null = grid_null(
            metric,
            *states,
            observed,
            enough(metric, states[0][0].n, self.n_permutations),
            self.seed,
            1 - self.level,
            _at_most(self.n_permutations, advance),
            Exchange.of(design, self.within),
        )
        influence = influences(metric, *states, design.groups, self.seed)
        low, high = intervals(metric, observed, influence, self.level)
        full = replace(LayerGrid.unjudged(list(a), list(b), scores), exact=null.exact)
        for target, values in (
            (full.p, null.p),
            (full.p_se, null.p_se),
            (full.p_corrected, null.p_corrected),
            (full.p_corrected_se, null.p_corrected_se),
            (full.null_mean, null.mean),
            (full.null_sd, null.sd),
            (full.critical, null.critical),
            (full.excess, excess(observed, null.critical, metric.maximum)),
            (full.calibrated, calibrated(observed, null.mean, metric.maximum)),
            (full.se, influence.se),
            (full.ci_low, low),
            (full.ci_high, high),
        ):
            target[at] = values
        return full

    def for_classes(self) -> Permutation:
        """Returns the judge of class centroids, of which each is the only one of its class."""
        return replace(self, within=None)

    def explained(self, metric: Metric, a: States, b: States, design: Design) -> dict[str, float]:
        """Returns how much of the last layers' score both seeing the classes, or the groups, accounts for.

        Returns:
            Shares by ``explained_by_classes`` and ``explained_by_groups``, where they are defined; see
            :func:`prh.inference.explained.explained`.
        """
        last = list(a.values())[-1], list(b.values())[-1]
        if None in last:
            return {}
        shares = {
            f"explained_by_{kind}": explained(metric, *last, labels, self.n_permutations, self.seed)
            for kind, labels in (("classes", design.classes), ("groups", design.groups))
            if labels is not None
        }
        return {name: share for name, share in shares.items() if not np.isnan(share)}


@dataclass(frozen=True, config=STRICT)
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
        return LayerGrid.unjudged(list(a), list(b), _compared(metric, a, b))

    def for_classes(self) -> NoInference:
        """Returns itself."""
        return self

    def explained(self, metric: Metric, a: States, b: States, design: Design) -> dict[str, float]:
        """Returns nothing: a share of what lies above chance needs a null."""
        return {}


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


def _at_most(steps: int, advance: Callable[[int], None]) -> Callable[[int], None]:
    """Returns ``advance`` that tells of so many steps, however many permutations there are."""
    left = steps

    def advanced(step: int) -> None:
        nonlocal left
        advance(min(step, left))
        left -= min(step, left)

    return advanced
