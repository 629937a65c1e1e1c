"""Recorded runs as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prh.tracking.process import HOST, host, is_gone

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

PAIRS = ("model_vs_reference", "model_vs_text", "reference_vs_text")
SCORES = ("score", "p", "p_se", "ci_low", "ci_high", "null_mean", "critical", "calibrated")


def search(client: MlflowClient, experiment_id: str, condition: str = "") -> list[Run]:
    """Returns all runs of an experiment that meet an MLflow filter, oldest first."""
    found: list[Run] = []
    token = None
    while True:
        page = client.search_runs(
            [experiment_id], condition, order_by=["attributes.start_time ASC"], page_token=token
        )
        found.extend(page)
        if not (token := page.token):
            return found


def tidy(runs: list[Run]) -> pd.DataFrame:
    """Returns one row per run, pair of encoders and choice of layers; one empty row for a run without scores.

    Columns: ``run_id``, ``name``, ``status``, ``error``, ``parent``, ``model.parameters``, ``pair``,
    ``which`` (``last`` or ``best``), ``layers``, ``score``, ``p`` of the last layers, ``p_corrected`` of the
    best, which is corrected for having chosen them, ``p_se`` of either, the other numbers of the score, every
    config value by its key.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for run in runs:
        tags, metrics = run.data.tags, run.data.metrics
        base = {
            "run_id": run.info.run_id,
            "name": run.info.run_name,
            "status": run.info.status,
            "error": tags.get("error", ""),
            "parent": tags.get("mlflow.parentRunId", ""),
            "model.parameters": metrics.get("model.parameters", float("nan")),
        }
        # A parent's values are lists such as 100,300, and would make words of its children's numbers.
        config = run.data.params if "prh.swept" in tags else {**run.data.params, **_overrides(tags)}
        scores = [
            {"pair": pair, "which": which, "layers": tags.get(f"{pair}.{which}.layers", "")}
            | {name: metrics.get(f"{pair}.{which}.{name}", float("nan")) for name in SCORES}
            | _kept_apart(which, metrics.get(f"{pair}.{which}.p", float("nan")))
            for pair in PAIRS
            for which in ("last", "best")
            if f"{pair}.{which}.score" in metrics
        ]
        rows += [{**base, **score, **config} for score in scores or [{}]]
    table = pd.DataFrame(rows)
    for column in set(table) - {"run_id", "name", "status", "error", "parent", "pair", "which", "layers"}:
        try:
            table[column] = pd.to_numeric(table[column])
        except (ValueError, TypeError):
            continue
    return table


def _kept_apart(which: str, p: float) -> dict[str, str | float]:
    """Returns p in the column that says what it is of: the two are not to be averaged or compared."""
    nan = float("nan")
    return {"p": p, "p_corrected": nan} if which == "last" else {"p": nan, "p_corrected": p}


def _overrides(tags: dict[str, str]) -> dict[str, str]:
    return {key.removeprefix("sweep."): value for key, value in tags.items() if key.startswith("sweep.")}


def discovered(table: pd.DataFrame) -> pd.DataFrame:
    """Returns all runs of a sweep with the false discovery rate ``q`` of each score among all of them.

    A best pair of layers enters with the p that is corrected for having chosen it (Benjamini & Hochberg
    1995).
    """
    from prh.inference import benjamini_hochberg

    if "p" not in table:
        return table
    q = benjamini_hochberg(table["p"].fillna(table["p_corrected"]).to_numpy(dtype=float))
    table.insert(table.columns.get_loc("p_se") + 1, "q", q)
    return table


def bury_the_dead(client: MlflowClient, experiment_id: str) -> None:
    """Marks runs of this machine whose process is gone as KILLED: nobody else will."""
    for run in search(client, experiment_id, f"attributes.status = 'RUNNING' AND tags.`{HOST}` = '{host()}'"):
        # Looked at again: it may have ended in peace, and its process with it, since the search.
        if is_gone(run.data.tags) and client.get_run(run.info.run_id).info.status == "RUNNING":
            client.set_terminated(run.info.run_id, "KILLED")
