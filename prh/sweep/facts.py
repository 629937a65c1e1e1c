"""What a sweep is of, so that its page says so wherever it is read: what was compared, and what did it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities import Run

OF = ("dataset", "n", "model", "reference", "text", "metric", "seed")
"""What every job has one of, swept or not."""
MOST = 12
"""Values that are told one by one."""


def compared(table: pd.DataFrame) -> dict[str, str]:
    """Returns what the jobs compared, by the columns that say so; several values where they differ.

    Args:
        table: The jobs; see :func:`prh.tracking.runs.tidy`.
    """
    cast = [column for column in table if column.startswith("also.") and column.count(".") == 1]
    table = table.assign(metric=_metrics(table))
    known = {column: _values(table[column]) for column in (*OF, *cast) if column in table}
    return {column: _listed(values) for column, values in known.items() if values}


def made(parent: Run) -> dict[str, str]:
    """Returns when, by which command and by which code a sweep was made, and the id of its parent run."""
    tags = parent.data.tags
    when = datetime.fromtimestamp(parent.info.start_time / 1000, UTC)
    commit = tags.get("mlflow.source.git.commit", "")[:10]
    changed = " with changes" if tags.get("git.dirty") == "true" else ""
    code = [f"prh {tags['version.prh']}" if "version.prh" in tags else "", commit and f"{commit}{changed}"]
    found = {
        "date": f"{when:%Y-%m-%d %H:%M} UTC",
        "command": tags.get("command", ""),
        "code": ", ".join(filter(None, code)),
        "run": parent.info.run_id,
    }
    return {name: value for name, value in found.items() if value}


def in_one_line(facts: dict[str, str]) -> str:
    """Returns what was compared as it is read first: ``fashion_mnist, n = 100, 150; metric cosine; …``."""
    named = ("dataset", "n")
    first = ", ".join(f"n = {facts[key]}" if key == "n" else facts[key] for key in named if key in facts)
    rest = [f"{key} {value}" for key, value in facts.items() if key not in named]
    return "; ".join(filter(None, [first, *rest]))


def _metrics(table: pd.DataFrame) -> pd.Series:
    """Returns each row's metric, with its family where the option's name does not say it: cosine (RSA)."""
    if "metric._target_" not in table:
        return table["metric"]
    family = table["metric._target_"].fillna("").astype(str).str.rpartition(".")[2]
    plain = table["metric"].str.replace("_", "").str.lower()
    named = [one.lower() in ("", *two.split()) for one, two in zip(family, plain, strict=True)]
    return table["metric"].where(named, table["metric"] + " (" + family + ")")


def _values(column: pd.Series) -> list[str]:
    found = column.dropna()
    return [text for text in found.sort_values().astype(str).unique() if text] if len(found) else []


def _listed(values: Sequence[str]) -> str:
    if len(values) <= MOST:
        return ", ".join(values)
    return f"{', '.join(values[: MOST - 1])}, … {values[-1]} ({len(values)} in all)"
