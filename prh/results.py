"""Recorded runs for notebooks, read from MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities import Run


def load(experiment: str = "prh", uri: str | None = None, every: bool = False) -> pd.DataFrame:
    """Returns the recorded runs of an experiment for notebooks; see :func:`prh.tracking.runs.tidy`.

    Each job is there once. Runs are one job if they have the same config, but for what changes no score,
    and the same code: package, libraries and what the config names of one's own (:mod:`prh.tracking.same`).
    Of these the latest that finished is taken, or the latest where none did. Runs of versions that did not
    record their code are like no other.

    Where nothing is recorded, one line says so, and the table has all its columns and no rows.

    Args:
        experiment: Name of the MLflow experiment.
        uri: MLflow tracking URI; None is :func:`database`.
        every: Whether to have all runs, also those of a job that was run again.

    Raises:
        ConfigError: The database or server cannot be reached.
    """
    from prh.tracking.database import absolute_uri, open_database
    from prh.tracking.runs import search, tidy
    from prh.tracking.same import latest

    where = database() if uri is None else absolute_uri(uri)
    runs: list[Run] = []
    if not where.startswith("sqlite:///") or Path(where.removeprefix("sqlite:///")).exists():
        client, experiment_id = open_database(where, experiment)
        runs = search(client, experiment_id)
    if not runs:
        print(f"No runs of experiment {experiment!r} are recorded at {where}; python -m prh.run records one")
    return tidy(runs if every else latest(runs))


def conditions(runs: pd.DataFrame) -> list[str]:
    """Returns what tells runs apart but for their seeds; see :func:`prh.tracking.runs.conditions`."""
    from prh.tracking import runs as recorded

    return recorded.conditions(runs)


def database() -> str:
    """Returns the URI of ``mlruns/mlflow.db`` here, or in the nearest folder above that has one."""
    from prh.tracking.address import nearest

    return nearest()


def compare(*runs: str, uri: str | None = None) -> pd.DataFrame:
    """Returns how recorded runs differ in their scores, one row per score; see :class:`prh.compare.Compared`.

    Args:
        runs: Two or more, each the id of a run, its beginning, or a run's output folder; each but the first
            is held against the first.
        uri: MLflow tracking URI; None is :func:`database`.

    Raises:
        PrhError: There is no such run, it is a sweep's parent, or it did not end well.
    """
    import pandas as pd

    from prh.compare import compared
    from prh.compare.recorded import recorded
    from prh.tracking.address import absolute_uri

    found = compared(recorded(runs, database() if uri is None else absolute_uri(uri)))
    return pd.DataFrame([vars(one) for one in found])
