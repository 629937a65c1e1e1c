"""What cannot be recorded to is refused by name within seconds, before anything is made."""

import os
import socket
import sqlite3
import time
from contextlib import closing

import pytest

from prh.errors import ConfigError
from prh.tracking.address import absolute_uri, prove_usable


@pytest.fixture
def place(tmp_path, migrated, monkeypatch):
    """A folder that holds one of each kind of thing that is no database to record to."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.db").write_text("these are only words, but more than sixteen of them")
    (tmp_path / "torn.db").write_bytes(migrated.read_bytes()[:3000])
    (tmp_path / "rotten.db").write_bytes(migrated.read_bytes()[:100] + b"\xff" * 8000)
    os.mkfifo(tmp_path / "pipe.db")
    (tmp_path / "round.db").symlink_to("round.db")
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        database.execute("CREATE TABLE birds (name TEXT)")
        database.commit()
    return tmp_path


REFUSED = {
    "": "neither a database nor a server",
    "None": "neither a database nor a server",
    "mlruns": "neither a database nor a server",
    "file:///tmp/mlruns": "neither a database nor a server",
    "redis://host/0": "neither a database nor a server",
    "sqlite:mlflow.db": "neither a database nor a server",
    "SQLITE:///mlflow.db": "neither a database nor a server",
    "oracle+cx_oracle://u:pw@host/db": r"u:\*\*\*@host",
    "sqlite://": "names no file",
    "sqlite:///": "names no file",
    "sqlite:////": "names no file",
    "sqlite:///:memory:": "names no file",
    "sqlite:///folder/": "names no file",
    "sqlite:///x.db?mode=ro": "names no file",
    "sqlite:///x\0.db": "names no file",
    "sqlite://host/x.db": "names no file",
    "sqlite:///folder": "is a folder",
    "sqlite:///pipe.db": "is no file",
    "sqlite:///round.db": "cannot be opened",
    "sqlite:///text.db": "no SQLite database",
    "sqlite:///torn.db": "cannot be used|no SQLite database",
    "sqlite:///rotten.db": "cannot be used|no SQLite database",
    "sqlite:///text.db/mlflow.db": "cannot be opened",
    "sqlite:////dev/null/mlruns/mlflow.db": "cannot be opened",
    f"sqlite:///{'x' * 300}.db": "cannot be opened",
    "http://": "names no server",
    "http://127.0.0.1:99999": "no address",
    "http://127.0.0.1:9": "cannot be reached",
    "postgresql+nosuch://u@host/db": "cannot be opened",
    "mysql+mysqldb://u@host/db": "driver MySQLdb is not installed",
}


@pytest.mark.parametrize("uri", REFUSED)
def test_refused_by_name_in_a_moment(place, uri):
    before, began = set(place.rglob("*")), time.monotonic()
    with pytest.raises(ConfigError, match=rf"^tracking\.uri: .*(?:{REFUSED[uri]})"):
        prove_usable(absolute_uri(uri))
    assert time.monotonic() - began < 3
    assert set(place.rglob("*")) == before


def test_a_silent_server_is_not_waited_for(place):
    with closing(socket.socket()) as full:
        full.bind(("127.0.0.1", 0))  # bound, but nobody listens
        began = time.monotonic()
        with pytest.raises(ConfigError, match="cannot be reached"):
            prove_usable(f"http://127.0.0.1:{full.getsockname()[1]}")
    assert time.monotonic() - began < 3


def test_a_database_that_another_program_has_locked(place, migrated):
    path = place / "locked.db"
    path.write_bytes(migrated.read_bytes())
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ConfigError, match=r"locked.*Close what else has it open"):
            prove_usable(f"sqlite:///{path}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_a_file_of_somebody_else(place, migrated):
    path = place / "theirs.db"
    path.write_bytes(migrated.read_bytes())
    path.chmod(0o000)
    with pytest.raises(ConfigError, match="Change its permissions"):
        prove_usable(f"sqlite:///{path}")


@pytest.mark.parametrize("uri", ["sqlite:///new/folder/mlflow.db", "sqlite:///empty.db"])
def test_what_is_still_to_be_made_is_usable(place, uri):
    (place / "empty.db").touch()
    prove_usable(absolute_uri(uri))
    assert not (place / "new").exists()
