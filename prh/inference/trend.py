"""Does alignment rise with capability? Here models are the sample, and pairs of models share them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from prh.inference.dyads import Dyads
from prh.inference.significance import critical_values, p_errors, p_values
from prh.inference.trend_interval import interval
from prh.similarity.arrays import Array
from prh.similarity.influence import Influence

NAN = float("nan")
ALPHA = 0.05
"""At which a trend counts as found, in ``detectable`` and ``too_few``."""
WANTED = 0.8
"""How often a trend should be found."""
DRAWS, BOOTSTRAP = 9999, 1000


@dataclass(frozen=True)
class Trend:
    """How scores go up with the capability of the models.

    Attributes:
        rho: Spearman's ρ in [−1, 1] between scores and capability, of pairs their models' mean rank; NaN
            where one of them does not vary.
        p: One-sided, that scores rise with capability: share of the orders of models, or of families, with
            as high a ρ, the observed one counted in.
        p_se: Its Monte-Carlo standard error, 0 where all orders were tried.
        exact: Whether they were.
        least_p: No p can be lower: orders that leave all capabilities where they are, over all orders.
        critical: The ρ that a share of 5% of the orders exceed at most.
        detectable: The ρ that so many models find four times in five; NaN where they cannot.
        ci_low: Lower end of the interval of ρ over other models, and over other stimuli where it is known
            what these contribute; NaN of fewer than :data:`prh.inference.trend_interval.FEWEST` models.
        ci_high: Upper end.
        n_models: Models whose capability is known.
        n_scores: Their scores, each of a pair or with an anchor.
        n_families: How many families change places; as many as models where each is its own.
    """

    rho: float
    p: float
    p_se: float
    exact: bool
    least_p: float
    critical: float
    detectable: float
    ci_low: float
    ci_high: float
    n_models: int
    n_scores: int
    n_families: int

    @property
    def sample(self) -> str:
        """The models in words, with the number of their families where these are not one each."""
        if self.n_families == self.n_models:
            return f"{self.n_models} models"
        return f"{self.n_models} models of {self.n_families} famil{'y' if self.n_families == 1 else 'ies'}"

    @property
    def power(self) -> str:
        """What so many models can find, as a verb phrase."""
        if np.isnan(self.detectable):
            return "find no trend four times in five"
        return f"find ρ ≥ {self.detectable:.2f} four times in five"

    @property
    def too_few(self) -> bool:
        """Whether so few models cannot tell, whatever their scores: no p at or below 0.05 is possible."""
        return self.least_p > ALPHA

    @property
    def rises(self) -> bool:
        """Whether alignment rises with capability: p at or below 0.05."""
        return self.p <= ALPHA

    def verdict(self) -> dict[str, float | bool | int]:
        """Returns all of it as plain numbers."""
        return {**asdict(self), "too_few": self.too_few, "rises": self.rises}


def pair_trend(
    scores: Any,
    capability: Any,
    families: Any = None,
    influence: Influence | None = None,
    n: int = DRAWS,
    bootstrap: int = BOOTSTRAP,
    seed: int = 0,
    level: float = 0.95,
) -> Trend:
    """Tests whether two models are more alike the more capable both are.

    The capability of a pair is the mean rank of its two models, whatever the scale of capability. (Where
    networks are noisy views of one world, two correlate by the product of what each has of it; there the mean
    found a trend of 20 models 86 times in 100, the lesser of the two 77 times.) Pairs share models, so models
    are permuted and not pairs (Mantel 1967, Krackhardt 1988). docs/calibration.md says how often test and
    interval hold.

    Args:
        scores: M×M, e.g. ``PairTable.scores``; NaN where there is none, the diagonal is not looked at.
        capability: M, e.g. accuracy or number of parameters; NaN for models of which it is not known, such
            as untrained ones, which are left out.
        families: M labels; models of one are not independent. Then families of one size change places, and
            their members among themselves, and whole families are drawn for the interval.
        influence: Of N stimuli on the scores of pairs i < j, N×M(M−1)/2: ``PairTable.influence``.
        n: Orders to draw where there are more than 8!.
        bootstrap: Draws of other models for the interval; 0 leaves it out.
        seed: Of all draws.
        level: Coverage of the interval.

    Raises:
        ValueError: The shapes do not go together.
    """
    dyads = Dyads.of_pairs(scores, capability, families)
    noise = None
    if influence is not None:
        known = np.flatnonzero(np.isfinite(np.asarray(capability, dtype=float)))
        numbers = np.full((len(np.asarray(capability)),) * 2, -1)
        first, second = np.triu_indices(len(numbers), k=1)
        numbers[first, second] = np.arange(len(first))
        columns = numbers[np.ix_(known, known)][np.triu_indices(len(known), k=1)]
        there = dyads.places[np.triu_indices(len(known), k=1)] >= 0
        noise = influence.at(columns[there])  # type: ignore[arg-type]
    return _judged(dyads, noise, n, bootstrap, seed, level)


def anchor_trend(
    scores: Any,
    capability: Any,
    families: Any = None,
    influence: Influence | None = None,
    n: int = DRAWS,
    bootstrap: int = BOOTSTRAP,
    seed: int = 0,
    level: float = 0.95,
) -> Trend:
    """Tests whether models are nearer to an anchor, such as a text model, the more capable they are.

    Args:
        scores: M, or M×A with A anchors, of which the mean ρ is taken; anchors are none of the models.
        capability: M; NaN where unknown.
        families: M labels; see :func:`pair_trend`.
        influence: Of N stimuli on the scores, N×M or N×M×A.
        n: Orders to draw where there are more than 8!.
        bootstrap: Draws of other models for the interval; 0 leaves it out.
        seed: Of all draws.
        level: Coverage of the interval.

    Raises:
        ValueError: The shapes do not go together.
    """
    dyads = Dyads.of_anchors(scores, capability, families)
    if influence is not None:
        table = np.asarray(scores, dtype=float).reshape(len(np.asarray(capability)), -1)
        known = np.isfinite(np.asarray(capability, dtype=float)) & np.isfinite(table).all(axis=1)
        influence = influence.at(known)
    return _judged(dyads, influence, n, bootstrap, seed, level)


def _judged(
    dyads: Dyads, influence: Influence | None, n: int, bootstrap: int, seed: int, level: float
) -> Trend:
    models, count, families = dyads.n_models, dyads.scores.size, len(dyads.units)
    rho = NAN
    if count > 2:
        rho = float(dyads.trends(np.arange(models)[None])[0])
    if np.isnan(rho):
        return Trend(NAN, NAN, NAN, False, 1.0, NAN, NAN, NAN, NAN, models, count, families)
    orders, exact = dyads.orders(n, seed)
    null = dyads.trends(orders) if len(orders) else np.empty(0)
    p = float(p_values(rho, null))
    unmoved = (dyads.capability[orders] == dyads.capability).all(axis=1).sum()
    least = float((1 + unmoved) / (1 + len(orders)))
    low, high = interval(dyads, rho, influence, bootstrap, level, seed)
    return Trend(
        rho=rho,
        p=p,
        p_se=float(p_errors(p, len(null), exact)),
        exact=exact,
        least_p=least,
        critical=float(critical_values(rho, null, ALPHA)),
        detectable=_detectable(null) if least <= ALPHA else NAN,
        ci_low=low,
        ci_high=high,
        n_models=models,
        n_scores=count,
        n_families=families,
    )


def _detectable(null: Array) -> float:
    """Returns the ρ that exceeds the null's upper quantile four times in five.

    The permuted ρ vary as those of other models would if there were no trend, also where pairs share models;
    with a trend of ρ they vary less, by 1 − ρ².
    """
    from scipy.special import ndtri

    most = float(np.quantile(null, 1 - ALPHA))
    spread = float(ndtri(WANTED)) * float(null.std())
    if most >= 1 or spread == 0:
        return NAN
    return float((np.sqrt(1 + 4 * spread * (most + spread)) - 1) / (2 * spread))
