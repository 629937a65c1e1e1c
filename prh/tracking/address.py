"""The tracking URI: what it may be, and whether what it names can be used, found out in seconds."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

from prh.errors import ConfigError
from prh.ground.secrets import masked, revealed

KEY = "tracking.uri"
SQLITE = "sqlite:///"
DEFAULT = "sqlite:///mlruns/mlflow.db"
SERVERS = ("http", "https")
DATABASES = ("postgresql", "mysql", "mssql")
PATIENCE_S = 2.0
"""How long a server may take to answer, or another program to give up its lock."""


def absolute_uri(uri: str) -> str:
    """Returns the tracking URI with a relative SQLite path resolved against the working folder.

    Raises:
        ConfigError: It names no file, a plain folder, which MLflow no longer records to, or nothing.
    """
    scheme, separator, rest = str(uri).partition("://")
    if scheme == "sqlite" and separator:
        return f"{SQLITE}{_file(uri, rest)}"
    if not separator or (scheme not in SERVERS and scheme.partition("+")[0] not in DATABASES):
        raise ConfigError(
            KEY,
            f"{masked(str(uri))!r} is neither a database nor a server",
            f"Use {DEFAULT} or the http:// address of an MLflow server",
        )
    return uri


def nearest() -> str:
    """Returns the URI of ``mlruns/mlflow.db`` here, or in the nearest folder above that has one."""
    here = Path.cwd()
    places = (folder / "mlruns" / "mlflow.db" for folder in (here, *here.parents))
    return f"{SQLITE}{next((place for place in places if place.exists()), here / 'mlruns' / 'mlflow.db')}"


def file_of(uri: str) -> Path | None:
    """Returns the file of an absolute SQLite URI, None for servers."""
    return Path(uri.removeprefix(SQLITE)) if uri.startswith(SQLITE) else None


def prove_usable(uri: str) -> None:
    """Finds out within seconds whether an absolute tracking URI can be recorded to; makes nothing.

    Raises:
        ConfigError: It cannot; the message says why.
    """
    path = file_of(uri)
    if path is not None:
        _prove_file(path)
    elif urlsplit(uri).scheme in SERVERS:
        _prove_server(uri)
    else:
        _prove_database(uri)


def _file(uri: str, rest: str) -> Path:
    name = rest.removeprefix("/")
    if not rest.startswith("/") or name in ("", ":memory:") or name.endswith("/") or {"?", "\0"} & set(name):
        raise _refused(f"{uri!r} names no file", f"Name one, as in {DEFAULT}")
    try:
        return Path(name).expanduser().absolute()
    except RuntimeError as error:
        raise _refused(f"{uri!r} names no file ({error})", f"Name one, as in {DEFAULT}") from error


def _prove_file(path: Path) -> None:
    another = f"Name another file, as in {DEFAULT}"
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        _prove_place(path.parent)
        return
    except OSError as error:
        raise _refused(f"{path} cannot be opened ({error.strerror})", another) from error
    if not stat.S_ISREG(mode):
        raise _refused(f"{path} is {'a folder' if stat.S_ISDIR(mode) else 'no file'}", another)
    if not os.access(path, os.R_OK | os.W_OK):
        raise _refused(
            f"{path} cannot be read and written by you", f"Change its permissions, or n{another[1:]}"
        )
    _prove_place(path.parent)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=rw", PATIENCE_S, uri=True)) as database:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        raise _refused(f"{path} cannot be used now ({error})", "Close what else has it open") from error
    except sqlite3.DatabaseError as error:
        raise _refused(f"{path} is no SQLite database ({error})", another) from error


def _prove_place(folder: Path) -> None:
    """Refuses a folder in which nothing can be made; one that is not there yet will be made."""
    place = folder
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise _refused(f"cannot write to {folder}", f"Name a file in a writable folder, as in {DEFAULT}")


def _prove_server(uri: str) -> None:
    try:
        address = urlsplit(revealed(uri))
        host, port = address.hostname, address.port or (443 if address.scheme == "https" else 80)
    except ValueError as error:
        raise _refused(f"{masked(uri)} is no address ({error})", "") from error
    if not host:
        raise _refused(f"{masked(uri)} names no server", "Use e.g. http://127.0.0.1:5000")
    if address.scheme not in getproxies() or proxy_bypass(host):
        _prove_answers(uri, host, port)


def _prove_answers(uri: str, host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=PATIENCE_S).close()
    except (OSError, ValueError) as error:
        raise unreachable(uri, error) from error


def _prove_database(uri: str) -> None:
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    try:
        address = make_url(revealed(uri))
        address.get_dialect().import_dbapi()
        host, port = address.host, address.port
    except (ArgumentError, ValueError) as error:
        raise _refused(f"{masked(uri)} cannot be opened ({line_of(error)})", f"Use {DEFAULT}") from error
    except ImportError as error:
        lacking = f"the driver {error.name} is not installed" if error.name else line_of(error)
        raise _refused(
            f"{masked(uri)} needs a driver ({lacking})", f"pip install one, or use {DEFAULT}"
        ) from error
    if host and port:
        _prove_answers(uri, host, port)
    try:  # MLflow would try what cannot work again and again, for two minutes
        engine = create_engine(address)
        engine.connect().close()
        engine.dispose()
    except SQLAlchemyError as error:
        raise unreachable(uri, error) from error


def unreachable(uri: str, error: Exception) -> ConfigError:
    """Returns what to say when the place where runs are recorded does not answer as it should."""
    return _refused(
        f"MLflow cannot be reached at {masked(uri)} ({line_of(error)})",
        f"Start the server there, or record locally with {KEY}={DEFAULT}",
    )


def line_of(error: Exception) -> str:
    """Returns the first line of another library's error, without passwords."""
    return masked((str(error).strip().splitlines() or [type(error).__name__])[0])[:200]


def _refused(problem: str, remedy: str) -> ConfigError:
    return ConfigError(KEY, problem, remedy)
