"""One MLflow run for one job: opened before the work, closed as FINISHED, FAILED or KILLED after it."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from prh.tracking.database import absolute_uri, open_database
from prh.tracking.provenance import provenance

if TYPE_CHECKING:
    from prh.encoders.vision import VisionEncoder
    from prh.stimuli.stimulus_set import StimulusSet


class Tracker:
    """Records one run; a context manager.

    Args:
        uri: MLflow tracking URI.
        experiment: Name of the MLflow experiment.
        run_name: What the run is called in the UI.
        tags: Facts known before the run starts, such as whose child it is.
    """

    def __init__(
        self, uri: str, experiment: str, run_name: str, tags: Mapping[str, str] | None = None
    ) -> None:
        self.tags = dict(tags or {})
        self.uri = absolute_uri(uri)
        self.experiment = experiment
        self.run_name = run_name

    def __enter__(self) -> Self:
        self.client, self.experiment_id = open_database(self.uri, self.experiment)
        self._bury_the_dead()
        tags = {**provenance(), "prh.host": socket.gethostname(), "prh.pid": str(os.getpid()), **self.tags}
        self.run_id = self.client.create_run(
            self.experiment_id, run_name=self.run_name, tags=tags
        ).info.run_id
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            status = "FINISHED"
        else:
            status = "FAILED" if isinstance(error, Exception) else "KILLED"
            self.tag({"error": f"{type(error).__name__}: {error}"})
        self.client.set_terminated(self.run_id, status)

    def params(self, values: Mapping[str, Any]) -> None:
        """Records the config, one param per key."""
        from mlflow.entities import Param

        params = [Param(key, str(value)[:6000]) for key, value in values.items()]
        for start in range(0, len(params), 100):
            self.client.log_batch(self.run_id, params=params[start : start + 100])

    def tag(self, values: Mapping[str, Any]) -> None:
        """Records facts that are words."""
        from mlflow.entities import RunTag

        self.client.log_batch(
            self.run_id, tags=[RunTag(key, str(value)[:8000]) for key, value in values.items()]
        )

    def describe(self, markdown: str) -> None:
        """Records what the UI shows as the run's description."""
        self.tag({"mlflow.note.content": markdown})

    def metrics(self, values: Iterable[tuple[str, float, int]]) -> None:
        """Records numbers as (name, value, step); NaN, which charts cannot show, is left out."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        entries = [Metric(name, float(value), now, step) for name, value, step in values if value == value]
        for start in range(0, len(entries), 1000):
            self.client.log_batch(self.run_id, metrics=entries[start : start + 1000])

    def artifacts(self, folder: Path) -> None:
        """Records every file under ``folder``."""
        self.client.log_artifacts(self.run_id, str(folder))

    def dataset(self, stimuli: StimulusSet) -> None:
        """Records the stimuli as the run's input."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        data = Dataset(
            name=stimuli.name,
            digest=stimuli.fingerprint[-36:],
            source_type="local",
            source=json.dumps({"uri": stimuli.source}),
            schema=json.dumps(
                {"image": list(stimuli.images.shape[1:]), "classes": list(stimuli.class_names)}
            ),
            profile=json.dumps({"num_rows": len(stimuli), "rows": "tables/stimuli.csv"}),
        )
        entry = DatasetInput(data, [InputTag("mlflow.data.context", "stimuli")])
        self.client.log_inputs(self.run_id, [entry])

    def model(self, encoder: VisionEncoder) -> None:
        """Records a network that was fitted here as a model, with its weights and test accuracy."""
        import mlflow

        assert encoder.weights.test_accuracy is not None
        logged = self.client.create_logged_model(
            self.experiment_id,
            name=encoder.name,
            source_run_id=self.run_id,
            model_type="vision encoder",
            params={"architecture": encoder.model.architecture, "weights.sha256": encoder.weights.sha256},
        )
        self.client.log_model_artifact(logged.model_id, str(encoder.weights.path))
        self.client.finalize_logged_model(logged.model_id, mlflow.entities.LoggedModelStatus.READY)
        self.client.log_metric(
            self.run_id,
            f"{encoder.name}.test_accuracy",
            encoder.weights.test_accuracy,
            model_id=logged.model_id,
        )

    def _bury_the_dead(self) -> None:
        """Marks runs of this machine whose process is gone as KILLED: nobody else will."""
        import psutil

        running = self.client.search_runs(
            [self.experiment_id],
            f"attributes.status = 'RUNNING' AND tags.`prh.host` = '{socket.gethostname()}'",
        )
        for run in running:
            if not psutil.pid_exists(int(run.data.tags["prh.pid"])):
                self.client.set_terminated(run.info.run_id, "KILLED")
