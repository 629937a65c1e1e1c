"""No damage to a run's file passes unnoticed; what can be read of it is right."""

import json
import random

import pytest

from prh.errors import PrhError
from prh.tracking.calls import JOURNAL
from prh.tracking.journal import Journal, read
from prh.tracking.upload import upload

OPENED = {
    "run_id": "a" * 32,
    "time_ms": 1,
    "uri": "sqlite:///x.db",
    "experiment": "prh",
    "run_name": "r",
    "tags": {},
}


@pytest.fixture
def path(tmp_path):
    journal = Journal(tmp_path / JOURNAL, OPENED)
    for number in range(6):
        journal.write("tags", {"values": {f"t{number}": "“quoted” \n\\ é"}})
    journal.write("metrics", {"values": [["m", 0.1, 0]], "time_ms": 2})
    journal.write("artifacts", {"folder": "out"})
    journal.write("end", {"status": "FINISHED", "time_ms": 3})
    return tmp_path / JOURNAL


def test_what_was_written_is_read(path):
    opened, entries, notices = read(path)
    assert opened.items() >= OPENED.items()
    assert [entry.call for entry in entries] == ["tags"] * 6 + ["metrics", "artifacts", "end"]
    assert entries[2].values == {"values": {"t2": "“quoted” \n\\ é"}}
    assert [entry.line for entry in entries] == list(range(2, 11))
    assert notices == []
    assert [json.loads(line).get("call") for line in path.read_text().splitlines()][1] == "tags"


def noticed(path):
    """Says whether reading the file raises, or tells, something that names a line."""
    try:
        return any(" line " in notice for notice in read(path).notices)
    except PrhError as error:
        return " line " in str(error) or "does not start with a run" in str(error)


def changed(content, draw):
    """Returns the file damaged in every way there is, many times each."""
    lines = content.splitlines(keepends=True)
    for _ in range(300):
        at, bit = draw.randrange(len(content)), 1 << draw.randrange(8)
        yield content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]
    for _ in range(100):
        at, upto = sorted(draw.sample(range(len(content) + 1), 2))
        yield content[:at] + content[upto:]
        yield content[:at] + bytes(upto - at) + content[upto:]
        yield content[:at] + content[at:upto] * 2 + content[upto:]
        yield content[:at] + draw.choice([b"\n", b" ", b"\r", b"\0", b"{}", b"\n{}\n"]) + content[at:]
    for first in range(len(lines)):
        yield b"".join(lines[:first])
        yield b"".join([*lines[:first], *lines[first + 1 :]])
        yield b"".join([*lines[: first + 1], *lines[first:]])
        for second in range(first):
            moved = list(lines)
            moved[first], moved[second] = moved[second], moved[first]
            yield b"".join(moved)
    yield content.replace(b"\n", b"\r\n")
    yield content + b"{}"
    yield content + b"\n"


def test_no_damage_passes_unnoticed(path):
    content, unnoticed = path.read_bytes(), []
    for damaged in changed(content, random.Random(0)):
        path.write_bytes(damaged)
        if damaged != content and not noticed(path):
            unnoticed.append(damaged)
    assert unnoticed == []


def test_a_killed_process_may_leave_its_last_line_half_written(path):
    *lines, _ = path.read_bytes().splitlines(keepends=True)
    for kept in (1, 9, 30, len(lines[-1]) - 30):
        path.write_bytes(b"".join([*lines[:-1], lines[-1][:kept]]))
        _, entries, notices = read(path)
        assert len(entries) == len(lines) - 2
        assert f"line {len(lines)}, the last, is half-written" in notices[0]


def test_a_file_of_an_earlier_version_is_read_and_said_to_be(path):
    old = [json.loads(line) for line in path.read_text().splitlines()]
    for entry in old:
        entry.pop("sha256")
    old[0].pop("format")
    path.write_text("".join(json.dumps(entry) + "\n" for entry in old))
    record = read(path)
    assert len(record.entries) == 9
    assert "without checksums" in record.notices[0]


@pytest.mark.parametrize(
    "entry",
    [
        '{"call": "shell", "values": {}}',
        '{"call": "tags"}',
        '{"call": "tags", "values": 3}',
        '{"call": "tags", "values": {"x": 1}}',
        '{"call": "tags", "values": {"values": 7}}',
        '{"call": "metrics", "values": {"values": [["m"]], "time_ms": 1}}',
        "[]",
    ],
)
def test_nonsense_without_checksums_is_an_error_with_its_line(workplace, entry):
    first = json.dumps({**OPENED, "uri": "sqlite:///mlruns/mlflow.db"})
    (workplace / JOURNAL).write_text(f"{first}\n{entry}\n")
    with pytest.raises(PrhError, match="line 2"):
        upload(workplace)


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PrhError, match=r"^output_dir: cannot write to"):
        Journal(tmp_path / "file" / JOURNAL, OPENED)
