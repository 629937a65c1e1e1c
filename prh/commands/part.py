"""One encoder of a run that is only planned: where it comes from, and what of its features is lacking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.commands.state import State
from prh.ground.rates import Measured

Ids = NDArray[np.int64]
BYTES = 4
"""Of a number in the store, a float32."""


@dataclass(frozen=True)
class Part:
    """An encoder, and what there is to compute.

    Attributes:
        role: Its key, e.g. ``model`` or ``also.clip``.
        label: What tables call it.
        state: Where its weights are, or come from.
        layers: How many are read; None where that shows only once it was downloaded.
        asked: Rows that the run needs; None where the stimuli are not here to be counted.
        lacking: Rows that the store has not; None where that cannot be known.
        numbers: Of a row, in all layers; None where unknown.
        rate: How fast it went when last measured here.
        fit: Images it is trained on before it is shown any, times epochs; 0 for what needs no training.
        fit_rate: How fast that went.
    """

    role: str
    label: str
    state: State
    layers: int | None
    asked: int | None
    lacking: int | None
    numbers: int | None = None
    rate: Measured | None = None
    fit: int = 0
    fit_rate: Measured | None = None

    @property
    def seconds(self) -> float | None:
        """About how long it would take; None where such work was never measured here."""
        total = 0.0
        for units, rate in ((self.lacking, self.rate), (self.fit, self.fit_rate)):
            if units is None or (units and rate is None):
                return None
            total += rate.seconds_for(units) if rate else 0.0
        return total

    @property
    def bytes(self) -> int | None:
        """What its new rows would take on disk."""
        if self.lacking == 0:
            return 0
        return None if self.lacking is None or self.numbers is None else self.lacking * self.numbers * BYTES


@dataclass
class Before:
    """What earlier jobs of a sweep would leave behind, and what was found out for them.

    Attributes:
        rows: By where they are kept, the rows that are computed.
        fitted: The networks that are trained, by their configs.
        known: What was found out, by what it was asked of.
    """

    rows: dict[str, Ids] = field(default_factory=dict)
    fitted: set[str] = field(default_factory=set)
    known: dict[str, Any] = field(default_factory=dict)

    def new(self, place: str, ids: Ids) -> int:
        """Returns how many of the rows no earlier job computes, and takes them for computed from now on."""
        before = self.rows.get(place, np.empty(0, np.int64))
        fresh = ids[~np.isin(ids, before)]
        self.rows[place] = np.concatenate([before, fresh])
        return len(fresh)

    def trains(self, place: str) -> bool:
        """Returns whether no earlier job trains this network, and takes it for trained from now on."""
        first = place not in self.fitted
        self.fitted.add(place)
        return first

    def once(self, place: str, look: Callable[[], Any]) -> Any:
        """Returns what was found out for an earlier job, or finds it out."""
        if place not in self.known:
            self.known[place] = look()
        return self.known[place]
