"""Sends a run to MLflow from its output folder, where MLflow failed or could not be reached.

    python -m prh.tracking.upload outputs/2026-01-31/12-00-00

Entries that MLflow has already are not doubled, so it does no harm to send a run twice.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prh.console.terminal import Terminal
from prh.errors import PrhError
from prh.ground.progress import Reporter, Silent
from prh.ground.secrets import concealed, is_masked, revealed
from prh.tracking.address import absolute_uri, line_of
from prh.tracking.calls import JOURNAL, send
from prh.tracking.database import open_database
from prh.tracking.journal import Entry, read
from prh.tracking.process import this_process
from prh.tracking.races import failures, patiently, refused
from prh.tracking.tracker import INCOMPLETE

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient


def upload(folder: Path, uri: str | None = None, report: Reporter | None = None) -> tuple[str, str]:
    """Sends the run whose output folder this is.

    Args:
        folder: A run's output folder.
        uri: Where to, if not where the run was to be recorded.
        report: Told what is amiss with the file that is sent, and of what MLflow refuses.

    Returns:
        The tracking URI, without its password, and the id of the run there.

    Raises:
        PrhError: The folder is no run's, its file is damaged, or MLflow cannot be reached.
    """
    record, report = read(folder / JOURNAL), report or Silent()
    for notice in record.notices:
        report.warn(notice)
    uri = concealed(absolute_uri(uri or record.opened["uri"]))
    if is_masked(revealed(uri)):
        raise PrhError(f"the password of {uri} is kept nowhere; give it with --uri")
    client, experiment_id = open_database(uri, record.opened["experiment"], report)
    try:
        run_id = _run(client, experiment_id, record.opened)
        for entry in record.entries:
            _send(client, run_id, entry, folder, report)
        run = client.get_run(run_id)
        if run.info.status == "RUNNING":
            client.set_terminated(run_id, "KILLED")
        if INCOMPLETE in run.data.tags:
            client.delete_tag(run_id, INCOMPLETE)
    except failures() as error:
        raise PrhError(f"{uri} refused the run in {folder} ({line_of(error)})") from error
    return uri, run_id


def _send(client: MlflowClient, run_id: str, entry: Entry, folder: Path, report: Reporter) -> None:
    where = f"{folder / JOURNAL}, line {entry.line}"
    values = entry.values | ({"folder": str(folder)} if entry.call == "artifacts" else {})
    try:
        patiently(lambda: send(client, run_id, entry.call, values))
    except failures() as error:
        if not refused(error):
            raise
        report.warn(f"{where}: MLflow refused the {entry.call} ({line_of(error)}); the rest is sent")
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        # Only in a file without checksums.
        raise PrhError(f"{folder / JOURNAL} is damaged in line {entry.line} ({error})") from error


def _run(client: MlflowClient, experiment_id: str, opened: dict[str, Any]) -> str:
    """Returns the run if MLflow has it, also from an earlier upload; opens it anew if not."""
    from mlflow.exceptions import MlflowException

    try:
        return str(client.get_run(opened["run_id"]).info.run_id)
    except MlflowException:
        pass
    sent_before = client.search_runs([experiment_id], f"tags.`prh.uploaded_from` = '{opened['run_id']}'")
    if sent_before:
        return str(sent_before[0].info.run_id)
    tags = opened["tags"] | this_process() | {"prh.uploaded_from": opened["run_id"]}
    run = client.create_run(experiment_id, opened["time_ms"], tags, opened["run_name"])
    return str(run.info.run_id)


def main() -> None:
    """Sends one or more runs from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m prh.tracking.upload", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("folders", metavar="DIR", nargs="+", type=Path, help="output folder of a run")
    parser.add_argument("--uri", help="MLflow tracking URI, if not the run's own")
    asked = parser.parse_args()
    terminal = Terminal()
    try:
        for folder in asked.folders:
            with terminal.progress(f"Sending {folder}", 0, ""):
                uri, run_id = upload(folder, asked.uri, terminal)
            terminal.say(f"Sent     {folder} to {uri} as run {run_id}")
    except PrhError as error:
        terminal.error(str(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
