"""All encoders of all jobs of a sweep with each other, from the features that the jobs left in the store."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prh.findings.tables import columns_and_rows, write_csv
from prh.report.page import Section

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

    from prh.findings.cast import Cast
    from prh.findings.kept import Kept

FEWEST = 3
"""Encoders with which there is more to see than a pair."""
MOST = 4
"""Combinations of stimuli and metric that are drawn, those of most encoders first."""


@dataclass(frozen=True)
class Together:
    """The encoders of jobs that showed the same stimuli and used the same metric.

    Attributes:
        shown: The stimuli in words.
        metric: Its name.
        cast: All pairs, judged.
    """

    shown: str
    metric: str
    cast: Cast

    def section(self) -> Section:
        """Returns the pairs as a part of a report."""
        columns, rows = columns_and_rows(self.cast.rows())
        title = f"All pairs of last layers, {self.shown}, {self.metric}"
        return Section(title, columns, rows, text=" ".join(self.cast.sentences()))

    def write(self, path: Path) -> None:
        """Writes the pairs as a table."""
        write_csv(path, *columns_and_rows(self.cast.rows()))


def all_encoders(client: MlflowClient, children: list[Run]) -> tuple[list[Together], list[str]]:
    """Returns all encoders of all jobs with each other, a table for each choice of stimuli and metric.

    Returns:
        What can be compared, and a line for everything that cannot.
    """
    from prh.findings.kept import cast_from_store, together

    left, lost = _left_by(client, children)
    groups = [one for one in together(left) if len(one.encoders) >= FEWEST]
    groups.sort(key=lambda one: -len(one.encoders))
    if len(groups) > MOST:
        lost.append(f"all pairs are drawn for {MOST} of {len(groups)} choices of stimuli and metric")
    found = []
    for one in groups[:MOST]:
        try:
            cast, metric, missing = cast_from_store(one)
            found.append(Together(one.title, metric, cast))
            lost += [f"all pairs of {one.title}: {line}" for line in missing]
        except Exception as error:  # of whatever kind: the summary does not depend on it
            lost.append(f"all pairs of {one.title} could not be compared ({type(error).__name__}: {error})")
    return found, lost


def _left_by(client: MlflowClient, children: list[Run]) -> tuple[list[Kept], list[str]]:
    """Returns what the jobs say of their features, and a line for each of which that cannot be read."""
    from prh.findings.kept import FILE, Kept

    found, lost = list[Kept](), list[str]()
    for run in children:
        if run.info.status != "FINISHED":
            continue
        try:
            if all(file.path != FILE for file in client.list_artifacts(run.info.run_id)):
                continue  # a version that did not say
            with tempfile.TemporaryDirectory() as scratch:
                found.append(Kept.read(Path(client.download_artifacts(run.info.run_id, FILE, scratch))))
        except Exception as error:  # of whatever kind: the summary does not depend on it
            lost.append(f"{FILE} of {run.info.run_name} cannot be read ({type(error).__name__})")
    return found, lost
