"""Recorded runs as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from prh.tracking.process import HOST, host, is_gone

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

PAIRS = ("model_vs_reference", "model_vs_text", "reference_vs_text")
SCORES = ("score", "p", "p_se", "ci_low", "ci_high", "null_mean", "critical", "calibrated")
WORDS = (
    *("run_id", "name", "status", "error", "parent", "dataset", "metric", "weights"),
    *("pair", "which", "layers"),
)
COUNTS = ("n", "seed")
NUMBERS = ("model.parameters", "model.imagenet_top1", *SCORES, "p_corrected")
"""The columns that every table has, by type: empty, missing or NaN where a run does not say."""
BESIDE = "score."
"""What the columns begin with of which a run need not have any."""
ROLES = ("model", "reference", "text")
"""The encoders of a run, and what their options and config keys go by."""


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

    Every table has the columns ``run_id``, ``name``, ``status``, ``error``, ``parent``; ``dataset`` and
    ``metric``, the options that were chosen; ``n`` stimuli and ``seed``; ``weights``, where the model's came
    from; ``model.parameters``; ``model.imagenet_top1``, published of these very weights; ``pair``, ``which``
    (``last`` or ``best``), ``layers``, ``score``, ``p`` of the last layers, ``p_corrected`` of the best,
    which is corrected for having chosen them, ``p_se`` of either, and the other numbers of the score; what
    is recorded of the same layers beside them as ``score.NAME``, e.g. ``score.beyond_pixels`` or a measure of
    one's own. Beside them stand the options of all groups and every config value by its key; substitutes are
    called so.
    """
    import pandas as pd

    rows = [row for run in runs for row in _rows(run)]
    fixed = [*WORDS, *COUNTS, *NUMBERS]
    table = pd.DataFrame(
        rows, columns=[*fixed, *dict.fromkeys(k for row in rows for k in row if k not in fixed)]
    )
    for column in table:
        numbers = pd.to_numeric(table[column], errors="coerce")
        if column in WORDS:
            table[column] = table[column].fillna("").astype(str)
        elif column in COUNTS:
            table[column] = numbers.round().astype("Int64")
        elif column in NUMBERS:
            table[column] = numbers.astype(float)
        elif numbers.notna().equals(table[column].notna()):
            table[column] = numbers
    return table


def _rows(run: Run) -> list[dict[str, Any]]:
    tags, metrics, params = run.data.tags, run.data.metrics, run.data.params
    # A parent's values are lists such as 100,300, and would make words of its children's numbers.
    own = {} if "prh.swept" in tags else {**_after("option.", tags), **_after("sweep.", tags)}
    asked = {key: value for key, value in {**params, **own}.items() if value != "None" or key in own}
    config: dict[str, Any] = {**asked, **_as_it_was(asked, tags)}
    base = {
        **config,
        "run_id": run.info.run_id,
        "name": run.info.run_name,
        "status": run.info.status,
        "error": tags.get("error", ""),
        "parent": tags.get("mlflow.parentRunId", ""),
        "dataset": config.get("dataset") or tags.get("data", "").split("/")[0],
        "metric": config.get("metric") or config.get("metric._target_", "").split(".")[-1],
        "n": tags.get("data.n") or config.get("dataset.n"),
        "weights": tags.get("weights.model", ""),
        "model.parameters": metrics.get("model.parameters"),
    }
    scores = [
        {"pair": pair, "which": which, "layers": tags.get(f"{pair}.{which}.layers", "")}
        | {name: metrics.get(f"{pair}.{which}.{name}", float("nan")) for name in SCORES}
        | _kept_apart(which, metrics.get(f"{pair}.{which}.p", float("nan")))
        | _beside(f"{pair}.{which}.", metrics)
        for pair in _pairs(metrics)
        for which in ("last", "best")
        if f"{pair}.{which}.score" in metrics
    ]
    accuracies = {key: value for key, value in metrics.items() if key.endswith(".imagenet_top1")}
    return [{**base, **accuracies, **score} for score in scores or [{}]]


def _pairs(metrics: Mapping[str, float]) -> list[str]:
    """Returns the pairs that a run compared, those of every run first."""
    found = {name.removesuffix(".last.score") for name in metrics if name.endswith(".last.score")}
    return [*PAIRS, *sorted(found - set(PAIRS))]


def _beside(prefix: str, metrics: Mapping[str, float]) -> dict[str, str | float]:
    """Returns what is known of a pair's layers beside the score and how it was judged."""
    own = {name.removeprefix(prefix): value for name, value in metrics.items() if name.startswith(prefix)}
    return {f"{BESIDE}{name}": value for name, value in own.items() if name not in SCORES}


def _as_it_was(config: dict[str, str], tags: dict[str, str]) -> dict[str, str | None]:
    """Returns what a config names beside what the run used: real sources, and substitutes called so."""
    real: dict[str, str | None] = {}
    for role in ROLES:
        source = tags.get(f"weights.{role}")
        fitted = config.get(f"{role}.weights._target_", "").endswith(".Pretrained")
        before = "fitted" if fitted and (source or "").startswith("fit:") else ""
        # Runs of old versions have no such tag.
        if instead := tags.get(f"substitute.{role}", before):
            names = {key: config[key] for key in (role, f"{role}.name") if key in config}
            real |= {key: f"{name} ({instead})" for key, name in names.items()}
        for tag in (f"{role}.weights.tag", f"{role}.tag"):
            if source is not None and config.get(tag, "") not in source:
                real[tag] = None
        real[f"weights.{role}"] = source
        if (accuracy := f"{role}.imagenet_top1") in config:
            real[accuracy] = None  # unless it was recorded of the very weights
    return real


def _kept_apart(which: str, p: float) -> dict[str, str | float]:
    """Returns p in the column that says what it is of: the two are not to be averaged or compared."""
    nan = float("nan")
    return {"p": p, "p_corrected": nan} if which == "last" else {"p": nan, "p_corrected": p}


def _after(prefix: str, tags: dict[str, str]) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in tags.items() if key.startswith(prefix)}


IDLE = (
    *("output_dir", "data_dir", "cache_dir", "resume", "device", "batch_size"),
    *("tracking.", "trainer.", "figures."),
)
"""What the beginnings of keys say that change no score."""


def conditions(table: pd.DataFrame) -> list[str]:
    """Returns the fewest columns that tell runs of different configs apart, their seeds aside.

    Rows that are alike in these differ in nothing but the seed, and may be averaged; no others may. Options
    of groups come before single values.
    """
    # A class that has moved to another module since is the same.
    targets = [c for c in table if c.endswith("._target_")]
    table = table.assign(**{c: table[c].astype(str).str.rpartition(".")[2] for c in targets})
    facts = ("n", "dataset", "metric", "weights")
    about = [c for c in table if c in facts or c not in (*WORDS, *COUNTS, *NUMBERS, "q")]
    about = [c for c in about if not c.startswith((*IDLE, BESIDE)) and not c.endswith(".family")]
    about = [c for c in about if table[c].nunique(dropna=False) > 1]
    about = [c for c in about if not (c.endswith("seed") and _equal(table[c], table["seed"]))]
    about.sort(key=lambda c: (c == "weights" or "." in c, c != "n"))
    words = table[about].astype(str)
    chosen: list[str] = []
    groups = 1
    for column in about:
        found = len(words[[*chosen, column]].drop_duplicates())
        if found > groups:
            chosen, groups = [*chosen, column], found
    return chosen


def _equal(one: pd.Series, other: pd.Series) -> bool:
    import pandas as pd

    numbers = (pd.to_numeric(values, errors="coerce").astype(float) for values in (one, other))
    return bool(np.equal(*numbers).all())


def discovered(table: pd.DataFrame) -> pd.DataFrame:
    """Returns all runs of a sweep with the false discovery rate ``q`` of each score among all of them.

    A best pair of layers enters with the p that is corrected for having chosen it (Benjamini & Hochberg
    1995).
    """
    from prh.inference import benjamini_hochberg

    q = benjamini_hochberg(table["p"].fillna(table["p_corrected"]).to_numpy(dtype=float))
    table.insert(table.columns.get_loc("p_se") + 1, "q", q)
    return table


def bury_the_dead(client: MlflowClient, experiment_id: str) -> None:
    """Marks runs of this machine whose process is gone as KILLED: nobody else will."""
    for run in search(client, experiment_id, f"attributes.status = 'RUNNING' AND tags.`{HOST}` = '{host()}'"):
        # Looked at again: it may have ended in peace, and its process with it, since the search.
        if is_gone(run.data.tags) and client.get_run(run.info.run_id).info.status == "RUNNING":
            client.set_terminated(run.info.run_id, "KILLED")
