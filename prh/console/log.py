"""The log of a run, ``run.log`` in its folder: each stage when it starts, and how long it took."""

from __future__ import annotations

import logging
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from prh.ground.files import readable

LOG = logging.getLogger("prh")


@contextmanager
def logged(what: str, total: int = 0, unit: str = "") -> Iterator[None]:
    """Logs a stage when it starts and when it ends, or breaks off."""
    amount = f" ({total} {unit})" if total and unit else ""
    LOG.info("%s%s", visible(what), amount)
    start, ended = time.perf_counter(), "broke off after"
    try:
        yield
        ended = "took"
    finally:
        LOG.info("%s %s %.1f s", visible(what), ended, time.perf_counter() - start)


def visible(text: str) -> str:
    """Returns a text without characters by which a name could move the cursor or change colours."""
    return "".join("�" if unicodedata.category(c) == "Cc" and c != "\n" else c for c in readable(text))
