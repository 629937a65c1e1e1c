"""Claims about how alike the layers of two networks are: paired differences of scores, judged all at once."""

from __future__ import annotations

from prh.ground.numbers import number
from prh.study import by_distance
from prh.study.claim import FAILS, HOLDS, SURE, Outcome, Part, Sentence
from prh.study.evidence import Evidence, shown
from prh.study.family import Family, above, max_min
from prh.study.said import Said


def sentences(study: Said, e: Evidence) -> list[Sentence]:
    """Returns claims 6 to 13 as far as they are about this run's distance."""
    distance = e.found.asked.metric.geometry
    where = f"{e.names['reference']} × {e.names['model']}, {distance}"
    early, middle = " and ".join(study.early), " and ".join(study.middle)
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
    return [*common, *by_distance.sentences(study, e, where, early, middle)]


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
    measured = (
        f"{said} {number(scores[said])}, lowest {lowest} {number(scores[lowest])}; {outcome.measured}{note}"
    )
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
    measured = f"{count}; best inside less the higher end: {peak.listed()}{shown(e)}"
    return Outcome(above(peak.least()), measured, family.parts)


def _least(family: Family, e: Evidence) -> Outcome:
    """Judges that all differences of a family are above 0."""
    least: Part = family.least()
    return Outcome(above(least), f"least difference {least}{shown(e)}", family.parts)
