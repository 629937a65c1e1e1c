"""The differences of recorded scores, each with the interval that can be given, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from prh.compare.recorded import Recorded
from prh.compare.row import NONE, Compared
from prh.compare.shared import Shared, Sides, encoders_of, rows_of, shared, whereabouts
from prh.errors import PrhError
from prh.findings.kept import FILE, Kept
from prh.ground.build import build
from prh.inference import compare_pairs, independent_difference
from prh.inference.compare import Side

if TYPE_CHECKING:
    import pandas as pd

NEAR = 1e-3
"""By so much may a score that is computed again differ from the one that was recorded."""
LAYERS_CHOSEN = "each run chose its own best layers, and only last ones are kept: no interval"


@dataclass
class _Family:
    """Differences over the same rows, which are tested together."""

    rows: list[Compared] = field(default_factory=list)
    pairs: list[tuple[Side, Side]] = field(default_factory=list)
    groups: Any = None
    about: dict[str, Any] = field(default_factory=dict)


def compared(runs: Sequence[Recorded]) -> list[Compared]:
    """Returns every score that the first run and another have, with its difference.

    A difference is paired where both runs have the stimuli: then their features are read from the store, and
    :func:`prh.inference.compare_pairs` says how it may vary. Of independent samples it is Welch's.

    Args:
        runs: Two or more; each but the first is held against the first.
    """
    from prh.tracking.runs import tidy

    table = tidy([one.run for one in runs])
    first, *others = runs
    families, sides, found = dict[str, _Family](), Sides(), list[Compared]()
    for other in others:
        for row in _beside(table, first, other):
            found.append(row)
            _difference(row, first, other, sides, families)
    for family in families.values():
        _judge(family)
    return found


def _beside(table: pd.DataFrame, a: Recorded, b: Recorded) -> Iterator[Compared]:
    """Yields the scores that both runs have."""
    numbers = ["score", "ci_low", "ci_high"]
    rows = table[table["score"].notna()].set_index(["pair", "which"])
    of_a, of_b = (rows[rows["run_id"] == one.run.info.run_id] for one in (a, b))
    for pair, which in (at for at in of_a.index if at in of_b.index):
        beside = [of.loc[(pair, which)] for of in (of_a, of_b)]
        only_last = all(
            of.loc[(pair, "last")]["layers"] == one["layers"]
            for of, one in zip((of_a, of_b), beside, strict=True)
        )
        if which == "best" and only_last:
            continue
        known: Any = [float(one[name]) for one in beside for name in numbers]
        yield Compared(pair, which, a.id, b.id, *known)


def _difference(
    row: Compared, first: Recorded, other: Recorded, sides: Sides, families: dict[str, _Family]
) -> None:
    """Notes what can be said of a difference; paired ones are left to their family."""
    a, b = first.kept, other.kept
    if a is None or b is None:
        lacking = (first if a is None else other).id
        row.remark = f"run {lacking} left no {FILE} that can be read; run it again"
        return
    over = rows_of(a, row.pair), rows_of(b, row.pair)
    metrics = [build(run.about["metric"], "metric") for run in (a, b)]
    if type(metrics[0]) is not type(metrics[1]):
        row.remark = f"{metrics[0].name} and {metrics[1].name} are different quantities: no difference"
        return
    row.difference = row.score_b - row.score_a
    if row.which != "last":
        row.remark = LAYERS_CHOSEN
        return
    if over[0] is None or over[1] is None:
        lacking = (first if over[0] is None else other).id
        row.remark = (
            f"run {lacking}, of an earlier version, does not say where its features are; run it again"
        )
        return
    if over[0] != over[1]:
        row.difference, row.remark = NONE, "one is of stimuli, the other of classes: no difference"
        return
    common = shared(a, b, over[0])
    row.rows, row.remark = common.words, common.why
    if common.independent:
        _independent(row, first, other, a, b)
    elif common.paired:
        _paired(row, common, a, b, sides, families)


def _paired(
    row: Compared, common: Shared, a: Kept, b: Kept, sides: Sides, families: dict[str, _Family]
) -> None:
    both = [[whereabouts(one) for one in encoders_of(run, row.pair)] for run in (a, b)]
    whole = len(common.first) == len(a.about["ids"]) == len(b.about["ids"])
    alike = sorted(a.about["ids"]) == sorted(b.about["ids"])
    if both[0] == both[1] and a.about["metric"] == b.about["metric"] and (alike or common.over == "stimuli"):
        row.remark = "same encoders and metric, so one score"
        row.remark += "" if alike else f" over {common.words}: what differs is the sample alone"
        return
    try:
        one, other = (
            sides.of(run, row.pair, common.over, places)
            for run, places in ((a, common.first), (b, common.second))
        )
    except PrhError as error:
        row.remark = f"{str(error).rstrip('.')}. Run it again: it computes only these"
        return
    row.of_a, row.of_b = one[0].compare(*one[1:]), other[0].compare(*other[1:])
    if common.over == "classes" or whole:
        away = max(abs(row.of_a - row.score_a), abs(row.of_b - row.score_b))
        row.remark = (
            "" if away <= NEAR else f"from the store the scores are {row.of_a:.4f} and {row.of_b:.4f}"
        )
    key = json.dumps(
        [
            common.over,
            [] if common.over == "classes" else sorted(np.array(a.about["ids"])[common.first].tolist()),
        ]
    )
    family = families.setdefault(key, _Family())
    family.rows.append(row)
    family.pairs.append((other, one))
    family.about = family.about or a.about
    if common.over == "stimuli":
        # Near copies are found within a sample: of the larger one more are known.
        larger, places = (
            (a, common.first) if len(a.about["ids"]) >= len(b.about["ids"]) else (b, common.second)
        )
        groups = larger.about["design"]["groups"]
        family.groups = None if groups is None else np.array(groups)[places]


def _judge(family: _Family) -> None:
    """Notes the differences of one family, tested together."""
    level = float(family.about["inference"].get("level", 0.95))
    try:
        found = compare_pairs(family.pairs, level, family.groups, int(family.about["seed"]))
    except (PrhError, ValueError) as error:
        for row in family.rows:
            row.remark = f"no interval ({error})"
        return
    for row, difference, (side, _) in zip(family.rows, found, family.pairs, strict=True):
        row.take(difference, "paired")
        if side[0].width_inflates:
            row.of_a = row.of_b = NONE
            row.remark = f"the difference is of calibrated scores. {row.remark}".strip()


def _independent(row: Compared, first: Recorded, other: Recorded, a: Kept, b: Kept) -> None:
    """Notes the difference over samples that have nothing, or hardly anything, in common."""
    metric, se = build(a.about["metric"], "metric"), (other.se(row.pair), first.se(row.pair))
    if metric.width_inflates or not np.isfinite(se).all():
        row.remark = "other stimuli, and no standard errors that compare were kept: no interval"
        return
    df = tuple(_units(run, row.pair) - 1 for run in (b, a))
    level = float(a.about["inference"].get("level", 0.95))
    row.of_a, row.of_b = row.score_a, row.score_b
    row.take(independent_difference((row.score_b, row.score_a), se, (df[0], df[1]), level), "independent")
    if a.about["fingerprint"] != b.about["fingerprint"]:
        row.remark = f"other datasets: {a.about['stimuli']} and {b.about['stimuli']}"
    elif len(a.about["ids"]) != len(b.about["ids"]):
        row.remark = "samples of two sizes: some metrics' scores depend on the size"


def _units(run: Kept, pair: str) -> int:
    """Returns how many rows vary on their own."""
    if rows_of(run, pair) == "classes":
        return len(run.classes)
    groups = run.about["design"]["groups"]
    return len(run.about["ids"]) if groups is None else len(set(groups))
