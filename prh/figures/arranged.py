"""What of a sweep goes along an axis, what has colours, and what each point is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from prh.figures.text import NETWORK, brief

MOST_COLOURS = 10
"""An axis of more values than these has a row of panels for each, where another could give colours."""


def arranged(
    scores: pd.DataFrame, axes: Sequence[str]
) -> tuple[pd.DataFrame, str | None, str | None, str | None]:
    """Returns which axes give x, colours and rows; several that give colours are made one.

    Args:
        scores: A row per run, a column per axis.
        axes: The first is to run along x, unless a second has more values than there are colours.
    """
    if len(axes) < 2:
        return scores, next(iter(axes), None), None, None
    x, *others = axes
    many = [axis for axis in others if scores[axis].nunique() > MOST_COLOURS >= scores[x].nunique()]
    if len(axes) == 2 and many and not pd.api.types.is_numeric_dtype(scores[x]):
        return scores, many[0], x, None
    # The last of those with the most values.
    row = max(reversed(others), key=lambda axis: scores[axis].nunique())
    colours = [axis for axis in others if axis != row]
    if not colours:
        few = scores[row].nunique() <= MOST_COLOURS
        return (scores, x, row, None) if few else (scores, x, None, row)
    name = ", ".join(colours)
    values = scores[colours].astype(str).agg(", ".join, axis=1) if len(colours) > 1 else scores[name]
    return scores.assign(**{name: values}), x, name, row


def whole(values: pd.Series) -> pd.Series:
    """Returns an axis without gaps: numbers where all are, else words, also for what a run lacks."""
    if pd.api.types.is_numeric_dtype(values) and values.notna().all():
        return values.astype(float) if values.dtype == "Int64" else values
    return values.astype(object).where(values.notna(), "–").astype(str)


def unit_of(scores: pd.DataFrame) -> str:
    """Returns what scores are called along an axis: by their metric, where all have the same."""
    metrics = scores["metric"].dropna().unique() if "metric" in scores else []
    return f"score ({brief(str(metrics[0]), NETWORK)})" if len(metrics) == 1 else "score"


def summary(group: pd.DataFrame, x: str | None) -> pd.DataFrame:
    """Returns the mean score for each value of ``x``, and what no replicate of it goes beyond.

    Columns: ``score``; ``critical`` and ``null_mean``, the highest of the replicates; ``ci_low``, the lowest
    of their intervals' lower ends, and ``ci_high``, the highest of the upper ones; ``runs``, their number.
    """
    keys = group[x] if x else pd.Series("", index=group.index)
    by = group.groupby(keys, sort=pd.api.types.is_numeric_dtype(keys))
    found = by[["score"]].mean()
    found[["critical", "null_mean"]] = by[["critical", "null_mean"]].max()
    found["ci_low"], found["ci_high"] = by["ci_low"].min(), by["ci_high"].max()
    found["runs"] = by.size()
    return found


def replicated(group: pd.DataFrame, x: str | None, means: pd.DataFrame, at: Any) -> tuple[Any, Any]:
    """Returns where each run stands whose point is a mean."""
    places = dict(zip(means.index, at, strict=True))
    keys = group[x] if x else pd.Series("", index=group.index)
    several = group[keys.map(means["runs"] > 1).to_numpy(dtype=bool)]
    return [places[key] for key in keys[several.index]], several["score"]


def above_null(means: pd.DataFrame) -> Any:
    """Returns for each point whether its intervals, of every replicate, lie above the null."""
    return (means["ci_low"] > means["null_mean"]).to_numpy()


def onset(means: pd.DataFrame) -> float | None:
    """Returns the smallest x from which on all intervals, of every replicate, lie above the null.

    None if the last does not.
    """
    above = above_null(means)
    if not len(above) or not above[-1]:
        return None
    below = np.flatnonzero(~above)
    return float(means.index[below[-1] + 1 if len(below) else 0])
