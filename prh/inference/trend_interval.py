"""Where a trend over models might lie with other models and other stimuli: a crossed bootstrap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prh.inference.dyads import Dyads
from prh.inference.uncertainty import student
from prh.similarity.arrays import Array
from prh.similarity.influence import Influence

FEWEST = 6
"""Fewer models, or families, drawn again say nothing of other ones."""
MOST = 0.99
"""Drawn ρ beyond count as this: that of few models is often one, whose transform has no end."""


def interval(
    dyads: Dyads, rho: float, influence: Influence | None, draws: int, level: float, seed: int
) -> tuple[float, float]:
    """Returns the ends of the interval of a trend; NaN of fewer than :data:`FEWEST` models or families.

    Models, or whole families, are drawn with replacement, and stimuli by giving each a random weight: what it
    contributes to each score, times the weight, is added. Scores hold the noise of their stimuli, so drawing
    both at once counts it twice; the variance is that of Schütt et al. (2023), 2 (models alone + stimuli
    alone) − both. The interval is Student's, symmetric after Fisher's transformation.

    Args:
        dyads: Scores and capability.
        rho: Their trend.
        influence: Of N stimuli on the P scores, N×P or N×P×A; None leaves stimuli as they are.
        draws: How many, of each kind; 0 for no interval.
        level: Coverage.
        seed: Of the draws.
    """
    units = dyads.units
    if len(units) < FEWEST or draws == 0:
        return float("nan"), float("nan")
    generator = np.random.default_rng(seed)
    drawn = _drawn(units, draws, generator)
    variance = _spread(dyads.trends_of(drawn))
    if influence is not None:
        noise = _noise(influence, generator, (draws, *dyads.scores.shape))
        everyone = np.tile(np.arange(dyads.n_models), (draws, 1))
        alone, both = (_spread(dyads.trends_of(models, noise)) for models in (everyone, drawn))
        variance = float(np.clip(2 * (variance + alone) - both, max(variance, alone), None))
    half = student(len(units) - 2, level) * np.sqrt(variance)
    middle = np.arctanh(np.clip(rho, -1 + 1e-9, 1 - 1e-9))
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))


def _drawn(
    units: Sequence[NDArray[np.int64]], draws: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Returns draws×L models: as many units as there are, with replacement; −1 after the last."""
    chosen = generator.integers(0, len(units), (draws, len(units)))
    rows = [np.concatenate([units[k] for k in row]) for row in chosen]
    models = np.full((draws, max(map(len, rows))), -1)
    for row, found in zip(models, rows, strict=True):
        row[: len(found)] = found
    return models


def _spread(draws: Array) -> float:
    """Returns the variance of drawn ρ after Fisher's transformation."""
    known = draws[np.isfinite(draws)]
    return float(np.arctanh(np.clip(known, -MOST, MOST)).var(ddof=1)) if len(known) > 1 else float("nan")


def _noise(influence: Influence, generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Returns what other stimuli might add to the scores, draws×P×A, with the scores' standard errors."""
    sums = influence.by_cluster()
    sums = sums.reshape(len(sums), -1)
    raw = np.sqrt((sums**2).sum(axis=0))
    scale = influence.se.reshape(-1) / np.where(raw > 0, raw, np.inf)
    noise: Array = (generator.normal(size=(shape[0], len(sums))) @ sums * scale).reshape(shape)
    return noise
