"""What a run sends to MLflow, as plain values: so that it can be kept on disk and sent again.

Every function takes a client, a run id and JSON-able values. Sent twice, each leaves what it leaves once.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prh.tracking.weights import logged_once

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

JOURNAL = "tracking.jsonl"
"""The file of a run's output folder that says what was sent; it is not itself an artifact."""


def key(name: str) -> str:
    """Returns a name as MLflow takes it for params, tags and metrics: it refuses others."""
    known = re.sub(r"[^\w.\- :/]", "", name)[:250].strip() or "_"
    plain = known == posixpath.normpath(known) and known[0] not in "./"
    return known if plain else re.sub(r"\.*/|^\.+", "_", known)


def params(client: MlflowClient, run_id: str, values: dict[str, str]) -> None:
    """Records config values."""
    from mlflow.entities import Param

    entries = [Param(key, value) for key, value in values.items()]
    for start in range(0, len(entries), 100):
        client.log_batch(run_id, params=entries[start : start + 100])


def tags(client: MlflowClient, run_id: str, values: dict[str, str]) -> None:
    """Records facts that are words."""
    from mlflow.entities import RunTag

    client.log_batch(run_id, tags=[RunTag(key, value) for key, value in values.items()])


def metrics(client: MlflowClient, run_id: str, values: list[tuple[str, float, int]], time_ms: int) -> None:
    """Records numbers as (name, value, step)."""
    from mlflow.entities import Metric

    entries = [Metric(name, value, time_ms, step) for name, value, step in values]
    for start in range(0, len(entries), 1000):
        client.log_batch(run_id, metrics=entries[start : start + 1000])


def artifacts(client: MlflowClient, run_id: str, folder: str) -> None:
    """Records every file under ``folder``, each where it lies in it."""
    for entry in sorted(Path(folder).iterdir()):
        if entry.is_dir():
            client.log_artifacts(run_id, str(entry), entry.name)
        elif entry.name != JOURNAL:
            client.log_artifact(run_id, str(entry))


def dataset(client: MlflowClient, run_id: str, **fields: str) -> None:
    """Records the stimuli as the run's input."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    entry = DatasetInput(Dataset(**fields), [InputTag("mlflow.data.context", "stimuli")])
    client.log_inputs(run_id, [entry])


def model(
    client: MlflowClient,
    run_id: str,
    name: str,
    values: dict[str, str],
    weights: str,
    test_accuracy: float,
    role: str = "model",
) -> None:
    """Records a network that was fitted here, with its test accuracy; its weights once for all runs."""
    from mlflow.entities import LoggedModelInput

    logged = logged_once(client, run_id, name, values, Path(weights))
    if logged is not None:
        client.log_inputs(run_id, models=[LoggedModelInput(logged.model_id)])
        client.set_tag(run_id, f"weights.{role}.logged", logged.model_uri)
    metric = key(f"{name}.test_accuracy")
    if metric not in client.get_run(run_id).data.metrics:
        client.log_metric(run_id, metric, test_accuracy, model_id=logged.model_id if logged else None)


def end(client: MlflowClient, run_id: str, status: str, time_ms: int) -> None:
    """Closes the run as FINISHED, FAILED or KILLED."""
    client.set_terminated(run_id, status, time_ms)


CALLS: dict[str, Callable[..., None]] = {
    function.__name__: function for function in (params, tags, metrics, artifacts, dataset, model, end)
}


def send(client: MlflowClient, run_id: str, call: str, values: dict[str, Any]) -> None:
    """Sends one entry."""
    CALLS[call](client, run_id, **values)
