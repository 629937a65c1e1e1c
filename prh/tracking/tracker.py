"""One MLflow run for one job: opened before the work, closed as FINISHED, FAILED or KILLED after it."""

from __future__ import annotations

import json
import os
import posixpath
import re
import socket
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from prh.files import readable
from prh.progress import Reporter
from prh.tracking.calls import JOURNAL, failures, send
from prh.tracking.database import absolute_uri, open_database
from prh.tracking.provenance import provenance
from prh.tracking.runs import bury_the_dead

if TYPE_CHECKING:
    from prh.encoders.vision import VisionEncoder
    from prh.stimuli.stimulus_set import StimulusSet


class Tracker:
    """Records one run; a context manager.

    What is recorded is also written to ``tracking.jsonl`` in the run's output folder, entry by entry.
    Should MLflow fail once the run is open, the work goes on, ``report`` is told, and
    ``python -m prh.tracking.upload`` sends the file later.

    Args:
        uri: MLflow tracking URI.
        experiment: Name of the MLflow experiment.
        run_name: What the run is called in the UI.
        output_dir: The run's folder.
        report: Told when MLflow fails.
        tags: Facts known before the run starts, such as whose child it is.
    """

    def __init__(
        self,
        uri: str,
        experiment: str,
        run_name: str,
        output_dir: Path,
        report: Reporter,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.tags = dict(tags or {})
        self.uri = absolute_uri(uri)
        self.experiment = experiment
        self.run_name = run_name
        self.journal = output_dir / JOURNAL
        self.report = report
        self.lost = False

    def __enter__(self) -> Self:
        self.client, experiment_id = open_database(self.uri, self.experiment)
        bury_the_dead(self.client, experiment_id)
        tags = {**provenance(), "prh.host": socket.gethostname(), "prh.pid": str(os.getpid()), **self.tags}
        run = self.client.create_run(experiment_id, run_name=self.run_name, tags=tags)
        self.run_id = run.info.run_id
        opened = {"uri": self.uri, "experiment": self.experiment, "run_name": self.run_name, "tags": tags}
        self.journal.parent.mkdir(parents=True, exist_ok=True)
        self.journal.write_text(json.dumps({"run_id": self.run_id, "time_ms": _now(), **opened}) + "\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            status = "FINISHED"
        else:
            status = "FAILED" if isinstance(error, Exception) else "KILLED"
            self.tag({"error": f"{type(error).__name__}: {error}"})
        self._send("end", status=status, time_ms=_now())
        if self.lost:
            self.report.warn(
                f"this run is not, or not wholly, in MLflow; its results are in {self.journal.parent}. "
                f"Send them with: python -m prh.tracking.upload {self.journal.parent}"
            )

    def params(self, values: Mapping[str, Any]) -> None:
        """Records the config, one param per key."""
        named: dict[str, str] = {}
        for key, value in values.items():
            name = safe_name(key)
            while name in named:
                name += "_"
            named[name] = readable(str(value))[:6000]
        self._send("params", values=named)

    def tag(self, values: Mapping[str, Any]) -> None:
        """Records facts that are words."""
        self._send("tags", values={key: readable(str(value))[:8000] for key, value in values.items()})

    def describe(self, markdown: str) -> None:
        """Records what the UI shows as the run's description."""
        self.tag({"mlflow.note.content": markdown})

    def metrics(self, values: Iterable[tuple[str, float, int]]) -> None:
        """Records numbers as (name, value, step); NaN, which charts cannot show, is left out."""
        entries = [(name, float(value), step) for name, value, step in values if value == value]
        self._send("metrics", values=entries, time_ms=_now())

    def artifacts(self, folder: Path) -> None:
        """Records every file under ``folder``."""
        self._send("artifacts", folder=str(folder))

    def dataset(self, stimuli: StimulusSet) -> None:
        """Records the stimuli as the run's input."""
        shape = {"image": list(stimuli.images.shape[1:]), "classes": list(stimuli.class_names)}
        self._send(
            "dataset",
            name=stimuli.name,
            digest=stimuli.fingerprint[-36:],
            source_type="local",
            source=json.dumps({"uri": stimuli.source}),
            schema=json.dumps(shape),
            profile=json.dumps({"num_rows": len(stimuli), "rows": "tables/stimuli.csv"}),
        )

    def model(self, encoder: VisionEncoder) -> None:
        """Records a network that was fitted here as a model, with its weights and test accuracy."""
        weights = encoder.weights
        self._send(
            "model",
            name=re.sub(r"[^\w -]", "_", encoder.name),
            values={"architecture": encoder.model.architecture, "weights.sha256": weights.sha256},
            weights=str(weights.path),
            test_accuracy=weights.test_accuracy,
        )

    def _send(self, call: str, **values: Any) -> None:
        """Notes one entry in the journal, and sends it unless MLflow has failed before."""
        with self.journal.open("a") as stream:
            stream.write(json.dumps({"call": call, "values": values}) + "\n")
        if self.lost:
            return
        try:
            send(self.client, self.run_id, call, values)
        except failures() as error:
            self.lost = True
            reason = str(error).strip().splitlines() or [type(error).__name__]
            self.report.warn(f"MLflow at {self.uri} does not answer any more ({reason[0][:200]}); going on")


def safe_name(key: str) -> str:
    """Returns a key as MLflow takes it for a name: letters, digits, a few signs, 250 at most, no odd path."""
    name = re.sub(r"[^/\w.\- ]", "_", readable(key))[:250]
    plain = name == posixpath.normpath(name) and name[0] not in "/."
    return name if plain else name.replace("/", "_").lstrip(".") or "_"


def _now() -> int:
    return int(time.time() * 1000)
