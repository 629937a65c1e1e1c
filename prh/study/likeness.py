"""Claims about how alike the layers of two networks are: paired differences of scores, judged all at once."""

from __future__ import annotations

import numpy as np

from prh.similarity import rsa
from prh.study.claim import FAILS, HOLDS, LEVEL, OPEN, Outcome, Part, Sentence
from prh.study.evidence import SHOWN, Evidence
from prh.study.family import Family, above, below, max_min
from prh.study.said import Said

SAME = 0.99
"""Scores above count as 1.0."""
CLEAR = 0.1
"""Scores further apart are clearly different, nearer ones alike."""
SURE = f"simultaneous {LEVEL:.0%} intervals"


def sentences(study: Said, e: Evidence) -> list[Sentence]:
    """Returns claims 6 to 13 as far as they are about this run's distance."""
    distance = e.found.asked.metric.geometry
    where = f"{e.names['reference']} × {e.names['model']}, {distance}"
    early, first, middle = " and ".join(study.early), study.first, " and ".join(study.middle)
    lowest = next((name for by, name in study.lowest.items() if by == distance), None)
    common = [
        Sentence(
            "7",
            f"{early} are closer to every layer of the model than {study.late} is",
            where,
            f"their scores are higher than {study.late}'s in every layer, {SURE}",
            lambda: early_is_closer(study, e),
        ),
        Sentence(
            "9",
            f"{early} are less like {study.dip} than like {middle}",
            where,
            f"all of these scores are higher than that of {study.dip}, {SURE}",
            lambda: dips(study, e),
        ),
        Sentence(
            "13",
            "likeness peaks in an intermediate layer of the model",
            f"{where}, every layer of {e.names['reference']}",
            f"for every layer, some layer of the model scores higher than its first and its last, {SURE}",
            lambda: peaks_inside(e),
        ),
    ]
    if lowest is not None:
        common.append(
            Sentence(
                "8",
                f"{study.late} is least like {lowest}",
                where,
                f"its scores with all other layers are higher, {SURE}",
                lambda: is_lowest(study, e, lowest),
            )
        )
    if e.euclidean:
        return [*common, _one(study, e, where, early, first), _drop(study, e, where, early, middle)]
    return [
        *common,
        _not_one(study, e, where, early, first),
        _higher(e),
        _alike(study, e, where, early, middle),
    ]


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


def early_is_closer(study: Said, e: Evidence) -> Outcome:
    """Claim 7."""
    return _least(
        e.gains(
            {
                f"{early} − {study.late}, {layer}": (e.side(layer, early), e.side(layer, study.late))
                for early in study.early
                for layer in e.layers("model")
            }
        ),
        e,
    )


def is_lowest(study: Said, e: Evidence, said: str) -> Outcome:
    """Claim 8; layers that hold the very numbers of the said one are left out, and named."""
    others = e.distinct("model", said)
    family = e.gains(
        {f"{layer} − {said}": (e.side(layer, study.late), e.side(said, study.late)) for layer in others}
    )
    scores = {layer: _score(e, layer, study.late) for layer in e.layers("model")}
    lowest = min(scores, key=lambda layer: scores[layer])
    outcome = _least(family, e)
    same = [layer for layer in e.layers("model") if layer not in (*others, said)]
    note = "".join(f"; {layer} has the very numbers of {said}" for layer in same)
    measured = f"{said} {scores[said]:.3f}, lowest {lowest} {scores[lowest]:.3f}; {outcome.measured}{note}"
    return Outcome(outcome.verdict, measured, outcome.parts)


def _score(e: Evidence, model: str, reference: str) -> float:
    metric, a, b = e.side(model, reference)
    return float(metric.compare(a, b))


def dips(study: Said, e: Evidence) -> Outcome:
    """Claim 9."""
    return _least(
        e.gains(
            {
                f"{early}, {layer} − {study.dip}": (e.side(layer, early), e.side(study.dip, early))
                for early in study.early
                for layer in study.middle
            }
        ),
        e,
    )


def peaks_inside(e: Evidence) -> Outcome:
    """Claim 13: the best intermediate layer against both ends, whichever layer that is."""
    layers, reference = e.layers("model"), e.layers("reference")
    first, last = layers[0], layers[-1]
    inside = [layer for layer in e.distinct("model", last) if layer != first]
    if not inside:
        raise LookupError(f"this run has no layer of {e.names['model']} between the first and the last")
    family = e.gains(
        {
            f"{column}, {layer} − {end}": (e.side(layer, column), e.side(end, column))
            for column in reference
            for layer in inside
            for end in (first, last)
        }
    )
    peaks = []
    for column in reference:
        groups = [family[[f"{column}, {layer} − {end}" for end in (first, last)]].parts for layer in inside]
        peaks.append(max_min(groups, [f"{column}, {layer}" for layer in inside]))
    peak = Family(tuple(peaks))
    verdicts = [above(part) for part in peaks]
    count = f"inside for {verdicts.count(HOLDS)} of {len(peaks)} layers, not for {verdicts.count(FAILS)}"
    measured = f"{count}; best inside less the higher end: {peak.listed()}{_shown(e)}"
    return Outcome(above(peak.least()), measured, family.parts)


def first_is_one(study: Said, e: Evidence) -> Outcome:
    """Claim 6, and why: averaged over positions, a first convolution knows little but brightness."""
    family = _with_first(study, e)
    images = np.asarray(e.found.stimuli.images[:SHOWN], dtype=np.float64)
    brightness = images.reshape(len(images), -1).mean(axis=1, keepdims=True)
    known = {
        f"{e.names[role]} {layer}": rsa(e.layer(role, layer), brightness, "euclidean")
        for role, layer in (("model", study.first), *(("reference", early) for early in study.early))
    }
    why = ", ".join(f"{name} {value:.3f}" for name, value in known.items())
    return Outcome(
        above(family.least(), SAME),
        f"{family.listed()}; RSA of each layer with mean brightness alone: {why}{_shown(e)}",
        family.parts,
    )


def first_is_not_one(study: Said, e: Evidence) -> Outcome:
    """Claim 10."""
    family = _with_first(study, e)
    return Outcome(below(family.most(), SAME), f"{family.listed()}{_shown(e)}", family.parts)


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
    return Outcome(verdict, measured + _shown(e), family.parts)


def drops(study: Said, e: Evidence) -> Outcome:
    """Claim 12 by Euclidean distance."""
    family = _toward_last(study, e)
    return Outcome(above(family.least(), CLEAR), f"least {family.least()}{_shown(e)}", family.parts)


def stays_alike(study: Said, e: Evidence) -> Outcome:
    """Claim 12 by cosine distance: equivalence within a margin."""
    family = _toward_last(study, e)
    measured = f"drops from {family.least()} to {family.most()}"
    return Outcome(family.within(CLEAR), measured + _shown(e), family.parts)


def _toward_last(study: Said, e: Evidence) -> Family:
    return e.gains(
        {
            f"{early}, {layer} − {study.last_stage}": (e.side(layer, early), e.side(study.last_stage, early))
            for early in study.early
            for layer in study.middle
        }
    )


def _least(family: Family, e: Evidence) -> Outcome:
    """Judges that all differences of a family are above 0."""
    least: Part = family.least()
    return Outcome(above(least), f"least difference {least}{_shown(e)}", family.parts)


def _shown(e: Evidence) -> str:
    n = len(e.found.stimuli)
    return f"; first {SHOWN} of {n} stimuli" if n > SHOWN else ""
