"""Room for decoded pictures: large ones wait for each other, so that all fit a memory budget."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Room:
    """Counts the bytes that are taken, by threads of one process.

    Attributes:
        used: Bytes taken now.
        most: Bytes ever taken at a time.
    """

    def __init__(self) -> None:
        self.used = self.most = 0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, size: int, limit: float) -> Iterator[None]:
        """Takes ``size`` bytes as soon as they fit ``limit`` beside what is taken, or nothing else is."""
        with self._changed:
            self._changed.wait_for(lambda: not self.used or self.used + size <= limit)
            self.used += size
            self.most = max(self.most, self.used)
        try:
            yield
        finally:
            with self._changed:
                self.used -= size
                self._changed.notify_all()
