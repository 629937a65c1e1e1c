"""Folders of a person's own images."""

import json

import numpy as np
import pytest
from PIL import Image

from prh.errors import ConfigError
from prh.stimuli import CaptionedFolder, ImageFolder
from tests.conftest import Listening


def paint(path, shade):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 12), (shade, shade, shade)).save(path)


@pytest.fixture
def classes(tmp_path):
    for number, name in enumerate(["cats", "dogs", "Füchse"]):
        for image in range(4):
            paint(tmp_path / name / f"{image}.png", 40 * number + image)
    return tmp_path


@pytest.fixture
def captioned(tmp_path):
    for image in range(6):
        paint(tmp_path / "images" / f"{image}.png", 10 * image)
    return tmp_path


def table(root, kind, rows):
    """Writes captions as CSV, TSV, JSON lines or text files."""
    if kind == "txt":
        for name, caption in rows:
            (root / name).with_suffix(".txt").write_text(caption + "\n", encoding="utf-8")
    elif kind == "jsonl":
        lines = [json.dumps({"file_name": name, "text": caption}) for name, caption in rows]
        (root / "metadata.jsonl").write_text("\n".join(lines), encoding="utf-8")
    else:
        mark = {"csv": ",", "tsv": "\t"}[kind]
        lines = [f"image{mark}caption", *(f'{name}{mark}"{caption}"' for name, caption in rows)]
        (root / f"captions.{kind}").write_text("\n".join(lines), encoding="utf-8")


ROWS = [(f"images/{image}.png", f"gray number {image}, ü") for image in range(6)]


def test_folders_are_classes(classes, tmp_path):
    found = ImageFolder(str(classes), size=8).draw(0, tmp_path, Listening())
    assert found.class_names == ("Füchse", "cats", "dogs")
    assert (len(found), found.images.shape) == (12, (12, 3, 8, 8))
    for name, label in zip(found.names, found.labels, strict=True):
        assert name.startswith(f"{found.class_names[label]}/")
    for image, label in zip(np.asarray(found.images), found.labels, strict=True):
        assert image.mean() // 40 == ["cats", "dogs", "Füchse"].index(found.class_names[label])


def test_a_changed_file_changes_the_fingerprint(classes, tmp_path):
    before = ImageFolder(str(classes)).draw(0, tmp_path, Listening())
    paint(classes / "cats" / "0.png", 200)
    assert ImageFolder(str(classes)).draw(0, tmp_path, Listening()).fingerprint != before.fingerprint


def test_bad_files_stop_or_are_left_out_by_name(classes, tmp_path):
    (classes / "dogs" / "1.png").write_bytes(b"no picture")
    with pytest.raises(ConfigError, match=r"dataset\.bad_files: 1 of .*dogs/1\.png.*bad_files=skip"):
        ImageFolder(str(classes)).draw(0, tmp_path, Listening())
    heard = Listening()
    found = ImageFolder(str(classes), bad_files="skip").draw(0, tmp_path, heard)
    assert len(found) == 11
    assert "dogs/1.png" in heard.warnings[0]
    assert len(ImageFolder(str(classes), n=11, bad_files="skip").draw(0, tmp_path, heard)) == 11
    with pytest.raises(ConfigError, match=r"dataset\.n: only 11 of the 12"):
        ImageFolder(str(classes), n=12, bad_files="skip").draw(0, tmp_path, heard)


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "txt"])
def test_captions_come_in_the_usual_layouts(captioned, kind, tmp_path):
    table(captioned, kind, ROWS)
    found = CaptionedFolder(str(captioned), size=8).draw(0, tmp_path, Listening())
    assert sorted(found.captions) == sorted(caption for _, caption in ROWS)
    for image, caption in zip(np.asarray(found.images), found.captions, strict=True):
        assert caption == f"gray number {image.mean() / 10:.0f}, ü"


@pytest.mark.parametrize(
    ("extra", "named"),
    [(("images/9.png", "a ghost"), "images/9.png (no such file)"), (("images/5.png", " "), "5.png (empty")],
)
def test_captions_without_images_and_empty_ones_are_named(captioned, tmp_path, extra, named):
    table(captioned, "csv", [*ROWS[:5], extra])
    with pytest.raises(ConfigError) as caught:
        CaptionedFolder(str(captioned)).draw(0, tmp_path, Listening())
    assert named in str(caught.value)
    heard = Listening()
    found = CaptionedFolder(str(captioned), bad_files="skip").draw(0, tmp_path, heard)
    assert len(found) == 5
    assert any(named in warning for warning in heard.warnings)


def test_images_without_a_caption_are_counted_and_second_captions_dropped(captioned, tmp_path):
    table(captioned, "csv", [*ROWS[:4], ("images/0.png", "another")])
    heard = Listening()
    found = CaptionedFolder(str(captioned)).draw(0, tmp_path, heard)
    assert (len(found), "another" in found.captions) == (4, False)
    assert heard.warnings[0].startswith("2 of the images")


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"caption_column": "titel"}, r"dataset\.caption_column.*It has image, caption"),
        ({"label_column": "kind"}, r"dataset\.label_column"),
        ({"table": "other.csv"}, r"dataset\.table"),
    ],
)
def test_wrong_columns_are_refused_by_their_key(captioned, tmp_path, options, key):
    table(captioned, "csv", ROWS)
    with pytest.raises(ConfigError, match=key):
        CaptionedFolder(str(captioned), **options).draw(0, tmp_path, Listening())


@pytest.mark.parametrize("kind", [ImageFolder, CaptionedFolder])
def test_folders_that_are_not_there_or_empty_are_refused(kind, tmp_path):
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(ConfigError, match=r"dataset\.path"):
            kind(str(path)).draw(0, tmp_path, Listening())
