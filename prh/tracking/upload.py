"""Sends a run to MLflow from its output folder, where MLflow failed or could not be reached.

    python -m prh.tracking.upload outputs/2026-01-31/12-00-00

Entries that MLflow has already are not doubled, so it does no harm to send a run twice.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prh.errors import PrhError
from prh.terminal import Terminal
from prh.tracking.calls import JOURNAL, failures, send
from prh.tracking.database import absolute_uri, open_database

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient


def upload(folder: Path, uri: str | None = None) -> tuple[str, str]:
    """Sends the run whose output folder this is.

    Args:
        folder: A run's output folder.
        uri: Where to, if not where the run was to be recorded.

    Returns:
        The tracking URI and the id of the run there.

    Raises:
        PrhError: The folder is no run's, or MLflow cannot be reached.
    """
    opened, entries = read(folder / JOURNAL)
    uri = absolute_uri(uri or opened["uri"])
    client, experiment_id = open_database(uri, opened["experiment"])
    try:
        run_id = _run(client, experiment_id, opened)
        for entry in entries:
            values = entry["values"] | ({"folder": str(folder)} if entry["call"] == "artifacts" else {})
            send(client, run_id, entry["call"], values)
        if not any(entry["call"] == "end" for entry in entries):
            client.set_terminated(run_id, "KILLED")
    except failures() as error:
        raise PrhError(f"{uri} refused the run in {folder} ({str(error).splitlines()[0][:200]})") from error
    return uri, run_id


def read(journal: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Returns how a run was opened, and what was or was to be sent."""
    try:
        lines = journal.read_text().splitlines()
    except OSError as error:
        raise PrhError(f"there is no {journal}; give the output folder of a run") from error
    entries: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError as error:
            if number == len(lines) - 1:  # a killed process may leave its last line half written
                break
            raise PrhError(f"{journal} is damaged in line {number + 1}") from error
    if not entries or "run_id" not in entries[0]:
        raise PrhError(f"{journal} does not start with a run")
    return entries[0], entries[1:]


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
    tags = opened["tags"] | {"prh.uploaded_from": opened["run_id"]}
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
                uri, run_id = upload(folder, asked.uri)
            terminal.say(f"Sent     {folder} to {uri} as run {run_id}")
    except PrhError as error:
        terminal.error(str(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
