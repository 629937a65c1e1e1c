"""A recorded run, found by its id or by its output folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prh.errors import PrhError
from prh.findings.kept import FILE, Kept
from prh.sweep.jobs import SWEPT
from prh.tracking.finding import SHORT, all_runs, listed, meant, of_folder

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient


@dataclass(frozen=True)
class Recorded:
    """A run that ended well.

    Attributes:
        run: Its params, tags and metrics.
        folder: Its figures, tables and matrices.
    """

    run: Run
    folder: Path

    @property
    def id(self) -> str:
        """As many characters of the run's id as are shown."""
        return str(self.run.info.run_id)[:SHORT]

    @property
    def kept(self) -> Kept | None:
        """What the run says of its features; None where it says nothing that can be read."""
        try:
            return Kept.read(self.folder / FILE)
        except (OSError, ValueError):
            return None

    @property
    def figures(self) -> dict[str, Path]:
        """Its figures by name."""
        return {path.stem: path for path in sorted((self.folder / "figures").glob("*.png"))}

    def se(self, pair: str) -> float:
        """Returns the standard error of the last layers' score; NaN where none was kept."""
        try:
            with np.load(self.folder / "matrices" / f"{pair}.npz") as grid:
                return float(grid["se"][-1, -1])
        except (OSError, KeyError, ValueError):
            return float("nan")


def recorded(asked: Sequence[str], uri: str) -> list[Recorded]:
    """Returns the runs that are asked for.

    Args:
        asked: A run's id, the beginning of one, or a run's output folder, each.
        uri: MLflow tracking URI, for ids.

    Raises:
        PrhError: There is no such run, it is a sweep's parent, or it did not end well.
    """
    ids = [word for word in asked if not Path(word).is_dir()]
    if paths := [word for word in ids if "/" in word or "." in word]:
        raise PrhError(
            f"there is no folder {paths[0]}; give a run's output folder, or its id from the MLflow UI"
        )
    client, runs = all_runs(uri) if ids else (None, [])
    found = list[Recorded]()
    for word in asked:
        if word in ids and client is not None:
            run = meant(word, runs, uri)
            _refuse_parent(run, runs)
            _refuse_unfinished(run)
            found.append(Recorded(run, _artifacts(client, run)))
        else:
            run = of_folder(Path(word))
            _refuse_unfinished(run)
            found.append(Recorded(run, Path(word)))
    twice = [one.id for one in found if [other.id for other in found].count(one.id) > 1]
    if twice:
        raise PrhError(f"run {twice[0]} is given twice; give two different ones")
    return found


def _refuse_parent(run: Run, runs: Sequence[Run]) -> None:
    if SWEPT in run.data.tags:
        parent = run.info.run_id
        jobs = [one for one in runs if one.data.tags.get("mlflow.parentRunId") == parent]
        of_it = f"compare its jobs: {listed(jobs)}" if jobs else "it has no jobs"
        raise PrhError(f"run {parent[:SHORT]} is a sweep's parent and has no scores of its own; {of_it}")


def _refuse_unfinished(run: Run) -> None:
    if run.info.status != "FINISHED":
        why = run.data.tags.get("error", "")
        remedy = f"it says: {why[:300]}" if why else "wait for it, or run it again"
        raise PrhError(
            f"run {run.info.run_id[:SHORT]} is {run.info.status}, so that its scores are not whole; {remedy}"
        )


def _artifacts(client: MlflowClient, run: Run) -> Path:
    """Returns the folder of a run's artifacts; those of a server are fetched."""
    from mlflow.exceptions import MlflowException

    try:
        return Path(client.download_artifacts(run.info.run_id, ""))
    except (MlflowException, OSError) as error:
        raise PrhError(f"the artifacts of run {run.info.run_id[:SHORT]} cannot be read ({error})") from error
