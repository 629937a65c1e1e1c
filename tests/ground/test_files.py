"""Files appear whole or not at all, with the modes that the umask says, and what refuses them is one line."""

import os
import stat
from pathlib import Path

import pytest

from prh.errors import ConfigError
from prh.ground.files import locked, refused_by_disk, writable_folder, writing, written_whole
from tests.conftest import small_files


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize(("mask", "expected"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_files_have_the_mode_that_the_umask_says(mask, expected, umask, tmp_path):
    umask(mask)
    with written_whole(tmp_path / "file") as part:
        part.write_text("x")
    assert mode(tmp_path / "file") == expected


def test_a_lock_can_be_opened_by_others_whatever_the_umask(umask, unprivileged):
    umask(0o077)
    with locked(unprivileged / "lock", "cache_dir"):
        pass
    assert mode(unprivileged / "lock") == 0o666


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path):
    (tmp_path / "file").write_text("old")

    def interrupted():
        with written_whole(tmp_path / "file") as part:
            part.write_text("half of the n")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_a_file_that_is_too_large_is_one_line_and_leaves_nothing(tmp_path):

    def write():
        with writing(tmp_path, "cache_dir"), written_whole(tmp_path / "file") as part:
            part.write_bytes(bytes(2000))

    with (
        pytest.raises(ConfigError, match=r"^cache_dir: .* \(File too large\)\. .*ulimit -f"),
        small_files(1000),
    ):
        write()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("take", [writable_folder, lambda path, key: locked(path / "lock", key).__enter__()])
def test_a_folder_that_is_read_only_is_named_by_its_key(take, unprivileged):
    unprivileged.chmod(0o500)
    with pytest.raises(ConfigError, match=r"^data_dir: cannot write to .* \(Permission denied\)"):
        take(unprivileged / "folder", "data_dir")


def test_a_disk_that_refuses_somewhere_is_one_line():
    @refused_by_disk("output_dir")
    def write():
        Path("/dev/full").write_bytes(b"x")

    with pytest.raises(ConfigError, match=r"^output_dir: cannot write \(No space left on device\)\. Free"):
        write()


def test_what_is_not_the_disks_fault_is_not_called_so():
    with pytest.raises(FileNotFoundError), refused_by_disk("output_dir"):
        Path("/nowhere").read_bytes()
