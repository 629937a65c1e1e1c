"""Whether alignment rises with capability, over the trained vision models of a cast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prh.findings.cast import CAPABILITIES, Member
from prh.inference import MixedTrend, PairTable, Trend, anchor_trend, mixed_trend, pair_trend
from prh.similarity.arrays import Array


def trends(members: Sequence[Member], table: PairTable, seed: int) -> dict[str, dict[str, Trend]]:
    """Returns the trends over trained vision models, of their pairs and with the first text encoder.

    Of families with two members or more, whole families change places.
    """
    models = np.array([one.sense != "words" and not one.control for one in members])
    if models.sum() < 2 or not table.judged.any():
        return {}
    texts = [place for place, one in enumerate(members) if one.sense == "words"]
    found: dict[str, dict[str, Trend]] = {"pairs": {}}
    for kind in CAPABILITIES:
        capability = np.where(models, [getattr(one, kind) for one in members], np.nan)
        if np.isfinite(capability).sum() < 2:
            continue
        families = families_of(members, capability)
        found["pairs"][kind] = pair_trend(table.scores, capability, families, table.influence, seed=seed)
        if texts:
            scores = table.scores[:, texts[0]]
            found.setdefault("text", {})[kind] = anchor_trend(scores, capability, families, seed=seed)
    return found


def mixed(members: Sequence[Member], table: PairTable) -> tuple[dict[str, MixedTrend], str]:
    """Returns mixed models of the pairs of trained vision models, by kind, and why there are none.

    Parameters are taken by their logarithm to base 10.
    """
    found: dict[str, MixedTrend] = {}
    models = np.array([one.sense != "words" and not one.control for one in members])
    for kind in CAPABILITIES if table.judged.any() else ():
        capability = np.where(models, [getattr(one, kind) for one in members], np.nan)
        capability = np.log10(capability) if kind == "parameters" else capability
        try:
            model = mixed_trend(table.scores, capability, families_of(members, capability))
        except ModuleNotFoundError:
            return {}, "No mixed model: statsmodels is not installed; pip install 'prh[stats]'."
        found |= {} if model is None else {kind: model}
    return found, ""


def families_of(members: Sequence[Member], capability: Array) -> list[str] | None:
    """Returns each member's family; None where of all those of known capability none has two members."""
    families = [one.family for one in members]
    known = [family for family, value in zip(families, capability, strict=True) if np.isfinite(value)]
    return families if len(set(known)) < len(known) else None
