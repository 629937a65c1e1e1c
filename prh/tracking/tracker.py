"""One MLflow run for one job: opened before the work, closed as FINISHED, FAILED or KILLED after it."""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from prh.errors import ConfigError
from prh.ground.files import readable
from prh.ground.progress import Reporter
from prh.ground.secrets import masked
from prh.tracking import calls
from prh.tracking.address import absolute_uri, line_of, unreachable
from prh.tracking.calls import JOURNAL
from prh.tracking.database import open_database
from prh.tracking.journal import Journal
from prh.tracking.process import this_process
from prh.tracking.provenance import facts, provenance
from prh.tracking.races import failures, patiently, refused
from prh.tracking.runs import bury_the_dead

INCOMPLETE = "prh.incomplete"
"""The tag of a run that says what MLflow lacks of it, and how to send that."""


class Tracker:
    """Records one run; a context manager.

    What is recorded is also written to ``tracking.jsonl`` in the run's output folder, entry by entry.
    Should MLflow fail once the run is open, the work goes on, ``report`` is told, and what is missing is sent
    when the run ends. If that fails too, ``python -m prh.tracking.upload`` sends the file later.

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
        self.pending: list[tuple[str, dict[str, Any]]] = []
        self.refused: list[str] = []

    def __enter__(self) -> Self:
        self.client, experiment_id = open_database(self.uri, self.experiment, self.report)
        self.made = provenance()
        tags = {**self.made, **this_process(), **self.tags}
        try:
            bury_the_dead(self.client, experiment_id)
            run = patiently(lambda: self.client.create_run(experiment_id, run_name=self.run_name, tags=tags))
        except failures() as error:
            raise unreachable(self.uri, error) from error
        self.run_id = run.info.run_id
        opened = {"uri": self.uri, "experiment": self.experiment, "run_name": self.run_name, "tags": tags}
        try:
            self._lines = Journal(self.journal, {"run_id": self.run_id, "time_ms": _now(), **opened})
        except BaseException as error:
            self._close(_status(error), {"error": str(error)})
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        was_lost, status = self.lost, _status(error)
        try:
            if error is not None:
                self.tag({"error": masked(f"{type(error).__name__}: {error}")})
            self._send("end", status=status, time_ms=_now())
            self._deliver()  # MLflow may have come back by now
        except ConfigError as unwritten:
            self._close("FAILED", {"error": str(unwritten)})
            if error is None:
                raise
        if self.pending or self.refused:
            self._tell(status)
        elif was_lost:
            self.report.note("MLflow answers again; the run is recorded, whole")

    def _tell(self, status: str) -> None:
        """Says that MLflow lacks something: in the run, where that can be, and in the last line shown."""
        folder = self.journal.parent
        remedy = f"python -m prh.tracking.upload {shlex.quote(str(folder))}"
        lacking = ", ".join([*self.refused, *(call for call, _ in self.pending)])
        self._close(status, {INCOMPLETE: f"{lacking}; {remedy}"})
        self.report.warn(
            f"this run is not, or not wholly, in MLflow; its results are in {folder}. "
            f"Send them with: {remedy}"
        )

    def _close(self, status: str, tags: dict[str, str]) -> None:
        """Ends the run without the journal, so that it is not left RUNNING; does what it can."""
        with suppress(*failures()):
            calls.tags(self.client, self.run_id, {name: value[:8000] for name, value in tags.items()})
            self.client.set_terminated(self.run_id, status)

    def facts(self) -> dict[str, str]:
        """Returns what a page says of the run: when it was made, which one it is, by what."""
        date = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
        return {"date": date, "run": self.run_id, **facts(self.made)}

    def params(self, values: Mapping[str, Any]) -> None:
        """Records the config, one param per key."""
        named: dict[str, str] = {}
        for name, value in values.items():
            known = calls.key(name)
            while known in named:
                known += "_"
            named[known] = masked(readable(str(value)))[:6000]
        self._send("params", values=named)

    def tag(self, values: Mapping[str, Any]) -> None:
        """Records facts that are words."""
        self._send(
            "tags", values={calls.key(name): readable(str(value))[:8000] for name, value in values.items()}
        )

    def rename(self, labels: Mapping[str, str]) -> None:
        """Gives parts of the run's name new labels, where what was found is not what was asked for."""
        name = " · ".join(labels.get(part, part) for part in self.run_name.split(" · "))
        if name != self.run_name:
            self.run_name = name
            self.tag({"mlflow.runName": name})

    def describe(self, markdown: str) -> None:
        """Records what the UI shows as the run's description."""
        self.tag({"mlflow.note.content": markdown})

    def metrics(self, values: Iterable[tuple[str, float, int]]) -> None:
        """Records numbers as (name, value, step); NaN, which charts cannot show, is left out."""
        entries = [(calls.key(name), float(value), step) for name, value, step in values if value == value]
        self._send("metrics", values=entries, time_ms=_now())

    def artifacts(self, folder: Path) -> None:
        """Records every file under ``folder``."""
        self._send("artifacts", folder=str(folder))

    def dataset(self, name: str, fingerprint: str, source: str, schema: Mapping[str, Any], rows: int) -> None:
        """Records the stimuli as the run's input; ``schema`` says what each of the ``rows`` is."""
        self._send(
            "dataset",
            name=name,
            digest=fingerprint[-36:],
            source_type="local",
            source=json.dumps({"uri": source}),
            schema=json.dumps(schema),
            profile=json.dumps({"num_rows": rows, "rows": "tables/stimuli.csv"}),
        )

    def model(
        self, name: str, architecture: str, weights: Path, sha256: str, test_accuracy: float | None, role: str
    ) -> None:
        """Records a network that was fitted here as a model, with its weights and test accuracy."""
        self._send(
            "model",
            name=re.sub(r"[^\w -]", "", name),  # MLflow refuses brackets and full stops
            values={"architecture": architecture, "weights.sha256": sha256},
            weights=str(weights),
            test_accuracy=test_accuracy,
            role=role,
        )

    def _send(self, call: str, **values: Any) -> None:
        """Notes one entry in the journal, and sends it unless MLflow has failed before."""
        self._lines.write(call, values)
        self.pending.append((call, values))
        if not self.lost:
            self._deliver()

    def _deliver(self) -> None:
        """Sends what has not been sent; what MLflow refuses for good is left out, and told."""
        while self.pending:
            call, values = self.pending[0]
            try:
                patiently(lambda: calls.send(self.client, self.run_id, call, values))  # noqa: B023
            except failures() as error:
                if not refused(error):
                    self._lose(error)
                    return
                self.refused.append(call)
                self.report.warn(
                    f"MLflow refused the {call} of this run ({line_of(error)}); going on without"
                )
            self.pending.pop(0)
        self.lost = False

    def _lose(self, error: Exception) -> None:
        if not self.lost:
            where = masked(self.uri)
            self.report.warn(f"MLflow at {where} does not answer any more ({line_of(error)}); going on")
        self.lost = True


def _status(error: BaseException | None) -> str:
    if error is None:
        return "FINISHED"
    return "FAILED" if isinstance(error, Exception) else "KILLED"


def _now() -> int:
    return int(time.time() * 1000)
