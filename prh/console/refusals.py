"""Errors of Hydra's as one line that says what to do, and overrides that Hydra would not explain."""

from __future__ import annotations

import re
from collections.abc import Sequence

from prh.console.hints import meant_by
from prh.errors import ConfigError, PrhError
from prh.ground.conf import groups


def one_line(error: BaseException, overrides: Sequence[str] = ()) -> str:
    """Returns Hydra's error without its search paths and misleading advice, and what to do next.

    Args:
        error: Hydra's, or one of this package, which says all itself.
        overrides: Of the command, whose choices of options decide which keys there are.
    """
    text = str(error).split("Config search path")[0].split("To append to your config")[0]
    if unknown := re.search(r"Could not override '([^']+)'", text):
        meant = meant_by(unknown[1], overrides)
        text = f"there is no key '{unknown[1]}'" + (f"; {meant}" if meant else "")
    lines = [line.strip().rstrip(".") for line in text.replace("\n\t", " ").splitlines() if line.strip()]
    remedy = (
        [] if isinstance(error, PrhError) else ["python -m prh.run --help lists groups, options and keys"]
    )
    return ". ".join(lines + remedy)


def require_options(overrides: Sequence[str]) -> None:
    """Refuses a null or a number for a group, of which Hydra only says that it is no string.

    Raises:
        ConfigError: Names the group.
    """
    for override in overrides:
        found = re.fullmatch(r"\+{0,2}([\w/]+)(?:@([\w.]*))?=(.*)", override)
        if found and found[1] in groups() and any(map(_is_no_word, found[3].split(","))):
            key = found[2] or found[1]
            remedy = "python -m prh.run --help lists the options"
            raise ConfigError(key, f"{found[3]} is no option of {found[1]}", remedy)


def _is_no_word(value: str) -> bool:
    """Returns whether Hydra reads this as a null, a truth, a number or a mapping."""
    return bool(
        re.fullmatch(r"null|true|false|nan|[+-]?inf|[+-]?\d[\d_.]*(e[+-]?\d+)?|\{.*", value, re.IGNORECASE)
    )
