"""Tables of captions as spreadsheets, scripts and other systems write them."""

import os

import pytest
from PIL import Image

from prh.errors import ConfigError
from prh.stimuli import CaptionedFolder
from tests.conftest import Listening

CAPTIONS = {"a.png": "ein Bär, groß", "b.png": "two; semicolons", "c.png": "plain"}


@pytest.fixture
def folder(tmp_path):
    for shade, name in enumerate(CAPTIONS):
        Image.new("RGB", (9, 9), (60 * shade,) * 3).save(tmp_path / name)
    return tmp_path


def drawn(folder, heard=None, **options):
    return CaptionedFolder(str(folder), size=8, **options).draw(0, folder, heard or Listening())


def table(mark, ends="\n", header=("image", "caption")):
    rows = [header, *CAPTIONS.items()]
    return ends.join(mark.join(f'"{cell}"' for cell in row) for row in rows) + ends


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("captions.csv", table(",").encode("utf-8-sig")),
        ("captions.csv", table(";", "\r\n").encode("utf-8-sig")),
        ("captions.csv", table(";", "\r\n").encode("cp1252")),
        ("captions.csv", table("\t").encode("utf-16")),
        ("captions.csv", table("|", "\r").encode()),
        ("captions.csv", ("sep=;\r\n" + table(";", "\r\n")).encode()),
        ("captions.csv", ("\n" + table(",")).encode()),
        ("captions.csv", table(",", header=("File_Name", " Caption ")).encode()),
        ("captions.csv", table(",", header=("image", "caption\r\n")).encode()),
        ("captions.tsv", table("\t").encode()),
        (
            "captions.jsonl",
            "\r\n".join(f'{{"image": "{n}", "caption": ["{c}"]}}' for n, c in CAPTIONS.items()).encode(
                "utf-8-sig"
            ),
        ),
    ],
)
def test_every_dialect_says_the_same(folder, name, content):
    (folder / name).write_bytes(content)
    found = drawn(folder)
    assert dict(zip(found.names, found.captions, strict=True)) == CAPTIONS


def test_a_table_that_is_no_unicode_is_said_to_be_read_as_windows_writes(folder):
    (folder / "captions.csv").write_bytes(table(",").encode("latin-1"))
    heard = Listening()
    drawn(folder, heard)
    assert any("Windows-1252" in line for line in heard.warnings)


@pytest.mark.parametrize("upper", [False, True])
def test_text_beside_images_may_have_any_encoding_and_case(folder, upper):
    for name, caption in CAPTIONS.items():
        text = name.replace(".png", ".TXT" if upper else ".txt")
        (folder / text).write_bytes(caption.encode("cp1252" if upper else "utf-8-sig"))
    assert set(drawn(folder).captions) == set(CAPTIONS.values())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("image,caption\na.png,a dog, running", "line 2 has 3 cells, the first line 2"),
        ('image,caption\na.png,"never closed\nb.png,two', "cannot be read"),
        ("image,caption\n", "has no rows"),
        ("", "has no rows"),
    ],
)
def test_tables_that_mean_no_one_thing_are_refused(folder, content, words):
    (folder / "captions.csv").write_text(content)
    with pytest.raises(ConfigError, match=r"dataset\.table") as caught:
        drawn(folder)
    assert words in str(caught.value)


@pytest.mark.parametrize("line", ['{"image": "a.png"', "[1, 2]", "3", "null", '{"image"; 3}'])
def test_lines_that_are_no_objects_are_refused(folder, line):
    (folder / "captions.jsonl").write_text(f'{{"image": "a.png", "caption": "x"}}\n{line}\n')
    with pytest.raises(ConfigError, match=r"dataset\.table"):
        drawn(folder)


def test_names_in_the_folder_may_be_written_in_any_way(folder):
    (folder / "deep").mkdir()
    os.rename(folder / "a.png", folder / "deep" / "ä b.png")
    rows = [("deep\\ä b.png", "one"), (str(folder / "b.png"), "two"), ("deep/../c.png", "three")]
    rows += [("./c.png", "another of c")]
    (folder / "captions.csv").write_text("image,caption\n" + "\n".join(f"{n},{c}" for n, c in rows))
    assert sorted(drawn(folder).captions) == ["one", "three", "two"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../outside.png", "outside the folder"),
        ("/etc/hostname", "outside the folder"),
        ("deep/../../outside.png", "outside the folder"),
        ("x" * 300 + ".png", "name too long"),
        ("pipe.png", "no file"),
        ("", "no file"),
        ("deep", "no file"),
        ("nul\\0.png", "no such file"),
    ],
)
def test_names_that_are_no_files_of_the_folder_are_named(folder, name, problem):
    (folder / "deep").mkdir()
    Image.new("RGB", (9, 9)).save(folder.parent / "outside.png")
    os.mkfifo(folder / "pipe.png")
    (folder / "captions.csv").write_text(f'image,caption\na.png,one\n"{name}",two\n')
    with pytest.raises(ConfigError, match=r"dataset\.bad_files") as caught:
        drawn(folder)
    assert problem in str(caught.value).lower()
    assert len(str(caught.value)) < 400
    assert drawn(folder, bad_files="skip").captions == ("one",)
