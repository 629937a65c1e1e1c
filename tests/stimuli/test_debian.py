"""Packages of Debian's, made by the tests and handed out by an apt of theirs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from prh.ground.files import sha256_of
from prh.stimuli.debian import DebianPackage

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg here")
FOLDER = Path("/usr/share/toys")


@pytest.fixture
def archive(tmp_path):
    """A package with one file."""
    made = tmp_path / "made"
    (made / "DEBIAN").mkdir(parents=True)
    control = "Package: toys\nVersion: 1\nArchitecture: all\nMaintainer: n\nDescription: d\n"
    (made / "DEBIAN" / "control").write_text(control)
    (made / "usr/share/toys").mkdir(parents=True)
    (made / "usr/share/toys/ball").write_text("round")
    subprocess.run(["dpkg-deb", "-b", made, tmp_path / "toys_1_all.deb"], check=True, capture_output=True)
    return tmp_path / "toys_1_all.deb"


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """Puts a script in apt-get's place."""

    def becomes(script):
        command = tmp_path / "bin" / "apt-get"
        command.parent.mkdir(exist_ok=True)
        command.write_text(f"#!/bin/sh\n{script}\n")
        command.chmod(0o755)
        monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")

    return becomes


@pytest.fixture
def scratch(tmp_path):
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


def test_a_package_is_downloaded_verified_and_unpacked(archive, apt, scratch):
    apt(f"cp {archive} . && sleep 0.5")
    came = []
    found = DebianPackage("toys", FOLDER, sha256_of(archive)).fetched(scratch, came.append)
    assert (found / "ball").read_text() == "round"
    assert sum(came) == archive.stat().st_size


def test_lists_that_were_never_fetched_are(archive, apt, scratch):
    apt(f'case "$*" in *update*) touch known;; *) test -e known && cp {archive} .;; esac')
    assert (DebianPackage("toys", FOLDER).fetched(scratch) / "ball").exists()


def test_an_archive_with_another_content_is_refused(archive, apt, scratch):
    apt(f"cp {archive} .")
    with pytest.raises(RuntimeError, match=r"toys_1_all\.deb from there has the wrong SHA-256"):
        DebianPackage("toys", FOLDER, "0" * 64).fetched(scratch)
    assert not (scratch / "unpacked").exists()


def test_what_apt_says_last_is_the_reason(apt, scratch):
    apt("echo 'Reading lists' >&2; echo 'E: no network' >&2; exit 100")
    with pytest.raises(RuntimeError, match=r"^E: no network$"):
        DebianPackage("toys", FOLDER).fetched(scratch)


def test_a_download_that_never_ends_is_given_up(apt, scratch, monkeypatch):
    monkeypatch.setattr("prh.stimuli.debian.LONGEST_S", 0.3)
    apt("exec sleep 30")
    with pytest.raises(RuntimeError, match="takes more than"):
        DebianPackage("toys", FOLDER).fetched(scratch)


def test_an_installed_package_is_where_it_says(tmp_path):
    assert DebianPackage("toys", tmp_path).installed() == tmp_path
    with pytest.raises(RuntimeError, match="not installed"):
        DebianPackage("toys", tmp_path / "none").installed()
