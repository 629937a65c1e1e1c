"""One score of a run beside the same of another: a row of what is shown and written."""

from __future__ import annotations

from dataclasses import dataclass

from prh.inference import Difference

NONE = float("nan")


@dataclass
class Compared:
    """One score of a run beside the same of another.

    Attributes:
        pair: Two roles, ``…_vs_…``.
        which: ``last`` or ``best`` layers.
        run_a: Id of the run that others are held against.
        run_b: Id of the other.
        score_a: As it was recorded.
        ci_low_a: Lower end of its interval.
        ci_high_a: Upper end.
        score_b: As it was recorded, and so on.
        ci_low_b: Lower end of its interval.
        ci_high_b: Upper end.
        of_a: What the difference is of: scores of the rows that both have, calibrated where the metric's
            scores grow with width.
        of_b: The same of the other run.
        difference: ``of_b`` less ``of_a``.
        ci_low: Lower end of its interval.
        ci_high: Upper end.
        p: Two-sided, of no difference.
        p_corrected: The same, corrected for all differences over the same rows.
        interval: ``paired``, ``independent``, or empty where there is none.
        rows: What was paired.
        remark: Why there is no interval, or what else is to be known.
    """

    pair: str
    which: str
    run_a: str
    run_b: str
    score_a: float
    ci_low_a: float
    ci_high_a: float
    score_b: float
    ci_low_b: float
    ci_high_b: float
    of_a: float = NONE
    of_b: float = NONE
    difference: float = NONE
    ci_low: float = NONE
    ci_high: float = NONE
    p: float = NONE
    p_corrected: float = NONE
    interval: str = ""
    rows: str = ""
    remark: str = ""

    def take(self, found: Difference, interval: str) -> None:
        """Notes a difference with its interval."""
        self.difference, self.ci_low, self.ci_high = found.value, found.ci_low, found.ci_high
        self.p, self.p_corrected, self.interval = found.p, found.p_corrected, interval
