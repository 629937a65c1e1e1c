"""How many stimuli a difference needs to be found, from the standard error that some stimuli gave."""

from __future__ import annotations

import math

MOST = 10**9
"""More stimuli than anyone will look at."""


def power(effect: float, se: float, df: int, planned: int, level: float = 0.95) -> float:
    """Returns how often a two-sided test will find an effect, by the noncentral t distribution.

    Args:
        effect: What is to be found, in units of the score: a difference, or a score that is zero by chance.
        se: Standard error that a sample gave; it falls with the root of the number of stimuli.
        df: Its degrees of freedom, ``Difference.df`` or ``Influence.df``: independent stimuli or groups, less
            one.
        planned: Independent stimuli or groups of the sample to come, above 2.
        level: One less the size of the test, in (0, 1).

    Raises:
        ValueError: ``planned`` is below 3, ``se`` not above 0, ``level`` outside (0, 1).
    """
    from scipy.stats import nct, t

    if planned < 3 or not se > 0 or not 0 < level < 1:
        raise ValueError(
            f"planned must be 3 or more, se above 0 and level between 0 and 1, not {planned}, {se}, {level}"
        )
    shift = abs(effect) / (se * math.sqrt((df + 1) / planned))
    critical = float(t.ppf((1 + level) / 2, planned - 1))
    return float(nct.sf(critical, planned - 1, shift) + nct.cdf(-critical, planned - 1, shift))


def stimuli_needed(effect: float, se: float, df: int, wanted: float = 0.8, level: float = 0.95) -> int:
    """Returns the fewest independent stimuli or groups with which :func:`power` is ``wanted`` or more.

    Neighbour metrics with a fixed k measure something else in a larger sample, so theirs is a guess.

    Raises:
        ValueError: As :func:`power`; ``effect`` is zero; ``wanted`` is outside (0, 1).
    """
    if effect == 0 or not 0 < wanted < 1:
        raise ValueError(f"effect must not be 0, and wanted between 0 and 1, not {effect}, {wanted}")
    low, high = 2, 4
    while power(effect, se, df, high, level) < wanted:
        low, high = high, 2 * high
        if high > MOST:
            return MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(effect, se, df, middle, level) >= wanted else (middle, high)
    return high
