"""LaTeX: text that compiles whatever is in it, numbers as a paper prints them, sentences from Markdown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from math import isfinite

SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "×": r"$\times$",
    "±": r"$\pm$",
    "−": r"$-$",
    "·": r"$\cdot$",
    "ρ": r"$\rho$",
    "√": r"$\surd$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≈": r"$\approx$",
    "→": r"$\to$",
    "²": r"$^2$",
    "–": "--",
    "…": r"\ldots{}",
    "’": "'",
}
MARKUP = re.compile(
    r"\[(?P<cite>@[\w-]+(?:; @[\w-]+)*)\]|`(?P<code>[^`]*)`|(?P<math>\$[^$]+\$)|\*\*(?P<bold>[^*]+)\*\*"
)
BREAKS = "_./=:-"
"""After these, a long name may go on in the next line."""
IF_UNKNOWN = (
    r"\newcommand{\ifunknown}[2]{\ifcsname u8:\detokenize{#1}\endcsname\else"
    r"\DeclareUnicodeCharacter{#2}{[U+#2]}\fi}"
)
PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[utf8]{inputenc}
\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}
\usepackage{textcomp}
\usepackage[margin=0.7in]{geometry}
\usepackage{array,booktabs,longtable}
\usepackage{graphicx}
\usepackage[numbers]{natbib}
\usepackage[hyphens]{url}
\usepackage[hidelinks]{hyperref}
\setlength{\belowcaptionskip}{4pt}
\setlength{\LTcapwidth}{\textwidth}
"""


def escaped(text: str) -> str:
    """Returns a text that prints as it is."""
    plain = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    return "".join(SPECIAL.get(character, character) for character in plain)


def breakable(text: str) -> str:
    """Returns an escaped name that may be broken where its parts meet."""
    return "".join(escaped(c) + (r"\allowbreak{}" if c in BREAKS else "") for c in text)


def number(value: float, places: int = 3) -> str:
    """Returns a number in math, so that its minus is one; a dash where there is none."""
    return f"${_fixed(value, places)}$" if isfinite(value) else "--"


def interval(low: float, high: float) -> str:
    """Returns an interval in math, ``$[-0.267, 0.827]$``."""
    if not (isfinite(low) and isfinite(high)):
        return "--"
    return f"$[{_fixed(low)}, {_fixed(high)}]$"


def spread(mean: float, deviation: float) -> str:
    """Returns a mean with its standard deviation."""
    if not (isfinite(mean) and isfinite(deviation)):
        return number(mean)
    return rf"${_fixed(mean)} \pm {_fixed(deviation)}$"


def p_value(p: float, error: float = float("nan"), exact: bool = False) -> str:
    """Returns p to the precision that it has; an exact one has a star, others their Monte-Carlo error.

    The least that a thousand permutations can say, 1/1001, stays 0.001: below it nothing was seen.

    Args:
        p: In (0, 1].
        error: Its Monte-Carlo standard error.
        exact: Whether all permutations were tried.
    """
    from prh.inference.score import p_text

    if not isfinite(p):
        return "--"
    star = "^{*}" if exact else ""
    if p < 0.0005:
        return f"$< 0.001{star}$"
    if exact:
        return f"${p:#.2g}{star}$" if p < 0.995 else f"$1{star}$"
    return f"${p_text(p, error)}$".replace("±", r"\pm")


def _fixed(value: float, places: int = 3) -> str:
    text = f"{value:.{places}f}"
    return text.lstrip("-") if float(text) == 0 else text


def from_markdown(text: str) -> str:
    """Returns sentences with citations, ``code``, math and bold parts as LaTeX; all else is escaped."""
    parts, end = [], 0
    for found in MARKUP.finditer(text):
        parts.append(escaped(text[end : found.start()]))
        end = found.end()
        if found["cite"]:
            keys = ",".join(key.strip(" @") for key in found["cite"].split(";"))
            parts.append(rf"\cite{{{keys}}}")
        elif found["code"] is not None:
            parts.append(rf"\texttt{{{breakable(found['code'])}}}")
        elif found["math"]:
            parts.append(found["math"])
        else:
            parts.append(rf"\textbf{{{escaped(found['bold'])}}}")
    return "".join([*parts, escaped(text[end:])]).replace(" \\cite", "~\\cite")


def unknown_characters(texts: Iterable[str]) -> str:
    """Returns what pdfLaTeX prints of characters that its fonts lack: their numbers."""
    if not (beyond := sorted({c for text in texts for c in text if not c.isascii()})):
        return ""
    lines = [rf"\ifunknown{{{c}}}{{{ord(c):04X}}}" for c in beyond]
    return "\n".join([r"\usepackage{iftex}", r"\ifPDFTeX", IF_UNKNOWN, *lines, r"\fi", ""])
