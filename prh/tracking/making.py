"""Makes MLflow's SQLite database beside its place, moves it there when whole; repairs what never was."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from prh.errors import ConfigError
from prh.ground.files import package_folder
from prh.ground.progress import Reporter
from prh.tracking.address import DEFAULT, KEY

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

BESIDE = "", "-wal", "-shm", "-journal"
"""What SQLite keeps beside a database belongs to it: left behind, it would be played into the next."""
FROM_THE_START = "alembic_version", "workspaces"
"""Tables that hold rows before anybody has recorded anything."""


def whole_database(path: Path, report: Reporter) -> None:
    """Makes the database unless it is there, and makes it anew where it was never finished.

    MLflow takes some ten seconds for its tables, and can use none whose making was broken off. For the caller
    to hold the folder's lock.

    Raises:
        ConfigError: The file holds another program's database.
    """
    if path.exists() and path.stat().st_size and not _unfinished(path):
        return
    aside = _moved_aside(path)
    if aside:
        report.warn(f"{path} was never finished and holds no run; it is now {aside.name}, and made anew")
    with report.progress("Making the MLflow database", 0, ""):
        _make(path)


def _make(path: Path) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    for left_behind in path.parent.glob(f".making-*-{path.name}*"):
        left_behind.unlink(missing_ok=True)
    making = path.with_name(f".making-{uuid4().hex[:8]}-{path.name}")
    try:
        store = SqlAlchemyStore(f"sqlite:///{making}", str(path.parent / "artifacts"))  # type: ignore[no-untyped-call]
        store.engine.dispose()
        let_readers_and_a_writer_share(making)
        os.replace(making, path)
    finally:
        for suffix in BESIDE:
            Path(f"{making}{suffix}").unlink(missing_ok=True)


def let_readers_and_a_writer_share(path: Path) -> None:
    """Turns on SQLite's write-ahead log, for good: a UI that reads does not hold up the jobs that write.

    Raises:
        sqlite3.OperationalError: Another process is at work in the database.
    """
    with closing(sqlite3.connect(path, timeout=1)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _unfinished(path: Path) -> bool:
    """Says whether MLflow's tables were never finished, and nothing but empty tables would be lost.

    Raises:
        ConfigError: The tables are another program's.
    """
    with closing(sqlite3.connect(path)) as database:
        names = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith("sqlite_")
        ]
        if names and "experiments" not in names and "alembic_version" not in names:
            raise ConfigError(KEY, f"{path} is another program's database", f"Name another, as in {DEFAULT}")
        if any(_holds_rows(database, name) for name in names if name not in FROM_THE_START):
            return False
        revision = (
            database.execute("SELECT version_num FROM alembic_version").fetchone()
            if "alembic_version" in names
            else None
        )
    return _is_earlier(revision[0] if revision else None)


def _holds_rows(database: sqlite3.Connection, table: str) -> bool:
    but_default = " WHERE experiment_id != 0" if table == "experiments" else ""
    return database.execute(f'SELECT 1 FROM "{table}"{but_default} LIMIT 1').fetchone() is not None


def _is_earlier(revision: str | None) -> bool:
    """Says whether a schema is on its way to this MLflow's, and neither that itself nor a later MLflow's."""
    scripts = migrations()
    earlier = {script.revision for script in scripts.walk_revisions()} - {scripts.get_current_head()}
    return revision is None or revision in earlier


def migrations() -> ScriptDirectory:
    """Returns the steps by which the installed MLflow makes its tables."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(f"{package_folder('mlflow')}/store/db_migrations")


def _moved_aside(path: Path) -> Path | None:
    """Moves a database and all that belongs to it out of the way; returns its new place if there was one."""
    number = 1
    while path.with_name(f"{path.name}.unfinished-{number}").exists():
        number += 1
    aside = path.with_name(f"{path.name}.unfinished-{number}")
    was_there = path.exists() and path.stat().st_size > 0
    for suffix in BESIDE:
        if (part := Path(f"{path}{suffix}")).exists():
            part.rename(f"{aside}{suffix}")
    return aside if was_there else None
