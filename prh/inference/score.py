"""A score with what is needed to judge it."""

from dataclasses import dataclass
from math import isfinite

from prh.ground.numbers import interval, number, significant

NAN = float("nan")


@dataclass(frozen=True)
class Score:
    """One similarity, its null and its interval; NaN where something was not asked for or is undefined.

    Attributes:
        value: The score, in the metric's own range.
        p: Share of permutations that score at least as high, with the observed one counted in
            (Phipson & Smyth 2010); one-sided, in (0, 1].
        p_se: Monte-Carlo standard error of p, 0 where it is exact.
        exact: Whether the permutations were all that there are.
        null_mean: Mean score of permuted stimuli.
        null_sd: Their standard deviation.
        calibrated: (value − null_mean) / (maximum − null_mean): 0 at chance, 1 at identity.
        critical: The score that a share α of permutations, the observed score counted in, exceeds at most.
        excess: max(0, (value − critical) / (maximum − critical)): 0 unless the score is significant, 1 at
            identity; what Gröger et al. (2026) report as the calibrated score.
        se: Standard error of the score over other samples of stimuli.
        ci_low: Lower end of the interval.
        ci_high: Upper end.
    """

    value: float
    p: float = NAN
    p_se: float = NAN
    exact: bool = False
    null_mean: float = NAN
    null_sd: float = NAN
    calibrated: float = NAN
    critical: float = NAN
    excess: float = NAN
    se: float = NAN
    ci_low: float = NAN
    ci_high: float = NAN

    @property
    def z(self) -> float:
        """Distance from the null mean in null standard deviations."""
        return (self.value - self.null_mean) / self.null_sd if self.null_sd > 0 else NAN

    def __str__(self) -> str:
        within = f" {interval(self.ci_low, self.ci_high)}" if isfinite(self.ci_low) else ""
        return (
            f"{number(self.value)}{within}, "
            f"p = {p_text(self.p, self.p_se, self.exact)}, "
            f"null {number(self.null_mean)} ± {number(self.null_sd)}"
        )


def p_text(p: float, se: float = NAN, exact: bool = False) -> str:
    """Returns a p-value to the precision that it has: ``0.0558 exact``, ``0.004 ± 0.002``.

    Args:
        p: In (0, 1].
        se: Its Monte-Carlo standard error, which is given to one digit, and p to its place.
        exact: Whether it has none.
    """
    if exact and isfinite(p):
        return f"{significant(p)} exact"
    if not se > 0:
        return number(p) if p >= 0.01 or p != p else significant(p, 1)
    places = max(0, -int(f"{se:.0e}".split("e")[1]))
    return f"{p:.{places}f} ± {se:.{places}f}"
