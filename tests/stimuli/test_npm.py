"""Files of npm packages, from sources that fail, lie and are cut short."""

import hashlib
from io import BytesIO

import pytest

from prh.errors import PrhError
from prh.stimuli import npm
from prh.stimuli.npm import NpmFile, NpmPackage
from tests.conftest import Listening

CONTENT = {"a.json": b"[1, 2]", "in/b.json": b"{}"}
FILES = [NpmFile(path, hashlib.sha256(content).hexdigest()) for path, content in CONTENT.items()]
PACKAGE = NpmPackage("@set/emoji", "1.2.3", 1)


def source(content, asked):
    def fetch(package, files, scratch):
        asked.append([file.path for file in files])
        for path, what in content.items():
            (scratch / path).parent.mkdir(exist_ok=True)
            (scratch / path).write_bytes(what)
        return scratch

    return fetch


def unreachable(package, files, scratch):
    raise OSError("no way there")


def test_files_are_fetched_once_from_the_first_source_that_has_them(tmp_path, monkeypatch):
    asked = []
    sources = {"npm": unreachable, "wrong": source({"a.json": b"other"}, []), "right": source(CONTENT, asked)}
    monkeypatch.setattr(npm, "SOURCES", sources)
    for _ in range(2):
        folder = PACKAGE.ensure(FILES, tmp_path, Listening())
        assert {path: (folder / path).read_bytes() for path in CONTENT} == CONTENT
    assert asked == [["a.json", "in/b.json"]]
    assert folder.relative_to(tmp_path).parts == ("npm", "@set_emoji", "1.2.3")


def test_a_damaged_file_is_named_and_fetched_again(tmp_path, monkeypatch):
    asked, report = [], Listening()
    monkeypatch.setattr(npm, "SOURCES", {"right": source(CONTENT, asked)})
    folder = PACKAGE.ensure(FILES, tmp_path, report)
    (folder / "a.json").write_bytes(b"[1,")
    PACKAGE.ensure(FILES, tmp_path, report)
    assert (folder / "a.json").read_bytes() == CONTENT["a.json"]
    assert asked[1:] == [["a.json"]]
    assert report.warnings == [f"{folder / 'a.json'} is damaged (its SHA-256 is wrong); fetching it again"]


def test_a_mirror_is_asked_for_each_file_by_name_and_version(tmp_path, monkeypatch):
    def urlopen(address):
        asked.append(address)
        return BytesIO(CONTENT[address.removeprefix("https://cdn.jsdelivr.net/npm/@set/emoji@1.2.3/")])

    asked = []
    monkeypatch.setattr(npm, "urlopen", urlopen)
    monkeypatch.setattr(npm, "SOURCES", {"npm": unreachable, "jsdelivr": npm.SOURCES["jsdelivr"]})
    folder = PACKAGE.ensure(FILES, tmp_path, Listening())
    assert {path: (folder / path).read_bytes() for path in CONTENT} == CONTENT
    assert len(asked) == 2


def test_what_no_source_has_is_one_line_that_says_where_to_put_it(tmp_path, monkeypatch):
    monkeypatch.setattr(npm, "SOURCES", {"npm": unreachable, "mirror": source({"a.json": b"x"}, [])})
    with pytest.raises(PrhError) as refused:
        PACKAGE.ensure(FILES, tmp_path, Listening())
    folder = tmp_path / "npm" / "@set_emoji" / "1.2.3"
    assert str(refused.value) == (
        "@set/emoji 1.2.3 could not be fetched from any source: npm (no way there); "
        f"mirror (a.json from there has the wrong SHA-256). Put a.json, in/b.json of it into {folder}."
    )
    assert not [file for file in folder.rglob("*") if file.is_file() and file.name != ".lock"]
