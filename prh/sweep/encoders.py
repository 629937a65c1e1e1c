"""All encoders of all jobs of a sweep with each other, from the features that the jobs left in the store."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
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
OF_SWEEP = "sweep."
"""What the tags of a job begin with that say what it was given."""


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
    groups = [one for one in together(list(left.values())) if len(one.encoders) >= FEWEST]
    groups.sort(key=lambda one: -len(one.encoders))
    if len(groups) > MOST:
        lost.append(f"all pairs are drawn for {MOST} of {len(groups)} choices of stimuli and metric")
    found = []
    tags = {run.info.run_id: run.data.tags for run in children}
    of_jobs = [[tags[job] for job, own in left.items() if own.about == one.about] for one in groups]
    asked = [(one.title, one.about["metric"]) for one in groups]
    for one, title in zip(groups[:MOST], told_apart(asked, of_jobs), strict=False):
        try:
            cast, metric, missing = cast_from_store(one)
            found.append(Together(title, metric, cast))
            lost += [f"all pairs of {title}: {line}" for line in missing]
        except Exception as error:  # of whatever kind: the summary does not depend on it
            lost.append(f"all pairs of {title} could not be compared ({type(error).__name__}: {error})")
    return found, lost


def told_apart(
    asked: Sequence[tuple[str, object]], of_jobs: Sequence[Sequence[Mapping[str, str]]]
) -> list[str]:
    """Returns titles of groups of jobs, with what was swept in those that would be the same.

    Args:
        asked: Of each group, the stimuli and their number, and the metric.
        of_jobs: The tags of its jobs.
    """
    told = []
    for one, jobs in zip(asked, of_jobs, strict=True):
        alike = [own for other, own in zip(asked, of_jobs, strict=True) if other == one]
        said = []
        for key in (key for key in jobs[0] if key.startswith(OF_SWEEP)):
            values = [{job.get(key) for job in own} for own in alike]
            # One value within each group, and not the same in all of them.
            if all(len(own) == 1 for own in values) and len(set.union(*values)) > 1:
                said.append(f"{key.split('.')[-1]} {jobs[0][key]}")
        name, _, count = one[0].rpartition(", ")
        told.append(", ".join([name, *said, count]))
    return told


def _left_by(client: MlflowClient, children: list[Run]) -> tuple[dict[str, Kept], list[str]]:
    """Returns what the jobs say of their features by run id, and a line for each that cannot be read."""
    from prh.findings.kept import FILE, Kept

    found, lost = dict[str, Kept](), list[str]()
    for run in children:
        if run.info.status != "FINISHED":
            continue
        try:
            if all(file.path != FILE for file in client.list_artifacts(run.info.run_id)):
                continue  # a version that did not say
            with tempfile.TemporaryDirectory() as scratch:
                file = Path(client.download_artifacts(run.info.run_id, FILE, scratch))
                found[run.info.run_id] = Kept.read(file)
        except Exception as error:  # of whatever kind: the summary does not depend on it
            lost.append(f"{FILE} of {run.info.run_name} cannot be read ({type(error).__name__})")
    return found, lost
