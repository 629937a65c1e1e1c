"""What long work tells the person who waits for it; how it is shown is ``prh.console.terminal``'s affair."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Advance = Callable[[int], None]


class Reporter(Protocol):
    """Receives progress and notices from long-running stages."""

    def progress(self, what: str, total: int, unit: str) -> AbstractContextManager[Advance]:
        """Opens a progress bar over ``total`` units and yields the function that advances it."""

    def note(self, text: str) -> None:
        """Shows one line on what is being used."""

    def warn(self, text: str) -> None:
        """Shows one line on something the user did not ask for, such as a fallback."""


class Silent:
    """A reporter that shows nothing: for notebooks, tests and benchmarks."""

    def progress(self, what: str, total: int, unit: str) -> AbstractContextManager[Advance]:
        """Yields a function that does nothing."""
        return nullcontext(lambda step: None)

    def note(self, text: str) -> None:
        """Drops the line."""

    def warn(self, text: str) -> None:
        """Drops the line."""
