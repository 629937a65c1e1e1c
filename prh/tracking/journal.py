"""What a run sends to MLflow, line by line in a file, each under a checksum that covers all lines before it.

A line that is changed, lost, doubled or moved is noticed. Only the last one may be half-written, where the
process was killed.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from prh.errors import ConfigError, PrhError
from prh.tracking.calls import CALLS

OPENED = {"run_id", "time_ms", "uri", "experiment", "run_name", "tags"}
"""What the first line says of the run."""
FORMAT = 2
"""The first that has checksums."""
_LINE = re.compile(rb'(\{.*), "sha256": "([0-9a-f]{16})"\}', re.DOTALL)


class Entry(NamedTuple):
    """One call of :mod:`prh.tracking.calls`; ``line`` counts from one."""

    call: str
    values: dict[str, Any]
    line: int


class Record(NamedTuple):
    """What a journal holds.

    Attributes:
        opened: How the run was opened.
        entries: What was or was to be sent.
        notices: What a person should know of the file.
    """

    opened: dict[str, Any]
    entries: list[Entry]
    notices: list[str]


class Journal:
    """Writes the file.

    Args:
        path: Where to; what is there is replaced.
        opened: How the run was opened.

    Raises:
        ConfigError: The run's folder cannot be written to.
    """

    def __init__(self, path: Path, opened: dict[str, Any]) -> None:
        self.path = path
        self._chain = b""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
        except OSError as error:
            raise self._full(error) from error
        self._append({"format": FORMAT, **opened})

    def write(self, call: str, values: dict[str, Any]) -> None:
        """Adds one entry.

        Raises:
            ConfigError: The run's folder cannot be written to any more.
        """
        self._append({"call": call, "values": values})

    def _append(self, entry: dict[str, Any]) -> None:
        body = json.dumps(entry).encode()[:-1]
        digest = _digest(self._chain, body)
        try:
            with self.path.open("ab") as stream:
                stream.write(body + b', "sha256": "' + digest + b'"}\n')
        except OSError as error:
            raise self._full(error) from error
        self._chain = digest

    def _full(self, error: OSError) -> ConfigError:
        return ConfigError(
            "output_dir",
            f"cannot write to {self.path} ({error.strerror})",
            "Make room, or name another folder",
        )


def read(path: Path) -> Record:
    """Reads a run's file.

    Raises:
        PrhError: There is none, or it is damaged; the message names the line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PrhError(
            f"there is no {path} to read ({error.strerror}); give the output folder of a run"
        ) from error
    bodies, notices = _checked(path, content)
    if not bodies or "run_id" not in bodies[0]:
        raise PrhError(f"{path} does not start with a run")
    if len(bodies) > 1 and not set(bodies[0]) >= OPENED:
        raise _damaged(path, 1)
    entries = [_entry(path, body, number) for number, body in enumerate(bodies[1:], start=2)]
    ends = [entry.line for entry in entries if entry.call == "end"]
    if ends and ends[0] != len(bodies):
        raise _damaged(path, ends[0] + 1)
    if not ends:
        notices.append(f"{path} stops after line {len(bodies)}, without the run's end")
    return Record(bodies[0], entries, notices)


def _checked(path: Path, content: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """Returns the entries whose checksums are right, and what is to be said of the last."""
    *lines, rest = content.split(b"\n")
    summed = any(_LINE.match(line) for line in [*lines, rest]) or b'"format": ' in (lines or [rest])[0]
    bodies: list[dict[str, Any]] = []
    notices = [] if summed else [f"{path} was written by an earlier version of prh, without checksums"]
    chain = b""
    for number, line in enumerate([*lines, rest], start=1):
        if number > len(lines) and not line:
            break
        body, chain = _summed(line, chain) if summed else (line, b"")
        entry = _parsed(body)
        if entry is not None:
            bodies.append(entry)
            if number > len(lines):
                notices.append(f"{path}: line {number}, the last, lacks its end of line")
        elif number > len(lines) and _half_written(line) and number > 1:
            notices.append(f"{path}: line {number}, the last, is half-written and left out")
        else:
            raise _damaged(path, number)
    return bodies, notices


def _summed(line: bytes, chain: bytes) -> tuple[bytes | None, bytes]:
    """Returns a line without its checksum, None if that is wrong, and the checksum."""
    match = _LINE.fullmatch(line)
    if match is None or match[2] != _digest(chain, match[1]):
        return None, b""
    return match[1] + b"}", match[2]


def _parsed(body: bytes | None) -> dict[str, Any] | None:
    try:
        entry = None if body is None else json.loads(body)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _entry(path: Path, body: dict[str, Any], number: int) -> Entry:
    call, values = body.get("call"), body.get("values")
    if call not in CALLS or not isinstance(values, dict):
        raise _damaged(path, number)
    return Entry(call, values, number)


def _half_written(line: bytes) -> bool:
    start = b'{"call": "'
    return (line.startswith(start) or start.startswith(line)) and _LINE.match(line) is None


def _digest(chain: bytes, body: bytes) -> bytes:
    return sha256(chain + body).hexdigest()[:16].encode()


def _damaged(path: Path, number: int) -> PrhError:
    return PrhError(f"{path} is damaged in line {number}; what MLflow has of the run already stays as it is")
