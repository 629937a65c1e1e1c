"""Who listens where the UI is to listen."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

HOST = "127.0.0.1"
PATIENCE_S = 3.0
TRIED = 50
"""So many further ports are looked at for a free one."""


def is_free(port: int) -> bool:
    """Returns whether this process may listen there."""
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        return True
    return False


def next_free(port: int) -> int:
    """Returns the first free port after one."""
    after = range(port + 1, min(port + TRIED, 2**16))
    return next((other for other in after if is_free(other)), port + 1)


def healthy(port: int) -> bool:
    """Returns whether an MLflow server answers there."""
    return _asked(port, "health") == b"OK"


def experiment_at(port: int, name: str) -> dict[str, Any] | None:
    """Returns what the MLflow server there knows of an experiment; None where there is none, or no MLflow."""
    answer = _asked(port, f"api/2.0/mlflow/experiments/get-by-name?experiment_name={quote(name)}")
    try:
        found = json.loads(answer)["experiment"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _asked(port: int, path: str) -> bytes:
    """Returns what a server answers, nothing where it does not."""
    try:  # no proxy stands between two programs of one machine
        with build_opener(ProxyHandler({})).open(
            f"http://{HOST}:{port}/{path}", timeout=PATIENCE_S
        ) as answer:
            return bytes(answer.read())
    except HTTPError as error:
        return bytes(error.read())
    except (OSError, HTTPException, ValueError):
        return b""
