"""Passwords in addresses: taken out where they come in, put back only where a connection is opened.

A config, and whatever is written of it, holds ``postgresql://me:***@host/db``. The address itself is kept
in an environment variable, which every launcher passes on to the jobs of a sweep.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import traceback
from types import TracebackType
from urllib.parse import quote, unquote

KEPT = "PRH_SECRETS"
"""The environment variable that holds addresses with their passwords, by their masked form, as JSON."""
MASK = "***"
_ADDRESS = re.compile(r"[\w+.-]+://(?:(?!,\s*[\w+.-]+://).)*", re.DOTALL)
"""One address of a list of them; a password may hold any character."""
_LOGIN = re.compile(r"(?<=://)(?P<user>[^:@/?\s'\"]*):(?P<password>(?:(?!://)[^\s'\"])+)@")
_ANY_LOGIN = re.compile(r"(?<=://)(?P<user>[^:@/?]*):(?P<password>.+)@", re.DOTALL)
_QUERY = re.compile(
    r"(?<=[?&;])(?P<name>\w*(?:passw|pwd|token|secret|key)\w*)=(?P<password>[^&;\s'\"]+)", re.I
)
_ESCAPED = re.compile(r"\\([\\()\[\]{}:=,' \t])")
"""What Hydra's grammar wants escaped in a value without quotes."""
_FEWEST = 4
"""Shorter passwords are masked in addresses only: as words of their own they would mask too much."""


def concealed(text: str) -> str:
    """Returns an address, or a setting that holds some, without passwords; keeps them for ``revealed``."""
    return _ADDRESS.sub(lambda match: _kept_back(match[0]), text)


def withdrawn(arguments: list[str]) -> list[str]:
    """Returns a command line without the passwords of its tracking addresses; keeps them likewise."""
    return [concealed(word) if re.match(r"[^=:]*tracking", word) else word for word in arguments]


def revealed(address: str) -> str:
    """Returns an address with the password that was masked in it, where that is known in this process."""
    return _kept().get(address, address)


def is_masked(address: str) -> bool:
    """Says whether an address lacks its password."""
    return f":{MASK}@" in address or f"={MASK}" in address


def masked(text: str) -> str:
    """Returns text of any kind, such as another library's error, without passwords."""
    text = _QUERY.sub(rf"\g<name>={MASK}", _LOGIN.sub(rf"\g<user>:{MASK}@", text))
    for password in {found for address in _kept().values() for found in _passwords(address)}:
        for form in {password, quote(password, safe=""), unquote(password)}:
            if len(form) >= _FEWEST:
                text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", MASK, text)
    return text


class MaskedFormatter(logging.Formatter):
    """Formats log records, tracebacks included, without passwords."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line, or lines."""
        return masked(super().format(record))


def masked_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Prints an exception that nobody caught, as ``sys.excepthook`` does, without passwords."""
    sys.stderr.write(masked("".join(traceback.format_exception(kind, error, trace))))


def _kept_back(address: str) -> str:
    closing = re.search(r"['\"\]})]*$", address)
    end = closing.start() if closing else len(address)
    address, rest = address[:end], address[end:]
    short = _QUERY.sub(rf"\g<name>={MASK}", _ANY_LOGIN.sub(rf"\g<user>:{MASK}@", address))
    if short != address:
        known = {_ESCAPED.sub(r"\1", short): _ESCAPED.sub(r"\1", address)}
        os.environ[KEPT] = json.dumps(_kept() | known)
    return short + rest


def _passwords(address: str) -> list[str]:
    return [match["password"] for pattern in (_ANY_LOGIN, _QUERY) for match in pattern.finditer(address)]


def _kept() -> dict[str, str]:
    kept: dict[str, str] = json.loads(os.environ.get(KEPT, "{}"))
    return kept
