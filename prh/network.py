"""Downloads that give up in seconds where there is no network, instead of hanging."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

TIMEOUT_S = 15.0


@contextmanager
def impatient_network() -> Iterator[None]:
    """Limits every wait on a socket opened in the block to :data:`TIMEOUT_S` seconds."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_S)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
