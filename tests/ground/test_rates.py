"""How long work took is kept, and forgiven where it cannot be."""

import pytest

from prh.ground.kept import KeptFiles, NotKept, looking_only
from prh.ground.progress import Silent
from prh.ground.rates import FEWEST, FILE, note_rate, rate_of


def test_the_last_measurement_counts_and_short_work_does_not(tmp_path):
    assert rate_of(tmp_path, "resnet18") is None
    note_rate(tmp_path, "resnet18", 100, 50.0)
    note_rate(tmp_path, "pixels", 100, 1.0)
    note_rate(tmp_path, "resnet18", 200, 10.0)
    note_rate(tmp_path, "resnet18", FEWEST - 1, 99.0)
    assert rate_of(tmp_path, "resnet18").seconds_for(1000) == pytest.approx(50.0)
    assert rate_of(tmp_path, "pixels").seconds_for(50) == pytest.approx(0.5)


@pytest.mark.parametrize("content", ["", "[1]", "{", "\x00"])
def test_a_damaged_file_is_as_good_as_none(tmp_path, content):
    (tmp_path / FILE).write_text(content)
    assert rate_of(tmp_path, "resnet18") is None
    note_rate(tmp_path, "resnet18", 100, 50.0)
    assert rate_of(tmp_path, "resnet18").units == 100


def test_a_folder_that_cannot_be_written_to_costs_no_run(unprivileged):
    unprivileged.chmod(0o555)
    note_rate(unprivileged, "resnet18", 100, 50.0)
    assert rate_of(unprivileged, "resnet18") is None


def test_who_only_looks_makes_nothing(tmp_path):
    files = KeptFiles(tmp_path / "kept", ".png", "cache_dir", Silent())
    with looking_only(), pytest.raises(NotKept):
        files.read_or_make("picture", lambda: pytest.fail("made"))
    assert not (tmp_path / "kept").exists()
    assert files.read_or_make("picture", lambda: b"made").content == b"made"
    with looking_only():
        assert files.read_or_make("picture", lambda: b"again").content == b"made"
