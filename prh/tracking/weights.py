"""Fitted weights among the models of MLflow: each once for the whole database, named by content."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from mlflow.entities import LoggedModel
    from mlflow.tracking import MlflowClient

CONTENT = "weights.sha256"
"""The param of a logged model that says what is in it."""


def logged_once(
    client: MlflowClient, run_id: str, name: str, values: dict[str, str], weights: Path
) -> LoggedModel | None:
    """Returns the logged model that holds a file of weights, logging it if no run has done so before.

    Runs that do so at once agree on the one that was made first.

    Args:
        client: Of the database.
        run_id: The run that asks.
        name: Of the network.
        values: Params of the model, the SHA-256 of its weights among them.
        weights: The file.

    Returns:
        The model, None where the file is gone and no run has logged it.
    """
    from mlflow.entities import LoggedModelStatus

    content = values[CONTENT]
    logged = _first(client, content)
    if logged is None:
        if not weights.exists():
            return None
        experiment = client.get_run(run_id).info.experiment_id
        name = re.sub(r"[/:.%\"']", "_", name)[:200]
        made = client.create_logged_model(
            experiment, name=name, source_run_id=run_id, model_type="vision encoder", params=values
        )
        logged = _first(client, content) or made
        if logged.model_id != made.model_id:
            client.delete_logged_model(made.model_id)
    if weights.exists() and not _is_whole(client, logged, weights):
        client.log_model_artifact(logged.model_id, str(weights))
        _let_others_read(logged)
        client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)
    return logged


def _first(client: MlflowClient, content: str) -> LoggedModel | None:
    """Returns the oldest model with this content in any experiment."""
    found: list[LoggedModel] = []
    everywhere = [experiment.experiment_id for experiment in client.search_experiments()]
    for start in range(0, len(everywhere), 100):
        some = everywhere[start : start + 100]
        found += client.search_logged_models(some, filter_string=f"params.`{CONTENT}` = '{content}'")
    return min(found, key=lambda model: (model.creation_timestamp, model.model_id), default=None)


def _is_whole(client: MlflowClient, logged: LoggedModel, weights: Path) -> bool:
    from mlflow.entities import LoggedModelStatus

    if logged.status != LoggedModelStatus.READY:
        return False
    sizes = [file.file_size for file in client.list_logged_model_artifacts(logged.model_id)]
    return weights.stat().st_size in sizes


def _let_others_read(logged: LoggedModel) -> None:
    """Gives files on this machine the permissions that new ones have: a copy has those of its original."""
    location = urlsplit(logged.artifact_location)
    if location.scheme not in ("", "file"):
        return
    umask = os.umask(0)
    os.umask(umask)
    for file in Path(unquote(location.path)).rglob("*"):
        if file.is_file():
            file.chmod(0o666 & ~umask)
