"""A database is whole or absent; one that was never finished is told from one that holds something."""

import multiprocessing
import os
import signal
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing

import pytest

from prh.errors import ConfigError
from prh.tracking import making
from prh.tracking.database import open_database
from tests.conftest import Listening

CHANGES = {
    "no revision": ["DELETE FROM alembic_version"],
    "no table of revisions": ["DROP TABLE alembic_version"],
    "halfway": ["UPDATE alembic_version SET version_num = '{halfway}'", "DROP TABLE logged_models"],
    "no default experiment yet": ["DELETE FROM alembic_version", "DELETE FROM experiments"],
}
"""What a maker that was killed leaves, made of a whole database."""


def copy_of(migrated, path):
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(migrated)) as template, closing(sqlite3.connect(path)) as fresh:
        template.backup(fresh)
        for table in ("experiments", "experiment_tags"):
            fresh.execute(f"DELETE FROM {table} WHERE experiment_id != 0")
        fresh.commit()


def changed(path, statements):
    halfway = list(making.migrations().walk_revisions())[20].revision
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement.format(halfway=halfway))
        database.commit()


@pytest.fixture
def quick(migrated, monkeypatch):
    """Makes databases by copying one: the tables themselves take seconds."""
    monkeypatch.setattr(making, "_make", lambda path: copy_of(migrated, path))


@pytest.mark.parametrize("change", CHANGES)
def test_an_unfinished_database_is_moved_aside_with_all_that_belongs_to_it(tmp_path, migrated, quick, change):
    path, listening = tmp_path / "mlflow.db", Listening()
    copy_of(migrated, path)
    changed(path, CHANGES[change])
    (tmp_path / "mlflow.db-journal").write_text("of the old one")
    making.whole_database(path, listening)
    (warning,) = listening.warnings
    assert "mlflow.db.unfinished-1" in warning
    assert not (tmp_path / "mlflow.db-journal").exists()
    making.whole_database(path, listening)
    assert len(listening.warnings) == 1


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "held",
    [
        "INSERT INTO experiments (experiment_id, name, workspace) VALUES (1, 'mine', 'default')",
        "INSERT INTO runs (run_uuid, experiment_id) VALUES ('r', 0)",
        "INSERT INTO registered_models (name, workspace) VALUES ('m', 'default')",
    ],
)
def test_one_that_holds_something_is_left_alone(tmp_path, migrated, quick, change, held):
    path = tmp_path / "mlflow.db"
    copy_of(migrated, path)
    changed(path, [*CHANGES[change], held])
    before = path.read_bytes()
    making.whole_database(path, Listening())
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["mlflow.db"]


def test_a_later_versions_empty_database_is_left_alone(tmp_path, migrated, quick):
    path = tmp_path / "mlflow.db"
    copy_of(migrated, path)
    changed(path, ["UPDATE alembic_version SET version_num = 'ffffffffffff'"])
    making.whole_database(path, Listening())
    assert [file.name for file in tmp_path.iterdir()] == ["mlflow.db"]


def test_another_programs_database_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "birds.db")) as database:
        database.execute("CREATE TABLE birds (name TEXT)")
        database.commit()
    with pytest.raises(ConfigError, match=r"tracking\.uri: .* is another program's database"):
        open_database(f"sqlite:///{tmp_path}/birds.db", "prh")


def _open(uri):
    open_database(uri, "prh")
    return os.getpid()


def test_killed_while_it_is_made_then_opened_by_many_at_once(tmp_path):
    place = tmp_path / "fresh"
    uri = f"sqlite:///{place}/mlflow.db"
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["mlflow.store.tracking.sqlalchemy_store", "mlflow.tracking"])
    maker = processes.Process(target=_open, args=(uri,))
    maker.start()
    deadline = time.monotonic() + 60
    while not any(file.stat().st_size for file in place.glob(".making-*")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(maker.pid, signal.SIGKILL)
    maker.join()
    assert not (place / "mlflow.db").exists()
    with ProcessPoolExecutor(3, processes) as pool:
        assert len(list(pool.map(_open, [uri] * 3, timeout=120))) == 3
    client, experiment = open_database(uri, "prh")
    assert client.get_experiment(experiment).artifact_location == (place / "artifacts" / "prh").as_uri()
    assert not list(place.glob(".making-*"))
    with closing(sqlite3.connect(place / "mlflow.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
