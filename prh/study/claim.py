"""One sentence of a study, and what its verdict rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from prh.ground.numbers import interval, number

HOLDS, FAILS, OPEN, SILENT = "holds", "does not hold", "undecided", "not applicable"
SUBSTITUTE = f"{SILENT}: substitute"
"""The verdict on a network that this run does not have, but another in its place."""
LEVEL = 0.95
"""Coverage of every interval that a verdict rests on."""
SURE = f"simultaneous {LEVEL:.0%} intervals"
"""How sure a verdict on several numbers at once is."""


@dataclass(frozen=True)
class Part:
    """One of several numbers behind a verdict; intervals of one claim hold all at once.

    Attributes:
        what: The layer, the pair of layers or of classes, and the quantity.
        value: Measured.
        low: Lower end of its simultaneous interval.
        high: Upper end.
    """

    what: str
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{number(self.value)} {interval(self.low, self.high)} ({self.what})"


@dataclass(frozen=True)
class Outcome:
    """What a test found.

    Attributes:
        verdict: ``holds``, ``does not hold``, ``undecided``, ``not applicable`` or
            ``not applicable: substitute``.
        measured: The number behind it with its interval or p, in words.
        parts: All numbers that it was drawn from.
    """

    verdict: str
    measured: str
    parts: Sequence[Part] = ()


@dataclass(frozen=True)
class Sentence:
    """What a study says, and how that is tested.

    Attributes:
        number: The claim's number in the study, with a letter where it says several things.
        claim: In words.
        where: The networks, layers and distance it speaks of.
        rule: When it counts as true.
        test: Measures it.
        about: The encoders it speaks of: ``model``, ``reference``, ``text``.
    """

    number: str
    claim: str
    where: str
    rule: str
    test: Callable[[], Outcome]
    about: tuple[str, ...] = ("model", "reference")


@dataclass(frozen=True)
class Claim:
    """One sentence, tested; see :class:`Sentence` and :class:`Outcome`."""

    number: str
    claim: str
    where: str
    verdict: str
    measured: str
    rule: str
    parts: Sequence[Part] = ()

    @classmethod
    def of(cls, sentence: Sentence, substitutes: Mapping[str, str] = MappingProxyType({})) -> Claim:
        """Tests a sentence; one that speaks of what this run lacks is not applicable.

        Args:
            sentence: What is said.
            substitutes: By encoder, what stands in for a network whose weights could not be had. What a study
                says of that network is not said of these.
        """
        try:
            found = sentence.test()
        except (LookupError, ValueError) as error:
            found = Outcome(SILENT, str(error.args[0]) if error.args else "nothing to measure")
        instead = [substitutes[role] for role in sentence.about if role in substitutes]
        if instead and found.verdict != SILENT:
            said = f"{' and '.join(instead)} is not what this is about; there {found.measured}"
            found = Outcome(SUBSTITUTE, said, found.parts)
        about = sentence.number, sentence.claim, sentence.where
        return cls(*about, found.verdict, found.measured, sentence.rule, found.parts)

    def record(self) -> dict[str, str]:
        """Returns it as a row of a table, the verdict where it is seen."""
        names = ("number", "claim", "where", "verdict", "measured", "rule")
        return {name: getattr(self, name) for name in names}

    def part_records(self) -> list[dict[str, str | float]]:
        """Returns the numbers behind it, a row each."""
        about = {"number": self.number, "claim": self.claim}
        return [
            {**about, "what": p.what, **{n: round(getattr(p, n), 6) for n in ("value", "low", "high")}}
            for p in self.parts
        ]


def order(number: str) -> tuple[int, str]:
    """Returns what claims are sorted by: 5b comes after 5a and before 14."""
    digits = "".join(filter(str.isdigit, number))
    return int(digits), number[len(digits) :]


def tally(verdicts: Iterable[str]) -> str:
    """Returns how many claims came out how, e.g. ``8 hold, 2 do not, 3 undecided, 1 not applicable``."""
    found = list(verdicts)
    words = {HOLDS: "hold", FAILS: "do not", OPEN: OPEN, SILENT: SILENT}
    counted = ", ".join(f"{found.count(verdict)} {word}" for verdict, word in words.items())
    return f"{counted}, {n} {SUBSTITUTE}" if (n := found.count(SUBSTITUTE)) else counted
