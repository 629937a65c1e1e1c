"""A file of the cache is what was written, or it is made again."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest

from prh.errors import ConfigError
from prh.ground.kept import KeptFiles
from tests.conftest import Listening, small_files

CONTENT = bytes(range(256)) * 20
DAMAGE = {
    "cut short": lambda content: content[: len(content) // 2],
    "emptied": lambda content: b"",
    "a byte flipped": lambda content: bytes([*content[:99], content[99] ^ 4, *content[100:]]),
    "replaced": lambda content: b"something else, of the same kind",
}


class Maker:
    def __init__(self):
        self.made = 0

    def __call__(self):
        self.made += 1
        return CONTENT


@pytest.fixture
def report():
    return Listening()


def files(folder, report):
    return KeptFiles(folder, ".bin", "cache_dir", report)


def test_a_file_is_made_once(tmp_path, report):
    make = Maker()
    first = files(tmp_path / "new", report).read_or_make("some-name", make)
    again = files(tmp_path / "new", report).read_or_make("some-name", make)
    assert (make.made, report.warnings) == (1, [])
    assert first == again
    assert first.path.read_bytes() == first.content == CONTENT
    assert files(tmp_path / "new", report).read("some") is None


def test_who_waits_for_another_process_is_told_so(tmp_path, report, monkeypatch):
    monkeypatch.setattr("prh.ground.files.SOON_S", 0.05)
    kept, release = files(tmp_path, report), Event()

    def slowly():
        release.wait(10)
        return CONTENT

    with ThreadPoolExecutor() as pool:
        other = pool.submit(files(tmp_path, Listening()).read_or_make, "name", slowly)
        while not list(tmp_path.glob(".*.lock")):
            sleep(0.01)
        mine = pool.submit(kept.read_or_make, "name", Maker())
        while not report.notes:
            sleep(0.01)
        release.set()
        assert mine.result().path == other.result().path
    assert report.notes == ["another process is making name; waiting for it"]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_named_once_and_made_again(damage, tmp_path, report):
    make = Maker()
    victim = files(tmp_path, report).read_or_make("name", make).path
    victim.write_bytes(damage(CONTENT))
    assert files(tmp_path, report).read_or_make("name", make).content == CONTENT
    assert files(tmp_path, report).read_or_make("name", make).content == CONTENT
    assert make.made == 2
    assert report.warnings == [f"{victim} is damaged; it is made again"]


def test_a_file_of_the_same_kind_in_anothers_place_is_found_out(tmp_path, report):
    kept = files(tmp_path, report)
    one, other = kept.write("one", b"1" * 99), kept.write("other", b"2" * 99)
    one.path.write_bytes(other.content)
    assert files(tmp_path, report).read("one") is None
    assert files(tmp_path, report).read("other").content == other.content


def test_a_file_that_cannot_be_read_stays_and_another_is_made_beside_it(unprivileged, report):
    make = Maker()
    hidden = files(unprivileged, report).read_or_make("name", make).path
    hidden.chmod(0)
    for _ in range(2):
        assert files(unprivileged, report).read_or_make("name", make).content == CONTENT
    assert make.made == 2
    assert report.warnings == [
        f"{hidden} cannot be read (Permission denied); it stays, and is made again beside it"
    ]
    hidden.chmod(0o600)
    assert hidden.read_bytes() == CONTENT


def test_a_damaged_file_in_a_read_only_folder_is_one_line(unprivileged, report):
    victim = files(unprivileged, report).read_or_make("name", Maker()).path
    victim.write_bytes(b"")
    unprivileged.chmod(0o500)
    make = Maker()
    with pytest.raises(ConfigError, match=r"^cache_dir: cannot write"):
        files(unprivileged, report).read_or_make("name", make)
    assert make.made == 0
    assert victim.exists()


def test_a_file_that_went_after_it_was_listed_is_made_again(tmp_path, report):
    kept = files(tmp_path, report)
    kept.read_or_make("name", Maker()).path.unlink()
    assert kept.read_or_make("name", Maker()).content == CONTENT
    assert report.warnings == []


def test_a_file_too_large_for_the_limit_leaves_nothing(tmp_path, report):
    with pytest.raises(ConfigError, match=r"^cache_dir: .*File too large"), small_files(1000):
        files(tmp_path, report).read_or_make("name", Maker())
    assert [path.name for path in tmp_path.iterdir()] == [".name.lock"]
