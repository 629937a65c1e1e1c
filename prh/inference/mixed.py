"""A mixed model of scores over models: by how much alignment rises with capability."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from prh.inference.dyads import Dyads
from prh.inference.uncertainty import student
from prh.similarity.arrays import Array

FEWEST, FEWEST_FAMILIES = 8, 4
"""Fewer models, or families where some have relatives, say too little of how models differ."""


@dataclass(frozen=True)
class MixedTrend:
    """The slope of scores over capability, models being drawn at random.

    Attributes:
        slope: By how much a score rises if both of its models have one unit more of capability.
        se: Its standard error over other models.
        df: Degrees of freedom: models, or families where some have relatives, less two.
        p: One-sided, that the slope is above zero, by Student's t.
        ci_low: Lower end of the interval of the slope.
        ci_high: Upper end.
        shared: Share of what capability leaves that pairs owe to their models, in [0, 1].
        n_models: Models whose capability is known.
        n_scores: Their pairs.
        n_families: Their families; as many as models where each is its own.
    """

    slope: float
    se: float
    df: int
    p: float
    ci_low: float
    ci_high: float
    shared: float
    n_models: int
    n_scores: int
    n_families: int

    def verdict(self) -> dict[str, float | int]:
        """Returns all of it as plain numbers."""
        return asdict(self)


def mixed_trend(scores: Any, capability: Any, families: Any = None, level: float = 0.95) -> MixedTrend | None:
    """Fits score_ij = α + β (c_i + c_j) / 2 + u_i + u_j + e_ij over pairs i < j, by REML.

    Every model has an effect u of its own, which all of its pairs share (a dyadic, or multiple-membership,
    model: Kenny, Kashy & Cook 2006); so have families where some have relatives. The standard error is that
    of generalised least squares at the fitted variances, the test Student's with degrees of freedom of
    models or families, not of pairs. It holds as far as scores are linear in capability; ranks, as in
    :func:`prh.inference.trend.pair_trend`, need no such thing. Needs statsmodels.

    Args:
        scores: M×M; NaN where there is none. Of the two directions of a pair the mean is taken.
        capability: M, on a scale on which a step is a step: accuracy, the logarithm of parameters; NaN where
            it is not known.
        families: M labels of any kind, as for :func:`prh.inference.trend.pair_trend`.
        level: Coverage of the interval.

    Returns:
        The slope, or None of fewer than :data:`FEWEST` models, of fewer than :data:`FEWEST_FAMILIES` families
        where some have relatives, and where scores or capability do not vary.

    Raises:
        ModuleNotFoundError: statsmodels is not installed.
        ValueError: The shapes do not go together.
    """
    from scipy.special import stdtr

    dyads = Dyads.of_pairs(scores, capability, families)
    related = len(dyads.units) < dyads.n_models
    units = len(dyads.units) if related else dyads.n_models
    y, c = dyads.scores[:, 0], dyads.capability
    if units < (FEWEST_FAMILIES if related else FEWEST) or dyads.n_models < FEWEST:
        return None
    first, second = dyads.ends()
    x = (c[first] + c[second]) / 2
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    member = np.zeros((len(y), dyads.n_models))
    member[np.arange(len(y)), first] = member[np.arange(len(y)), second] = 1
    effects = [member]
    if related:
        effects.append(np.stack([member[:, unit].sum(axis=1) for unit in dyads.units], axis=1))
    height, width = y.std(), x.std()
    slope, error, shared = _fitted((y - y.mean()) / height, (x - x.mean()) / width, effects)
    slope, error, df = slope * height / width, error * height / width, units - 2
    half = student(df, level) * error
    p = float(stdtr(df, -slope / error))
    ends = slope - half, slope + half
    return MixedTrend(slope, error, df, p, *ends, shared, dyads.n_models, len(y), len(dyads.units))


def _fitted(y: Array, x: Array, effects: list[Array]) -> tuple[float, float, float]:
    """Returns slope, its standard error, and the share of the variance that effects have.

    Args:
        y: P scores.
        x: P capabilities.
        effects: P×K each, how often a score has each of K random effects of one variance.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

    names = [f"effect {k}" for k in range(len(effects))]
    columns = [[[f"{name}: {i}" for i in range(z.shape[1])]] for name, z in zip(names, effects, strict=True)]
    exog = np.column_stack([np.ones(len(x)), x])
    spec = VCSpec(names, columns, [[z] for z in effects])
    model = MixedLM(y, exog, groups=np.ones(len(y)), exog_re=None, exog_vc=spec)
    with warnings.catch_warnings():
        # A variance of zero is the end of where it may lie; the slope is fitted all the same.
        warnings.simplefilter("ignore")
        fitted = model.fit(reml=True)
    within = sum(v * z @ z.T for v, z in zip(fitted.vcomp, effects, strict=True))
    covariance = within + fitted.scale * np.eye(len(y))
    solved = np.linalg.solve(covariance, np.column_stack([exog, y]))
    inverse = np.linalg.inv(exog.T @ solved[:, :2])
    shared = float(np.trace(within) / np.trace(covariance))
    return float((inverse @ exog.T @ solved[:, 2])[1]), float(np.sqrt(inverse[1, 1])), shared
