"""What a run writes as tables."""

import csv

import pytest

from prh.findings.tables import write_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula_to_a_spreadsheet(tmp_path, start):
    text = f"{start}HYPERLINK(1)"
    write_csv(tmp_path / "deep" / "t.csv", ["class", text], [[text, -1.5], [f"a{start}b", -2]])
    with (tmp_path / "deep" / "t.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    assert rows == [["class", f"'{text}"], [f"'{text}", "-1.5"], [f"a{start}b", "-2"]]
