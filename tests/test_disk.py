"""What a full or read-only disk, or a limit on file sizes, does to the files of a run."""

import numpy as np
import pytest

from prh.figures import style
from prh.results import write_csv


def figure(folder):
    drawn, axes = style.subplots()
    axes[0, 0].plot(np.random.default_rng(0).normal(size=500))
    style.save(drawn, folder / "figure", 100)


def table(folder):
    write_csv(folder / "table.csv", ["a"], [["x" * 3000]])


@pytest.mark.parametrize("write", [figure, table])
def test_a_file_that_is_too_large_leaves_nothing(write, small_files, tmp_path):
    small_files(2000)
    with pytest.raises(OSError, match="File too large"):
        write(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_run_whose_folder_takes_no_files_is_one_line(prh, small_files, runs):
    small_files(0)
    outcome = prh("output_dir=out")
    small_files(-1)
    assert outcome.code == 2
    assert [line for line in outcome.err.splitlines() if line.strip()] == [
        *[line for line in outcome.err.splitlines() if "output_dir" in line and "File too large" in line]
    ]
    _, found = runs()
    assert not found
