"""What a full or read-only disk, or a limit on file sizes, does to the files of a run."""

import numpy as np
import pytest

from prh.figures import style
from prh.findings.tables import write_csv
from tests.conftest import small_files


def figure(folder):
    drawn, axes = style.subplots()
    axes[0, 0].plot(np.random.default_rng(0).normal(size=500))
    style.save(drawn, folder / "figure", 100)


def table(folder):
    write_csv(folder / "table.csv", ["a"], [["x" * 3000]])


@pytest.mark.parametrize("write", [figure, table])
def test_a_file_that_is_too_large_leaves_nothing(write, tmp_path):
    with pytest.raises(OSError, match="File too large"), small_files(2000):
        write(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_run_whose_folder_cannot_be_made_is_one_line(prh, runs):
    outcome = prh("output_dir=/sys/prh")
    assert outcome.code == 2
    (line,) = (line for line in outcome.err.splitlines() if line.strip())
    assert line.startswith("error output_dir: cannot write to /sys/prh (")
    _, found = runs()
    assert not found
