"""What was asked of a sweep and what came out, in plain sentences made from its jobs' scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from prh.ground.numbers import number
from prh.report.claims import in_brief
from prh.sweep.gathered import GatheredStudy

if TYPE_CHECKING:
    import pandas as pd

SURE = 0.05
"""The false discovery rate below which a score counts as found."""
SAME = 1e-9
"""Scores that differ by less are one."""


def answer(scores: pd.DataFrame, axes: Sequence[str], study: GatheredStudy) -> list[str]:
    """Returns the sentences, those of a study first; none where no job has a score.

    Args:
        scores: Of the last layers, a row for each job and pair.
        axes: What tells conditions apart.
        study: What the jobs say of a study, if of any.
    """
    said = in_brief(study.judged(), study.told) if "claims" in study.tables else []
    return [*said, *_scores(scores, axes)]


def _scores(scores: pd.DataFrame, axes: Sequence[str]) -> Iterator[str]:
    if not len(scores):
        return
    jobs = scores["run_id"].nunique()
    if axes:
        yield f"How far do scores of last layers depend on {', '.join(axes)}?"
    for pair, rows in scores.groupby("pair", sort=False):
        ordered = rows.sort_values("score")
        low, high = ordered.iloc[0], ordered.iloc[-1]
        found = int((rows["q"] < SURE).sum())
        yield (
            f"{str(pair).replace('_vs_', ' × ')}: from {_with_interval(low)}{_where(low, rows, axes)} "
            f"to {_with_interval(high)}{_where(high, rows, axes)}; beyond chance in "
            f"{found} of {len(rows)} jobs (false discovery rate below {SURE})."
            if len(rows) > 1
            else f"{str(pair).replace('_vs_', ' × ')}: {_with_interval(low)}, in one of {jobs} jobs."
        )


def _with_interval(row: pd.Series) -> str:
    ends = row["ci_low"], row["ci_high"]
    known = all(end == end for end in ends)
    return number(row["score"], 2) + (f" [{number(ends[0], 2)}, {number(ends[1], 2)}]" if known else "")


def _where(row: pd.Series, rows: pd.DataFrame, axes: Sequence[str]) -> str:
    """Returns what a score belongs to; what leaves it as it is has no part in it."""
    same = rows[(rows["score"] - row["score"]).abs() < SAME]
    values = ", ".join(
        f"{axis.split('.')[-1]} {row[axis]}" for axis in axes if same[axis].nunique(dropna=False) == 1
    )
    return f" ({values})" if values else ""
