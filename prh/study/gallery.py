"""What others found of such scores since: they fall as galleries grow, and outlast their null."""

from __future__ import annotations

import numpy as np

from prh.findings.comparison import Comparison
from prh.inference import score_interval
from prh.similarity import Metric
from prh.similarity.arrays import Array
from prh.study.claim import FAILS, HOLDS, OPEN, Outcome, Part

SHARES = (1 / 8, 1 / 4, 1 / 2, 1)
"""Of the sample: nested galleries, since a sample is in random order."""
SMALLEST = 40
"""Stimuli of a gallery at least."""


def falls(metric: Metric, x: Array, y: Array) -> Outcome:
    """Returns whether two layers, N×D and N×D', score lower in the whole sample than in the smallest gallery.

    Koepke et al. 2026 (arXiv 2604.18572): a fixed number of neighbours is a finer question of more stimuli.

    Raises:
        ValueError: There are too few stimuli for two galleries.
    """
    parts = list[Part]()
    for n in sorted({round(share * len(x)) for share in SHARES}):
        if n < SMALLEST:
            continue
        score = metric.compare(metric.prepare(x[:n]), metric.for_text().prepare(y[:n]))
        low, high = score_interval(metric, x[:n], y[:n])
        parts.append(Part(f"{n} stimuli", float(score), low, high))
    if len(parts) < 2:
        raise ValueError(f"{len(x)} stimuli are too few for a gallery that grows")
    first, last = parts[0], parts[-1]
    verdict = HOLDS if first.low > last.high else FAILS if first.high < last.low else OPEN
    return Outcome(verdict, ", ".join(map(str, parts)), parts)


def outlasts(pair: Comparison) -> Outcome:
    """Returns whether anything is left of the last layers' score once chance is 0 and identity 1.

    Gröger et al. 2026 (arXiv 2602.14486): likeness of neighbourhoods does, that of whole geometries less so.
    """
    last = pair.grid.last
    room = 1 - last.null_mean
    value, low, high = (
        (number - last.null_mean) / room for number in (last.value, last.ci_low, last.ci_high)
    )
    part = Part("calibrated, last layers", value, low, high)
    if not np.isfinite(low):
        raise ValueError("there is no interval")
    return Outcome(HOLDS if low > 0 else OPEN, str(part), [part])
