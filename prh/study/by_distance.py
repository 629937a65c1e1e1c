"""Claims that a study makes of one distance and not of the other: what scores 1.0, what drops, what rises."""

from __future__ import annotations

import numpy as np

from prh.ground.numbers import number
from prh.similarity import rsa
from prh.study.claim import FAILS, HOLDS, OPEN, SURE, Outcome, Sentence
from prh.study.evidence import SHOWN, Evidence, shown
from prh.study.family import Family, above, below
from prh.study.said import Said

SAME = 0.99
"""Scores above count as 1.0."""
CLEAR = 0.1
"""Scores further apart are clearly different, nearer ones alike."""


def sentences(study: Said, e: Evidence, where: str, early: str, middle: str) -> list[Sentence]:
    """Returns claims 6, 10, 11 and 12, those that are about this run's distance."""
    first = study.first
    if e.euclidean:
        return [_one(study, e, where, early, first), _drop(study, e, where, early, middle)]
    return [_not_one(study, e, where, early, first), _higher(e), _alike(study, e, where, early, middle)]


def _one(study: Said, e: Evidence, where: str, early: str, first: str) -> Sentence:
    claim, rule = f"{early} × {first} score 1.0", f"both above {SAME}, {SURE}"
    return Sentence("6", claim, where, rule, lambda: first_is_one(study, e))


def _not_one(study: Said, e: Evidence, where: str, early: str, first: str) -> Sentence:
    claim, rule = f"{early} × {first} score 1 no longer", f"both below {SAME}, {SURE}"
    return Sentence("10", claim, where, rule, lambda: first_is_not_one(study, e))


def _higher(e: Evidence) -> Sentence:
    return Sentence(
        "11",
        "most pairs of layers score higher by cosine than by Euclidean distance",
        f"{e.names['reference']} × {e.names['model']}",
        "more than half of the pairs are surely higher; does not hold if no more than half can be: "
        f"{SURE} of the difference",
        lambda: cosine_is_higher(e),
    )


def _drop(study: Said, e: Evidence, where: str, early: str, middle: str) -> Sentence:
    return Sentence(
        "12a",
        f"from {middle} to {study.last_stage} the scores of {early} drop clearly",
        where,
        f"all drop by more than {CLEAR}, {SURE}",
        lambda: drops(study, e),
    )


def _alike(study: Said, e: Evidence, where: str, early: str, middle: str) -> Sentence:
    return Sentence(
        "12b",
        f"from {middle} to {study.last_stage} the scores of {early} stay alike",
        where,
        f"all change by less than {CLEAR}, {SURE}",
        lambda: stays_alike(study, e),
    )


def first_is_one(study: Said, e: Evidence) -> Outcome:
    """Claim 6, and why: averaged over positions, a first convolution knows little but brightness."""
    family = _with_first(study, e)
    images = np.asarray(e.found.stimuli.images[:SHOWN], dtype=np.float64)
    brightness = images.reshape(len(images), -1).mean(axis=1, keepdims=True)
    known = {
        f"{e.names[role]} {layer}": rsa(e.layer(role, layer), brightness, "euclidean")
        for role, layer in (("model", study.first), *(("reference", early) for early in study.early))
    }
    why = ", ".join(f"{name} {number(value)}" for name, value in known.items())
    return Outcome(
        above(family.least(), SAME),
        f"{family.listed()}; RSA of each layer with mean brightness alone: {why}{shown(e)}",
        family.parts,
    )


def first_is_not_one(study: Said, e: Evidence) -> Outcome:
    """Claim 10."""
    family = _with_first(study, e)
    return Outcome(below(family.most(), SAME), f"{family.listed()}{shown(e)}", family.parts)


def _with_first(study: Said, e: Evidence) -> Family:
    return e.scores({f"{early} × {study.first}": e.side(study.first, early) for early in study.early})


def cosine_is_higher(e: Evidence) -> Outcome:
    """Claim 11."""
    family = e.gains(
        {
            f"{reference} × {model}": (
                e.side(model, reference, "cosine"),
                e.side(model, reference, "euclidean"),
            )
            for model in e.layers("model")
            for reference in e.layers("reference")
        }
    )
    value, surely, at_most = family.count()
    half = len(family.parts) / 2
    verdict = HOLDS if surely > half else FAILS if at_most <= half else OPEN
    lower = len(family.parts) - at_most
    measured = f"in {value} of {len(family.parts)} pairs, {surely} of them surely; surely lower in {lower}"
    return Outcome(verdict, measured + shown(e), family.parts)


def drops(study: Said, e: Evidence) -> Outcome:
    """Claim 12 by Euclidean distance."""
    family = _toward_last(study, e)
    return Outcome(above(family.least(), CLEAR), f"least {family.least()}{shown(e)}", family.parts)


def stays_alike(study: Said, e: Evidence) -> Outcome:
    """Claim 12 by cosine distance: equivalence within a margin."""
    family = _toward_last(study, e)
    measured = f"drops from {family.least()} to {family.most()}"
    return Outcome(family.within(CLEAR), measured + shown(e), family.parts)


def _toward_last(study: Said, e: Evidence) -> Family:
    return e.gains(
        {
            f"{early}, {layer} − {study.last_stage}": (e.side(layer, early), e.side(study.last_stage, early))
            for early in study.early
            for layer in study.middle
        }
    )
