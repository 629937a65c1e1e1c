"""What the MLflow UI shows of the runs without being set up: MLflow keeps shared views in experiment tags."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

COLUMNS = (
    "attributes.`Description`",
    "metrics.`model_vs_reference.last.score`",
    "metrics.`model_vs_text.last.score`",
    "metrics.`reference_vs_text.last.score`",
)
NAME = "prh"
TAG = f"mlflow.sharedViewState.{NAME}"


def share(client: MlflowClient, experiment_id: str) -> None:
    """Keeps the view with an experiment."""
    view = {
        "searchFilter": "",
        "orderByKey": "attributes.start_time",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": COLUMNS,
        "runsExpanded": {},
        "runsPinned": [],
        "runsHidden": [],
    }
    text = json.dumps(view)
    if client.get_experiment(experiment_id).tags.get(TAG) != text:
        client.set_experiment_tag(experiment_id, TAG, text)


def address(server: str, experiment_id: str) -> str:
    """Returns where the UI shows an experiment's runs in that view."""
    return f"{server}/#/experiments/{experiment_id}/runs?viewStateShareKey={NAME}"
