"""Stamps are found, fetched once, and trusted by their content alone."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from prh.errors import ConfigError
from prh.stimuli import tuxpaint_files
from prh.stimuli.tuxpaint_files import listed, stamps_at_hand
from tests.conftest import Listening


@dataclass
class Package:
    """Stands where Debian's package would."""

    folder: Path
    content: Path
    name: str = "toys"
    times: int = 0

    def fetched(self, scratch, advance):
        self.times += 1
        if not self.content.exists():
            raise RuntimeError("E: no network")
        advance(self.content.stat().st_size)
        return Path(shutil.copytree(self.content, scratch / "unpacked"))


@pytest.fixture
def package(tmp_path, monkeypatch):
    content = tmp_path / "content"
    (content / "animals").mkdir(parents=True)
    for name in ("cat.txt", "cat.png", "cat_desc_fr.ogg", "cat.dat"):
        (content / "animals" / name).write_text(name)
    sums = stamps_at_hand(str(content), tmp_path, Listening()).sums
    monkeypatch.setattr(tuxpaint_files, "SUMS_SHA256", hashlib.sha256(listed(sums)).hexdigest())
    package = Package(tmp_path / "system", content)
    monkeypatch.setattr(tuxpaint_files, "PACKAGE", package)
    return package


def test_the_list_is_what_sha256sum_writes(package, tmp_path):
    sums = stamps_at_hand(None, tmp_path / "data", Listening()).sums
    assert sorted(sums) == ["animals/cat.png", "animals/cat.txt", "animals/cat_desc_fr.ogg"]
    assert sums["animals/cat.txt"] == hashlib.sha256(b"cat.txt").hexdigest()
    assert listed(sums).splitlines()[1].decode() == f"{sums['animals/cat.txt']}  animals/cat.txt"


def test_stamps_are_fetched_once_and_whole(package, tmp_path):
    for _ in range(2):
        found = stamps_at_hand(None, tmp_path / "data", Listening())
        assert (found.folder / "animals/cat.txt").read_text() == "cat.txt"
        assert found.source == "apt:toys"
    assert package.times == 1
    assert not list((tmp_path / "data/tuxpaint").glob(".part-*"))


def test_an_installed_package_goes_first(package, tmp_path):
    shutil.copytree(package.content, package.folder)
    found = stamps_at_hand(None, tmp_path / "data", Listening())
    assert (found.folder, found.source, package.times) == (package.folder, "debian:toys", 0)


def test_an_installed_package_of_another_version_is_passed_over(package, tmp_path):
    shutil.copytree(package.content, package.folder)
    (package.folder / "animals/cat.png").write_text("another")
    assert stamps_at_hand(None, tmp_path / "data", Listening()).source == "apt:toys"


@pytest.mark.parametrize("harm", ["changed", "removed", "added"])
def test_a_damaged_copy_is_named_and_fetched_again(harm, package, tmp_path):
    report = Listening()
    victim = stamps_at_hand(None, tmp_path / "data", report).folder / "animals/cat.png"
    if harm == "added":
        victim = victim.with_name("dog.png")
    if harm == "removed":
        victim.unlink()
    else:
        victim.write_text("harm")
    found = stamps_at_hand(None, tmp_path / "data", report)
    assert report.warnings == [f"{victim} is damaged (the SHA-256 is wrong); fetching the stamps again"]
    assert (found.folder / "animals/cat.png").read_text() == "cat.png"
    assert package.times == 2


def test_a_damaged_list_names_nothing_and_is_not_believed(package, tmp_path):
    report = Listening()
    kept = stamps_at_hand(None, tmp_path / "data", report).folder
    kept.with_name("stamps.sha256").write_text("x")
    assert not report.warnings
    (kept / "animals/cat.png").write_text("harm")
    stamps_at_hand(None, tmp_path / "data", report)
    assert report.warnings == [f"{kept} is damaged (the SHA-256 is wrong); fetching the stamps again"]


def test_what_comes_with_another_content_is_refused_and_nothing_is_left(package, tmp_path):
    (package.content / "animals/cat.png").write_text("another")
    with pytest.raises(ConfigError, match=r"dataset\.path: .*are not those of version") as caught:
        stamps_at_hand(None, tmp_path / "data", Listening())
    assert "\n" not in str(caught.value)
    assert [path.name for path in (tmp_path / "data/tuxpaint").iterdir()] == [".lock"]


def test_without_any_source_the_remedy_is_named(package, tmp_path):
    shutil.rmtree(package.content)
    with pytest.raises(
        ConfigError, match=r"\(not installed\) or apt \(E: no network\).*dataset\.path=FOLDER"
    ):
        stamps_at_hand(None, tmp_path / "data", Listening())


def test_a_file_that_cannot_be_read_is_named(unprivileged):
    (unprivileged / "hidden.png").touch(mode=0)
    with pytest.raises(
        ConfigError, match=r"^dataset\.path: .*hidden\.png cannot be read \(Permission denied\)"
    ):
        stamps_at_hand(str(unprivileged), unprivileged, Listening())
