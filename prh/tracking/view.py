"""What the MLflow UI shows of the runs without being set up: MLflow keeps shared views in experiment tags."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from prh.tracking.charts import charts
from prh.tracking.runs import PAIRS

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

SCORES = tuple(f"metrics.`{pair}.last.score`" for pair in PAIRS)
"""Of their names the heads of columns show the twelve letters in which they differ; with p beside them these
would be the same twice, and the config would be off the screen."""
WITH_P = ("model-ref", "model-text", "ref-text")
"""Tags with score and p."""
ALWAYS = ("model", "metric", "dataset.n", "seed")
"""What is shown of every run's config."""
WHERE_THEY_DIFFER = ("dataset", "reference", "text", "prompt")
LOOKED_AT = 200
"""The latest runs that say which columns matter."""
MOST_SWEPT = 6
NAME = "prh"
TAG = f"mlflow.sharedViewState.{NAME}"
SWEPT = "prh.swept"


def share(client: MlflowClient, experiment_id: str) -> None:
    """Keeps the view with an experiment, with the columns in which its latest runs differ."""
    runs = client.search_runs([experiment_id], max_results=LOOKED_AT)
    sections, cards = charts(PAIRS)
    view = {
        "searchFilter": "",
        "orderByKey": "attributes.start_time",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": columns(runs),
        "runsExpanded": {},
        "runsPinned": [],
        "runsHidden": [],
        "compareRunSections": sections,
        "compareRunCharts": cards,
        # As it stands: else sections are sorted by their names.
        "isAccordionReordered": True,
    }
    text = json.dumps(view)
    if client.get_experiment(experiment_id).tags.get(TAG) != text:
        client.set_experiment_tag(experiment_id, TAG, text)


def columns(runs: Sequence[Run]) -> list[str]:
    """Returns the columns of the table: scores, what every run has, and what tells these runs apart."""
    swept = [key for run in runs for key in run.data.tags.get(SWEPT, "").split(",") if key]
    jobs = [run for run in runs if SWEPT not in run.data.tags]
    differ = [
        key for key in WHERE_THEY_DIFFER if len({run.data.tags.get(f"option.{key}") for run in jobs}) > 1
    ]
    asked = dict.fromkeys([*ALWAYS, *differ, *swept])
    options = {key for run in jobs for key in asked if f"option.{key}" in run.data.tags}
    options |= {key for key in ALWAYS if "." not in key and key != "seed"}
    named = [f"tags.`option.{key}`" if key in options else f"params.`{key}`" for key in asked]
    chosen = named[: len(ALWAYS) + len(differ) + MOST_SWEPT]
    return [*SCORES, *chosen, *(f"tags.`{name}`" for name in WITH_P)]


def address(server: str, experiment_id: str) -> str:
    """Returns where the UI shows an experiment's runs in that view."""
    # Without a kind of work, it opens as if for conversations with language models.
    asked = f"viewStateShareKey={NAME}&workflowType=machine_learning"
    return f"{server}/#/experiments/{experiment_id}/runs?{asked}"
