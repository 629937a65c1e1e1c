"""Scores are whole in a terminal of any width, through a pipe and in a log."""

import pytest

from prh.console.results import Results

NUMBERS = ["−0.423", "[−0.267, 0.827]", "0.00536 exact", "−0.001 ± 0.161"]
ROWS = [
    ["last: vision_model.encoder.layers.11.layer_norm2 × 最後の層", *NUMBERS],
    ["of it explained by [classes]", "69%", "", "", ""],
]
COLUMNS = ["layers", "score", "95% interval", "p", "null"]
RESULTS = Results("RSA", COLUMNS, {"a × b": ROWS, "b × c": ROWS[:1]}, "caption", {"a × b": ["a remark"]})


def shown(width):
    return [line for _, line in RESULTS.lines(width)]


@pytest.mark.parametrize("width", [None, 200, 100, 80, 76])
def test_no_column_is_lost_at_any_width(width):
    lines = "\n".join(shown(width)).splitlines()
    assert sum(all(number in line for number in NUMBERS) for line in lines) == 2
    assert any(line.split() == " ".join(COLUMNS).split() for line in lines)
    assert "[classes]" in "\n".join(lines)
    assert all(line == line.rstrip() for line in lines)
    assert width is None or max(map(len, lines)) <= width


def test_words_are_broken_and_numbers_are_not_where_there_is_no_room():
    lines = "\n".join(shown(20)).splitlines()
    assert sum(all(number in line for number in NUMBERS) for line in lines) == 2
    first = [line[:16].strip() for line in lines[lines.index("a × b") + 2 :]]
    assert (
        "".join(first).replace(" ", "").startswith("last:vision_model.encoder.layers.11.layer_norm2×最後の層")
    )


def test_remarks_stand_below_their_section():
    lines = shown(None)
    assert lines.index("a remark") < lines.index("\nb × c")
    assert lines[-1] == "caption"
