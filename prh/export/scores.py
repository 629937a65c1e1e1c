"""The scores that a run recorded, as tables of numbers."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from prh.export.recorded import Recorded

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("pair", "a", "b", "layer_a", "layer_b")
SCORES = "tables/scores.csv"


def read_table(run: Recorded, path: str, names: tuple[str, ...] = ()) -> pd.DataFrame | None:
    """Returns a table of the run, None if it has none; columns of ``names`` stay words."""
    import pandas as pd

    file = run.files / path
    if not file.is_file():
        return None
    words = dict.fromkeys(names, str)
    table = pd.read_csv(file, dtype=words, keep_default_na=False, na_values=["nan", ""])
    for name in names:
        if name in table:
            table[name] = table[name].fillna("").map(_without_guard)
    return table


def layer_scores(run: Recorded) -> pd.DataFrame | None:
    """Returns every pair of layers of every pair of encoders, a row each."""
    return read_table(run, SCORES, NAMES)


def last_and_best(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the last and the best pair of layers of each pair of encoders.

    ``which`` says which it is. The p of a best one is corrected for its having been chosen. Where there is
    one pair of layers alone, or none has a score, there is no best.
    """
    import pandas as pd

    rows = []
    for _, own in table.groupby("pair", sort=False):
        rows.append(own.iloc[-1].copy())
        rows[-1]["which"] = "last"
        if len(own) > 1 and own["score"].notna().any():
            best = own.loc[own["score"].idxmax()].copy()
            best["which"], best["p"], best["p_se"] = "best", best["p_corrected"], best["p_corrected_se"]
            rows.append(best)
    columns = ["pair", "a", "b", "which", "layer_a", "layer_b", "score", "ci_low", "ci_high", "p", "p_se"]
    more = ["exact", "null_mean", "null_sd", "calibrated"]
    return pd.DataFrame(rows)[[*columns, *more]].reset_index(drop=True)


def permutations(own: pd.DataFrame) -> int | None:
    """Returns how many permutations a pair's p come from, by their standard errors; None where exact."""
    for p, error in zip(own["p"], own["p_se"], strict=True):
        if isfinite(p) and isfinite(error) and error > 0 and p < 1:
            draws: int = round(p * (1 - p) / error**2) - 1
            return draws
    return None


def _without_guard(text: str) -> str:
    """Returns a cell without the apostrophe that keeps spreadsheets from running it."""
    from prh.findings.tables import RUN

    return text[1:] if text.startswith("'") and text[1:].startswith(RUN) else text
