"""Opens the place where runs are recorded, and makes it on first use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

from filelock import FileLock

from prh.errors import ConfigError
from prh.files import writable_folder
from prh.tracking.view import share

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}
"""Nothing leaves this machine but what the tracking URI asks for; a server that is down fails in seconds."""


def absolute_uri(uri: str) -> str:
    """Returns the tracking URI with a relative SQLite path resolved against the working folder.

    Raises:
        ConfigError: The URI names a plain folder, which MLflow no longer records to.
    """
    if uri.startswith("sqlite:///"):
        return f"sqlite:///{Path(uri.removeprefix('sqlite:///')).expanduser().absolute()}"
    if urlparse(uri).scheme not in ("http", "https", "postgresql", "mysql", "mssql"):
        raise ConfigError(
            "tracking.uri",
            f"{uri!r} is neither a database nor a server",
            "Use sqlite:///mlruns/mlflow.db or the http:// address of an MLflow server",
        )
    return uri


def open_database(uri: str, experiment: str) -> tuple[MlflowClient, str]:
    """Returns a client and the id of the experiment, making the database and experiment on first use.

    Raises:
        ConfigError: The folder cannot be written to, or the server cannot be reached.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient
    from sqlalchemy.exc import SQLAlchemyError

    try:
        if not uri.startswith("sqlite:///"):
            client = MlflowClient(uri)
            return client, _experiment(client, experiment, None)
        folder = writable_folder(Path(uri.removeprefix("sqlite:///")).parent, "tracking.uri")
        # Several processes that open a fresh database at once corrupt it: its migrations race.
        with FileLock(folder / ".mlflow.lock"):
            client = MlflowClient(uri)
            found = _experiment(client, experiment, (folder / "artifacts" / experiment).as_uri())
            _let_readers_and_a_writer_share(uri.removeprefix("sqlite:///"))
            return client, found
    except (MlflowException, SQLAlchemyError) as error:
        reason = str(error).splitlines()[0][:200]
        raise ConfigError(
            "tracking.uri",
            f"MLflow cannot be reached at {uri} ({reason})",
            "Start the server there, or record locally with tracking.uri=sqlite:///mlruns/mlflow.db",
        ) from error


def _let_readers_and_a_writer_share(database: str) -> None:
    """Turns on SQLite's write-ahead log, for good: a UI that reads does not hold up the jobs that write."""
    with closing(sqlite3.connect(database, timeout=1)) as connection, suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode=WAL")


def _experiment(client: MlflowClient, name: str, artifacts: str | None) -> str:
    found = client.get_experiment_by_name(name)
    if found:
        return str(found.experiment_id)
    # Without this tag the UI takes the experiment for one of language-model prompts.
    kind = {"mlflow.experimentKind": "custom_model_development"}
    made = str(client.create_experiment(name, artifact_location=artifacts, tags=kind))
    share(client, made)
    return made
