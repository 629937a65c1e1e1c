"""Anybody's words as figures can draw them: on one line, shortened, in fonts that have the letters."""

import re
import unicodedata
from functools import cache
from math import isfinite

CLASS, LAYER, NETWORK, CAPTION, TITLE = 20, 30, 28, 40, 90
"""How many letters of each kind of text are drawn."""
FALLBACKS = (
    *("Noto Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK KR", "Noto Sans JP"),
    *("Noto Sans SC", "Noto Sans KR", "Noto Sans Arabic", "Noto Naskh Arabic", "Noto Sans Hebrew"),
    *("Noto Sans Devanagari", "Noto Sans Thai", "Noto Emoji", "Noto Sans Symbols", "Noto Sans Symbols 2"),
    *("Noto Sans Math", "Arial Unicode MS", "Hiragino Sans", "Microsoft YaHei", "Segoe UI Emoji"),
)
"""Fonts that are asked for a letter that DejaVu Sans lacks, where the machine has them."""
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode's categories of what has no shape of its own: controls, marks of direction, halves of letters."""


@cache
def families() -> list[str]:
    """Returns any font without serifs, which is DejaVu Sans here, and the fallbacks that are installed."""
    from matplotlib import font_manager

    installed = set(font_manager.get_font_names())
    return ["sans-serif", *(name for name in FALLBACKS if name in installed)]


def count(value: float) -> str:
    """Returns a large number to three digits, e.g. of parameters: ``4.65 M``, ``457 B``."""
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 0.9995 * size:
            return f"{float(f'{value / size:.3g}'):g} {unit}"
    return f"{value:.3g}"


def range_of(name: str, low: float, high: float) -> str:
    """Returns what a score is called along an axis: the metric, and from where to where it goes."""
    ends = f"{low:g} to {high:g}" if isfinite(low) else f"at most {high:g}"
    # Its words stay on one line.
    ends = ends.replace(" ", "\N{NO-BREAK SPACE}").replace("-", "\N{MINUS SIGN}")
    return f"{name}, {ends}"


def brief(text: str, most: int, end: bool = False) -> str:
    """Returns a text on one line, of ``most`` letters at most, wide ones counted twice.

    What has no shape becomes a space or, where bytes were no text, a replacement character.

    Args:
        text: Anything.
        most: Of it, what is left out of the middle is an ellipsis.
        end: Leave out the end instead.
    """
    line = " ".join(re.findall(r"[\S\N{NO-BREAK SPACE}]+", "".join(map(_seen, text))))
    if sum(map(_width, line)) <= most:
        return line
    head = _fitting(line, most - 1 if end else (most - 1) // 2)
    tail = "" if end else _fitting(line[::-1], most - 1 - (most - 1) // 2)[::-1]
    return f"{head.rstrip()}…{tail.lstrip()}"


def entry(text: str) -> str:
    """Returns a short text for a legend, of which matplotlib leaves out what begins with an underscore."""
    line = brief(text, 2 * NETWORK)
    return f"\N{HAIR SPACE}{line}" if line.startswith("_") else line


def _seen(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    joins = letter in "\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}"
    return "" if joins or category == "Cf" else " " if category in UNSEEN else letter


def _width(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _fitting(line: str, most: int) -> str:
    used = 0
    for place, letter in enumerate(line):
        used += _width(letter)
        if used > most:
            return line[:place]
    return line
