"""Bars of work that a person waits for."""

from io import StringIO

import pytest
from rich.console import Console

from prh.console.terminal import Terminal


@pytest.mark.parametrize("total", [0, 9])
def test_a_bar_ends_where_the_work_ended(total):
    terminal = Terminal()
    terminal.err = Console(record=True, width=90, file=StringIO())
    with terminal.progress("Comparing", total, "draws") as advance:
        advance(4)
    line = terminal.err.export_text().splitlines()[-1]
    assert line.startswith("  Comparing"), "no spinner is left turning"
    assert "/9" not in line
