"""What goes wrong only because another process did the same at the same time, and is tried again."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

LOST_RACE = re.compile(
    r"UNIQUE constraint|IntegrityError|already exists|duplicate (?:key|entry)|StaleDataError|deadlock"
    r"|database (?:table )?is locked|could not serialize|Lock wait timeout|rolled back",
    re.IGNORECASE,
)
"""Databases and servers say it in words only; through a server, no other trace of the cause is left."""
PATIENCE_S = 5.0


def patiently(call: Callable[[], Answer]) -> Answer:
    """Calls until no race is lost any more, for some seconds at most.

    Raises:
        Exception: What ``call`` raised last.
    """
    deadline, pause = time.monotonic() + PATIENCE_S, 0.05
    while True:
        try:
            return call()
        except failures() as error:
            if not LOST_RACE.search(str(error)) or time.monotonic() + pause > deadline:
                raise
        # Of different lengths, or those who met would meet again.
        time.sleep(pause * random.uniform(0.5, 1.5))
        pause = min(2 * pause, 1.0)


def failures() -> tuple[type[Exception], ...]:
    """Returns what a client raises when the database or server is gone, full, locked or refuses."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    return MlflowException, SQLAlchemyError, OSError


def refused(error: Exception) -> bool:
    """Says whether it is this one entry that is refused, rather than the database or server that fails."""
    return getattr(error, "error_code", "") == "INVALID_PARAMETER_VALUE" or "DataError" in str(error)
