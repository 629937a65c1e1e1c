"""Numbers as a person reads them: a true minus, and none before nothing. Files have Python's own."""

import re
from math import isfinite
from typing import Literal

MINUS = "−"
"""U+2212, as wide as a digit or a plus; a hyphen is neither."""


def number(value: float, places: int = 3, sign: Literal["-", "+"] = "-") -> str:
    """Returns a number to so many places: ``−0.267``; ``0.000``, not ``−0.000``; ``n/a`` for NaN.

    Args:
        value: The number.
        places: After its point.
        sign: ``+`` for differences, which have a sign of either kind.
    """
    return _signed(f"{value:{sign}.{places}f}") if isfinite(value) else _unfinished(value)


def significant(value: float, digits: int = 3) -> str:
    """Returns a number to so many significant digits: ``0.00536``, ``2.8e−07``."""
    return _signed(f"{value:.{digits}g}") if isfinite(value) else _unfinished(value)


def short(value: float) -> str:
    """Returns a number to three places, or a smaller one to its first digit."""
    return significant(value, 1) if 0 < abs(value) < 0.001 else number(value)


def interval(low: float, high: float, places: int = 3, sign: Literal["-", "+"] = "-") -> str:
    """Returns an interval: ``[−0.267, 0.827]``."""
    return f"[{number(low, places, sign)}, {number(high, places, sign)}]"


def plain(text: str) -> str:
    """Returns a text whose numbers other programs read, for a table that is a file."""
    return text.replace(MINUS, "-")


def typeset(text: str) -> str:
    """Returns the text of such a file as a person reads it: a hyphen that is a minus becomes one."""
    return re.sub(r"(?<!\w)-(?=[\d ])", MINUS, text)


def _signed(text: str) -> str:
    return (text if float(text) else text.lstrip("+-")).replace("-", MINUS)


def _unfinished(value: float) -> str:
    return "n/a" if value != value else _signed(str(value))
