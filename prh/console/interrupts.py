"""Ctrl-C and SIGTERM, neither of which may be lost."""

from __future__ import annotations

import signal
import sys
from threading import Timer, main_thread
from typing import Any

AGAIN_S = 0.05


def interruptible() -> None:
    """Has SIGTERM end the work as Ctrl-C does, and both reach it wherever they strike.

    Python prints and forgets what is raised while it collects garbage, ``KeyboardInterrupt`` too, and what
    MLflow leaves takes it seconds to collect. Such an interrupt is raised once more a moment later.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    otherwise = sys.unraisablehook

    def raised_again(ignored: Any) -> None:
        if issubclass(ignored.exc_type, KeyboardInterrupt):
            later = Timer(AGAIN_S, signal.pthread_kill, (main_thread().ident, signal.SIGINT))
            later.daemon = True
            later.start()
        else:
            otherwise(ignored)

    sys.unraisablehook = raised_again


def end_quietly() -> None:
    """Leaves unsaid, until the process ends, what objects complain of that were interrupted while made."""
    sys.unraisablehook = lambda ignored: None
