"""The claims of a study as one table: a row each, whatever parts they have and whoever judged them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from prh.ground.numbers import typeset
from prh.report.captions import CAPTIONS
from prh.report.page import Section
from prh.report.strip import Strip
from prh.study import Claim, Told, combined, number_of, tally

COLUMNS = ("no.", "claim", "verdict", "measured", "behind it", "holds if")
READING = (
    "Behind it: the numbers that a verdict rests on, as the study orders them, mostly a layer or a pair of "
    "layers each, with intervals that all hold at once; the dashed line is 0."
)


@dataclass(frozen=True)
class Judged:
    """A claim and the run that judged it.

    Attributes:
        job: What tells the run from others, e.g. ``cosine``; empty where there is one alone.
        claim: The claim, tested.
    """

    job: str
    claim: Claim


def claims_section(judged: Sequence[Judged], told: Sequence[Told] = ()) -> Section:
    """Returns all claims as a table with their tally.

    Args:
        judged: Each claim of each run.
        told: What the runs say of the study; its title, its link, and the networks that they used.
    """
    claims = _by_number(judged)
    said = f"{_tallied(claims)} {READING}"
    title = f"What became of the claims of “{told[0].title}”" if told else "Claims of the study"
    if told:
        networks = dict.fromkeys(" × ".join(one.networks.values()) for one in told)
        said = f"Judged on {'; '.join(networks)}. {said}"
    link = (told[0].title, told[0].link) if told else None
    return Section(title, COLUMNS, [_row(same) for same in claims], text=said, link=link)


def in_brief(judged: Sequence[Judged], told: Sequence[Told] = ()) -> list[str]:
    """Returns what was asked of a study, and how its claims came out, a sentence each."""
    of = f" of “{told[0].title}”" if told else " of the study"
    return [f"Do the claims{of} hold?", _tallied(_by_number(judged))]


def _by_number(judged: Sequence[Judged]) -> list[list[Judged]]:
    return [list(same) for _, same in groupby(judged, key=lambda one: number_of(one.claim.number))]


def _tallied(claims: Sequence[Sequence[Judged]]) -> str:
    return f"{len(claims)} claims: {tally(combined(one.claim.verdict for one in same) for same in claims)}."


def figure_caption(name: str, told: Told | None) -> str:
    """Returns what is said of a study's figure: its number there, and what ours shows.

    Args:
        name: The study's, e.g. ``fig2_umap_resnet``.
        told: What the run says of the study, if it does.
    """
    number = re.match(r"fig(\d+)", name)
    ours = told.figures.get(name, "") if told else ""
    if told is None or number is None or ours not in CAPTIONS:
        return name.replace("_", " ")
    role = next((role for role in ("reference", "model") if ours.endswith(f"_{role}")), "")
    network = told.networks.get(role) or " × ".join(told.networks.get(r, "") for r in ("reference", "model"))
    return f"Figure {number[1]}: {CAPTIONS[ours]}" + ("" if ours == "stimuli" else f", {network}")


def _row(same: Sequence[Judged]) -> list[object]:
    """Returns a claim's row, its parts and runs told apart by letter and job where there are several."""
    number = number_of(same[0].claim.number)
    sentences = dict.fromkeys((one.claim.number.removeprefix(str(number)), one.claim.claim) for one in same)
    said = "; ".join(f"{letter}) {text}" if letter else text for letter, text in sentences)
    letters, jobs = len({letter for letter, _ in sentences}) > 1, len({one.job for one in same}) > 1

    def label(one: Judged) -> str:
        letter = one.claim.number.removeprefix(str(number)) + ")" if letters else ""
        return " ".join(filter(None, (letter, one.job if jobs else "")))

    overall = combined(one.claim.verdict for one in same)
    if len({one.claim.verdict for one in same}) > 1:
        overall += ": " + ", ".join(f"{label(one)} {one.claim.verdict}" for one in same)
    measured = "; ".join(" ".join(filter(None, (label(one), typeset(one.claim.measured)))) for one in same)
    strips = [Strip(label(one), one.claim.parts) for one in same if one.claim.parts]
    rules = "; ".join(dict.fromkeys(one.claim.rule for one in same))
    return [number, said, overall, measured, strips, rules]
