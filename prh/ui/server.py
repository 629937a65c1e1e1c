"""Opens MLflow's own web interface on the runs recorded here, reachable from this machine only."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from prh.console.interrupts import interruptible
from prh.console.terminal import Terminal
from prh.errors import ConfigError, PrhError
from prh.tracking.address import SERVERS, absolute_uri
from prh.ui.port import HOST, experiment_at, healthy, is_free, next_free
from prh.ui.serving import environment

if TYPE_CHECKING:
    from mlflow.entities import Experiment

LONGEST_S = 180.0
"""A server that does not answer by then, on a machine however busy, will not."""
LOOKED_EVERY_S = 0.1
TO_END_S = 5.0


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until Ctrl-C.

    Returns:
        The exit code: 0 where it was stopped, 2 where the user can mend what is amiss.
    """
    parser = argparse.ArgumentParser(prog="prh ui", description=__doc__)
    parser.add_argument(
        "--uri", default="sqlite:///mlruns/mlflow.db", help="tracking.uri of the runs (%(default)s)"
    )
    parser.add_argument("--experiment", default="prh", help="tracking.experiment (%(default)s)")
    parser.add_argument("--port", type=int, default=5000, help="where to listen on 127.0.0.1 (%(default)s)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    asked = parser.parse_args(argv)
    terminal = Terminal()
    interruptible()
    try:
        _run(absolute_uri(asked.uri), asked.experiment, asked.port, not asked.no_browser, terminal)
    except PrhError as error:
        terminal.error(str(error))
        return 2
    except KeyboardInterrupt:
        terminal.say("Stopped")
    return 0


def _run(uri: str, name: str, port: int, browse: bool, terminal: Terminal) -> None:
    """Starts the server, waits until it answers, shows where, and waits until it is told to end."""
    if urlsplit(uri).scheme in SERVERS:
        raise PrhError(f"{uri} is a server, which shows its runs itself. Open it in a browser")
    file = Path(uri.removeprefix("sqlite:///"))
    if uri.startswith("sqlite:///") and not file.exists():
        raise PrhError(f"{file} does not exist yet. Run python -m prh.run first, or give --uri")
    if not 0 < port < 2**16:
        raise ConfigError("--port", f"{port} is no port", "Use a number from 1 to 65535")
    if not is_free(port):
        _answered_already(uri, name, port, browse, terminal)
        return
    with tempfile.TemporaryFile() as complaints, _server(uri, port, complaints) as server:
        with terminal.progress("Starting MLflow", 0, ""):
            # The server imports MLflow meanwhile.
            experiment = _experiment(uri, name)
            _wait_for(server, port, complaints)
        if not _same(experiment_at(port, name), experiment):
            raise PrhError(f"MLflow does not show {uri}; this version of it may not suit prh")
        _show(port, experiment, browse, terminal)
        terminal.say("Ctrl-C stops it")
        if server.wait():
            raise PrhError(f"MLflow's server ended by itself ({_last_line(complaints, server)})")


def _answered_already(uri: str, name: str, port: int, browse: bool, terminal: Terminal) -> None:
    """Shows the server that listens there already, if it is one on the same runs.

    Raises:
        ConfigError: It is another.
    """
    remedy = f"Use another with --port {next_free(port)}"
    if not healthy(port):
        raise ConfigError("--port", f"{port} is taken by another program", remedy)
    experiment = _experiment(uri, name)
    if not _same(experiment_at(port, name), experiment):
        raise ConfigError("--port", f"{port} is taken by an MLflow server on other runs", remedy)
    terminal.say("It runs already")
    _show(port, experiment, browse, terminal)


def _experiment(uri: str, name: str) -> Experiment:
    """Returns the experiment, its shared view made of what is recorded by now."""
    from prh.tracking.database import open_database
    from prh.tracking.view import share

    client, experiment_id = open_database(uri, name)
    share(client, experiment_id)
    return client.get_experiment(experiment_id)


def _same(served: dict[str, object] | None, experiment: Experiment) -> bool:
    """Returns whether what a server knows by the experiment's name is this one of this database."""
    known = served or {}
    return (str(known.get("experiment_id")), known.get("artifact_location"), known.get("creation_time")) == (
        experiment.experiment_id,
        experiment.artifact_location,
        experiment.creation_time,
    )


def _show(port: int, experiment: Experiment, browse: bool, terminal: Terminal) -> None:
    where = f"http://{HOST}:{port}/prh/{experiment.experiment_id}"
    terminal.say(f"MLflow   {where}")
    displayed = sys.platform in ("darwin", "win32") or {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
    if browse and displayed:
        webbrowser.open(where)


@contextmanager
def _server(uri: str, port: int, complaints: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Starts the server, and ends it when the block ends, however that ends."""
    from prh.tracking.database import QUIET

    known = {**QUIET, **environment(uri)}
    known["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-m", "prh.ui.serving", str(port)]
    # In a session of its own Ctrl-C does not reach it, but us, who end it.
    server = subprocess.Popen(
        command, env=known, stdout=complaints, stderr=complaints, start_new_session=True
    )
    try:
        yield server
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(TO_END_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_for(server: subprocess.Popen[bytes], port: int, complaints: IO[bytes]) -> None:
    """Waits until the server answers.

    Raises:
        PrhError: It ended, or takes too long.
    """
    end = time.monotonic() + LONGEST_S
    while not healthy(port):
        if server.poll() is not None:
            raise PrhError(f"MLflow's server did not start ({_last_line(complaints, server)})")
        if time.monotonic() > end:
            raise PrhError(f"MLflow's server did not answer within {LONGEST_S:.0f} s; try again")
        time.sleep(LOOKED_EVERY_S)


def _last_line(complaints: IO[bytes], server: subprocess.Popen[bytes]) -> str:
    complaints.seek(0)
    lines = [line for line in complaints.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else f"exit code {server.returncode}"
