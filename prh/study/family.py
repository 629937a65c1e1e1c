"""Numbers with simultaneous intervals, and what may be said of all of them or of the best.

Since all intervals hold at once, a function that rises with every number lies between its values at the lower
and at the upper ends: so do the minimum, the maximum and the highest of some, chosen after the fact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from prh.inference.compare import Difference
from prh.inference.means import MeanIntervals
from prh.study.claim import FAILS, HOLDS, OPEN, Part


@dataclass(frozen=True)
class Family:
    """M numbers; see :class:`prh.study.claim.Part`.

    Attributes:
        parts: The numbers.
    """

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, names: Sequence[str], found: MeanIntervals) -> Family:
        """Names means with simultaneous intervals."""
        rows = zip(names, found.value, found.sim_low, found.sim_high, strict=True)
        return cls(tuple(Part(name, *map(float, numbers)) for name, *numbers in rows))

    @classmethod
    def of_differences(cls, names: Sequence[str], found: Sequence[Difference], shift: float = 0.0) -> Family:
        """Names differences, and adds ``shift`` to them."""
        return cls(
            tuple(
                Part(name, d.value + shift, d.sim_low + shift, d.sim_high + shift)
                for name, d in zip(names, found, strict=True)
            )
        )

    def __getitem__(self, names: Sequence[str]) -> Family:
        return Family(tuple(part for part in self.parts if part.what in names))

    def where(self, keep: Callable[[str], bool]) -> Family:
        """Returns the numbers whose names are to be kept."""
        return Family(tuple(part for part in self.parts if keep(part.what)))

    def at_most(self, maximum: float) -> Family:
        """Returns the numbers with no interval beyond what there can be."""
        return Family(tuple(replace(part, high=min(part.high, maximum)) for part in self.parts))

    def listed(self) -> str:
        """Returns all numbers in words."""
        return ", ".join(map(str, self.parts))

    def least(self) -> Part:
        """Returns the smallest number, with the interval of the minimum."""
        return self._extreme(min)

    def most(self) -> Part:
        """Returns the largest number, with the interval of the maximum."""
        return self._extreme(max)

    def _extreme(self, which: Callable[..., float]) -> Part:
        value, low, high = (which(getattr(p, end) for p in self.parts) for end in ("value", "low", "high"))
        what = next(part.what for part in self.parts if part.value == value)
        return Part(what, value, low, high)

    def count(self) -> tuple[int, int, int]:
        """Returns how many numbers are above 0: measured, surely, and at most."""
        value, low, high = (sum(getattr(p, end) > 0 for p in self.parts) for end in ("value", "low", "high"))
        return value, low, high

    def within(self, margin: float) -> str:
        """Returns the verdict on all numbers lying nearer to 0 than ``margin``."""
        least, most = self.least(), self.most()
        if -margin < least.low and most.high < margin:
            return HOLDS
        return FAILS if most.low > margin or least.high < -margin else OPEN


def above(part: Part, bound: float = 0.0) -> str:
    """Returns the verdict on a number being above a bound."""
    return HOLDS if part.low > bound else FAILS if part.high <= bound else OPEN


def below(part: Part, bound: float) -> str:
    """Returns the verdict on a number being below a bound."""
    return HOLDS if part.high < bound else FAILS if part.low >= bound else OPEN


def both(*verdicts: str) -> str:
    """Returns the verdict on several things being true at once."""
    return FAILS if FAILS in verdicts else OPEN if OPEN in verdicts else HOLDS


def max_min(groups: Sequence[Sequence[Part]], names: Sequence[str]) -> Part:
    """Returns the largest, over groups, of the smallest number in each, with its interval."""
    smallest = [Family(tuple(group)).least() for group in groups]
    parts = [Part(n, s.value, s.low, s.high) for n, s in zip(names, smallest, strict=True)]
    return Family(tuple(parts)).most()
