"""How fast work went here, kept so that the time which the next takes can be told before it begins."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prh.ground.files import written_whole

FILE = "rates.json"
FEWEST = 64
"""Units below which the start of the work is measured more than the work."""


@dataclass(frozen=True)
class Measured:
    """Work of one kind that was done here.

    Attributes:
        units: How much of it, e.g. images.
        seconds: How long that took.
    """

    units: int
    seconds: float

    def seconds_for(self, units: int) -> float:
        """Returns how long so much of it would take."""
        return self.seconds * units / self.units


def note_rate(folder: Path, work: str, units: int, seconds: float) -> None:
    """Keeps how long work took, in place of what was known of it; where that cannot be written, nothing is.

    Args:
        folder: Where what is made by the work is kept.
        work: Of which kind, with all that its speed depends on, e.g. ``resnet18 on cpu, fp32``.
        units: How much of it.
        seconds: How long it took.
    """
    if units < FEWEST:
        return
    known = _read(folder) | {work: [units, round(seconds, 3)]}
    # Of two processes that write at once one is forgotten: an estimate is worth no lock.
    with contextlib.suppress(OSError), written_whole(folder / FILE) as part:
        part.write_text(json.dumps(known, indent=1, sort_keys=True))


def rate_of(folder: Path, work: str) -> Measured | None:
    """Returns how long work took when it was last done, None if that was never measured here."""
    units, seconds = _read(folder).get(work, (0, 0.0))
    return Measured(int(units), float(seconds)) if units else None


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / FILE).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
