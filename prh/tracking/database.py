"""Opens the place where runs are recorded, and makes it on first use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from prh.errors import ConfigError
from prh.ground.files import safe_name, writable_folder
from prh.ground.progress import Reporter, Silent
from prh.ground.secrets import revealed
from prh.tracking.address import DEFAULT, KEY, absolute_uri, file_of, prove_usable, unreachable
from prh.tracking.making import let_readers_and_a_writer_share, whole_database
from prh.tracking.races import patiently
from prh.tracking.view import share

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

__all__ = ["absolute_uri", "open_database"]
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}
"""Nothing leaves this machine but what the tracking URI asks for; a server that is down fails in seconds.

MLflow logs what it also raises, with a traceback and with passwords: it is told from here instead.
"""
LOCK_S = 120
"""Eight processes on two cores that wait for the first of them to make the database wait half a minute."""


def open_database(uri: str, experiment: str, report: Reporter | None = None) -> tuple[MlflowClient, str]:
    """Returns a client and the id of the experiment, making the database and experiment on first use.

    Args:
        uri: MLflow tracking URI; a password may be masked in it.
        experiment: Name of the MLflow experiment.
        report: Told when the database has to be made.

    Raises:
        ConfigError: The folder cannot be written to, the server cannot be reached, the experiment is deleted.
    """
    uri = absolute_uri(uri)
    prove_usable(uri)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    path = file_of(uri)
    folder = None if path is None else writable_folder(path.parent, KEY)
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient
    from sqlalchemy.exc import SQLAlchemyError

    try:
        if path is None or folder is None:
            client = MlflowClient(revealed(uri))
            return client, _experiment(client, experiment, None)
        # Several processes that open a fresh database at once corrupt it: its migrations race.
        with FileLock(folder / ".mlflow.lock", timeout=LOCK_S, mode=0o666):
            whole_database(path, report or Silent())
            client = MlflowClient(uri)
            found = _experiment(client, experiment, _artifacts(folder, experiment))
            with suppress(sqlite3.OperationalError):
                let_readers_and_a_writer_share(path)
            return client, found
    except Timeout as error:
        remedy = f"Wait for it, or name another database, as in {DEFAULT}"
        raise ConfigError(KEY, f"another run has been opening {path} for {LOCK_S} s", remedy) from error
    except (MlflowException, SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise _explained(uri, error) from error


def _explained(uri: str, error: Exception) -> ConfigError:
    if "out-of-date database schema" in str(error):
        path = file_of(uri)
        remedy = f"Keep a copy of {path or 'it'}, then run: mlflow db upgrade {uri}"
        return ConfigError(KEY, "the database was made by another version of MLflow", remedy)
    return unreachable(uri, error)


def _artifacts(folder: Path, experiment: str) -> str:
    return (folder / "artifacts" / safe_name(experiment)).as_uri()


def _experiment(client: MlflowClient, name: str, artifacts: str | None) -> str:
    """Returns the experiment's id, making it unless there is one."""
    from mlflow.exceptions import MlflowException

    # Without this tag the UI takes the experiment for one of language-model prompts.
    kind = {"mlflow.experimentKind": "custom_model_development"}

    def found_or_made() -> str:
        if found := client.get_experiment_by_name(name):
            if found.lifecycle_stage != "active":
                remedy = f"Choose another name, or run: mlflow experiments restore -x {found.experiment_id}"
                raise ConfigError("tracking.experiment", f"{name!r} is deleted", remedy)
            return str(found.experiment_id)
        try:
            made = str(client.create_experiment(name, artifact_location=artifacts, tags=kind))
        except MlflowException as error:
            if error.error_code == "INVALID_PARAMETER_VALUE":
                problem = str(error).splitlines()[0][:200]
                raise ConfigError("tracking.experiment", problem, "Choose another name") from error
            raise
        share(client, made)
        return made

    return patiently(found_or_made)
