"""What of a person's folder is data, and what is said of the rest."""

import os
import socket
import unicodedata

import pytest
import soundfile
from PIL import Image

from prh.errors import ConfigError
from prh.ground.build import call
from prh.stimuli import AudioFolder, CaptionedFolder, ImageFolder
from prh.stimuli.names import plain, short
from prh.stimuli.tree import problem_of, tree_of
from tests.conftest import Listening

LEFTOVERS = (
    *(".DS_Store", "a/._p.png", "a/.hidden.png", "__MACOSX/a/p.png", ".ipynb_checkpoints/p-checkpoint.png"),
    *("a/Thumbs.db", "a/THUMBS.DB", "Desktop.ini", "a/@eaDir/p.png/SYNOPHOTO_THUMB_M.png", "#recycle/p.png"),
    *("$RECYCLE.BIN/p.png", "a/.ipynb_checkpoints/p.png", ".git/p.png", "a/Icon\r"),
)


def picture(path, shade=9):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (12, 9), (shade, shade, shade)).save(path, "PNG")
    return path


@pytest.fixture
def folder(tmp_path):
    """Two classes of two pictures."""
    for shade, name in enumerate(("a/p.png", "a/q.png", "b/p.png", "b/q.png")):
        picture(tmp_path / "pics" / name, 40 * shade)
    return tmp_path / "pics"


def drawn(folder, heard=None, **options):
    return ImageFolder(str(folder), size=8, **options).draw(0, folder, heard or Listening())


@pytest.mark.parametrize("name", LEFTOVERS)
def test_what_systems_leave_behind_is_nothing_and_not_worth_a_word(folder, name):
    picture(folder / name)
    heard = Listening()
    found = drawn(folder, heard)
    assert (len(found), found.class_names, heard.warnings) == (4, ("a", "b"), [])


@pytest.mark.parametrize("leftover", ["a/._p.png", "__MACOSX/p.png", "a/@eaDir/p.png"])
def test_they_are_nothing_among_captions_and_recordings_either(folder, tmp_path, leftover):
    (folder / "captions.csv").write_text(
        "image,caption\na/p.png,one\na/q.png,two\nb/p.png,three\nb/q.png,four"
    )
    heard = Listening()
    picture(folder / leftover)
    assert len(CaptionedFolder(str(folder), size=8).draw(0, tmp_path, heard)) == 4
    assert heard.warnings == []
    sounds = tmp_path / "sounds"
    for name in ("a/p.wav", "b/p.WAV", leftover.replace("png", "wav")):
        (sounds / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(sounds / name, [0.1, -0.1] * 4000, 8000, format="WAV")
    assert len(AudioFolder(str(sounds), seconds=0.5, size=8).draw(0, tmp_path, heard)) == 4


def test_what_is_left_out_is_counted_in_one_line(folder):
    for name in ("a/x.heic", "b/y.HEIC", "b/notes.txt", "README", "c/z.raw"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    picture(folder / "beside.png")
    os.mkfifo(folder / "a" / "pipe.png")
    (folder / "empty").mkdir()
    heard = Listening()
    assert len(drawn(folder, heard)) == 4
    (line,) = heard.warnings
    for part in ("2 .heic", "1 .txt", "1 .png", "1 .raw", "1 without an ending", "1 FIFOs", "in c, empty"):
        assert part in line


def test_fifos_sockets_and_devices_are_never_opened(folder, monkeypatch):
    os.mkfifo(folder / "a" / "fifo.png")
    (folder / "b" / "null.png").symlink_to("/dev/zero")
    monkeypatch.chdir(folder / "b")
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("socket.png")
        assert len(drawn(folder)) == 4
    assert problem_of(folder / "a" / "fifo.png") == "no file"


def test_linked_folders_and_files_are_followed(folder, tmp_path):
    picture(tmp_path / "elsewhere" / "deep" / "p.png", 200)
    (folder / "c").symlink_to(tmp_path / "elsewhere")
    (folder / "a" / "linked.png").symlink_to("../b/p.png")
    found = drawn(folder)
    assert sorted(found.names) == ["a/linked.png", "a/p.png", "a/q.png", "b/p.png", "b/q.png", "c/deep/p.png"]


@pytest.mark.parametrize("target", ["..", ".", "../..", "../b/up"])
def test_links_that_lead_back_are_refused(folder, target):
    (folder / "b" / "up").symlink_to(folder.parent)
    if target != "../b/up":
        (folder / "b" / "up").unlink()
        picture(folder / "a" / "deep" / "p.png")
    (folder / "a" / "loop").symlink_to(target)
    with pytest.raises(ConfigError, match=r"dataset\.path: the link .*(loop|up).* leads back to"):
        drawn(folder)


@pytest.mark.parametrize("target", ["nowhere.png", "broken.png"])
def test_links_that_lead_nowhere_are_bad_files(folder, target):
    (folder / "a" / "broken.png").symlink_to(target)
    with pytest.raises(ConfigError, match=r"dataset\.bad_files: 1 of .*a/broken\.png"):
        drawn(folder)
    assert len(drawn(folder, bad_files="skip")) == 4


def test_folders_named_as_pictures_are_folders(folder):
    picture(folder / "b" / "p2.png" / "inner.PNG")
    assert "b/p2.png/inner.PNG" in drawn(folder).names


def test_names_become_text_that_can_be_printed_and_read(folder, tmp_path):
    strange = {
        "new\nline": "new line",
        "bell\x07": "bell\ufffd",
        os.fsdecode(b"latin\xe4"): "latin\ufffd",
        unicodedata.normalize("NFD", "Füchse"): "Füchse",
        "x" * 255: "x" * 255,
    }
    for name in strange:
        picture(folder / name / f"{name[:200]}.png")
    found = drawn(folder)
    assert set(found.class_names) == {"a", "b", *strange.values()}
    for text in (*found.names, *found.class_names, found.fingerprint):
        assert text.encode("utf-8").decode().isprintable()


@pytest.mark.parametrize("name", ["x" * 255, "ü" * 120, os.fsdecode(b"\xe4" * 100), "a\nb"])
def test_the_outer_folders_name_may_be_anything(tmp_path, name):
    for number in range(2):
        picture(tmp_path / name / str(number) / "p.png", number)
    found = drawn(tmp_path / name)
    (tmp_path / found.fingerprint).write_text("fits a file system")
    assert found.name.encode("utf-8").decode().isprintable()


def test_short_names_are_not_cut_within_a_letter():
    assert short("ü" * 80) == "ü" * 40
    assert short("a/b") == "a_b"
    assert plain("a \t\n b\ud800") == "a b\ufffd"


def test_a_name_that_cannot_be_is_refused_by_its_key(tmp_path):
    for path in ("x" * 300, "a\0b", "~nobody-of-this-name/x"):
        with pytest.raises(ConfigError, match=r"dataset\.path"):
            call(ImageFolder, {"path": path}, "dataset").draw(0, tmp_path, Listening())


def test_files_come_in_one_order(folder):
    tree = tree_of(folder)
    assert tree.files == sorted(tree.files)
    assert [path.name for path in tree.folders] == ["a", "b"]
