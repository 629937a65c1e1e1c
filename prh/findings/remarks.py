"""Numbers beyond the grid as sentences for the terminal, the report and MLflow."""

import math
from collections.abc import Mapping

from prh.ground.numbers import interval, number
from prh.inference.score import Score

CONTROLS = {
    "pixels": "pixels",
    "classes": "classes",
    "random_twin": "the network untrained",
    "all": "all of these",
}
"""What may be taken out of a score, as a person calls it."""

ALPHA = 0.05
"""Below it, p says that a pairing is no chance."""
ROLES = ("model", "reference", "text")


def remarks(further: Mapping[str, float], last: Score) -> list[str]:
    """Returns one sentence for each kind of number that a pair of encoders has beside its grid.

    Args:
        further: Numbers by their names in MLflow; see :class:`prh.findings.comparison.Comparison`.
        last: The score of the last layers, whose own interval is over the rows of the table.
    """
    kinds = (
        *(_intervals(further, last), _both_right(further, last), _ceiling(further, last)),
        *(_again(further), _beyond(further), _best(further)),
    )
    return [sentence for sentence in kinds if sentence]


def _intervals(further: Mapping[str, float], last: Score) -> str:
    if "last.ci_images_low" not in further:
        return ""
    images, both = (
        interval(further[f"last.ci_{name}_low"], further[f"last.ci_{name}_high"])
        for name in ("images", "both")
    )
    over_classes = interval(last.ci_low, last.ci_high)
    return (
        f"last, for these classes, other images: {images}; for other classes: {over_classes}; "
        f"for other classes and other images: {both}"
    )


def _both_right(further: Mapping[str, float], last: Score) -> str:
    """Says why p and an interval are both right where one speaks for likeness and the other does not."""
    of = "classes" if "last.ci_images_low" in further else "stimuli"
    asked = f"p asks whether this pairing beats shuffles of these {of}"
    chance = last.null_mean
    if last.p < ALPHA and further.get("last.ci_images_low", math.inf) <= chance:
        known = f"and with other images of these very {of} the score might be no more than chance"
        return f"last, p < {ALPHA} beside an interval over other images that holds chance: {asked}, {known}"
    if last.p < ALPHA and last.ci_low <= chance <= last.ci_high:
        known = f"the interval where the score of other {of} might lie"
        return f"last, p < {ALPHA} beside an interval that holds chance: {asked}, {known}"
    if last.p >= ALPHA and further.get("last.ci_images_low", chance) > chance:
        known = f"the interval over other images how exactly the score of these very {of} is known"
        return f"last, p ≥ {ALPHA} beside an interval above chance: {asked}, {known}"
    return ""


def _ceiling(further: Mapping[str, float], last: Score) -> str:
    if "last.ceiling" not in further:
        return ""
    error = further.get("last.ceiling_se")
    said = f"last: noise ceiling {number(further['last.ceiling'])}"
    said += "" if error is None else f" ± {number(error)}"
    if last.value > further["last.ceiling"]:
        said += ", below the score: so few images say little of where classes lie"
    return said


def _again(further: Mapping[str, float]) -> str:
    def shown(name: str) -> str:
        return f"{number(further[name])} {interval(further[f'{name}.ci_low'], further[f'{name}.ci_high'])}"

    own = [
        f"{role} with itself on the second version of the stimuli: {shown(f'last.{role}_again')}"
        for role in ROLES
        if f"last.{role}_again" in further
    ]
    if "last.of_ceiling" in further:
        own.append(f"the score as a share of that, chance 0: {shown('last.of_ceiling')}")
    own += [
        f"less what it is with the {role} on the second version: {shown(f'last.less_{role}_again')}"
        for role in ROLES
        if f"last.less_{role}_again" in further
    ]
    return f"last, {'; '.join(own)}" if own else ""


def _beyond(further: Mapping[str, float]) -> str:
    parts = []
    for name, called in CONTROLS.items():
        key = f"last.beyond_{name}"
        if key in further:
            low, high = further.get(f"{key}.ci_low"), further.get(f"{key}.ci_high")
            between = "" if low is None or high is None else f" {interval(low, high)}"
            parts.append(f"{called}: {number(further[key])}{between}")
    return f"last, beyond {'; beyond '.join(parts)}" if parts else ""


def _best(further: Mapping[str, float]) -> str:
    if "best.crossfit" not in further:
        return ""
    return (
        f"best, chosen on one half and scored on the other: {number(further['best.crossfit'])} "
        f"± {number(further['best.crossfit_sd'])} over splits"
    )
