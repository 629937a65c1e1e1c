"""A job is the same only if nothing that its numbers depend on has changed."""

import importlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

import prh
from prh.tracking import same as module
from prh.tracking.same import SAME, code, latest, same

CONFIG = {
    "dataset.n": 64,
    "seed": 0,
    "model.weights._target_": "prh.encoders.weights.Fit",
    "text": None,
}


@pytest.mark.parametrize(
    "change",
    [{"dataset.n": 65}, {"seed": 1}, {"text": "minilm"}, {"metric.k": 5}, {"model.family": "x"}],
)
def test_every_value_that_a_score_depends_on_makes_another_job(change):
    assert same(CONFIG) != same(CONFIG | change)


def test_what_changes_no_score_does_not():
    idle = {"output_dir": "a", "resume": True, "device": "cuda", "batch_size": 2, "figures.dpi": 60}
    assert same(CONFIG) == same(CONFIG | idle | {"tracking.uri": "x"}) == same(dict(reversed(CONFIG.items())))


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The package and its configs, copied; returns the checksum of what lies there now."""
    package = Path(prh.__file__).parent
    shutil.copytree(package, tmp_path / "prh", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(package.parent / "conf", tmp_path / "conf")

    def checksum():
        monkeypatch.setattr(prh, "__file__", str(tmp_path / "prh" / "__init__.py"))
        code.cache_clear()
        found = code()
        monkeypatch.undo()
        code.cache_clear()
        return found

    return checksum


@pytest.mark.parametrize("file", ["prh/similarity/metric.py", "conf/metric/cka.yaml", "prh/new.py"])
def test_code_is_its_bytes_wherever_it_lies(file, copied, tmp_path):
    assert copied() == code()
    with (tmp_path / file).open("a") as stream:
        stream.write("# changed\n")
    assert copied() != code()
    (tmp_path / "README.md").write_text("what nobody runs")
    with_change = copied()
    (tmp_path / "README.md").write_text("more of it")
    assert copied() == with_change


def test_another_library_is_another_job(monkeypatch):
    before = same(CONFIG)
    monkeypatch.setattr(module, "_libraries", lambda: {"torch": "0.1"})
    assert same(CONFIG) != before


def test_files_and_modules_of_ones_own_count(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "pictures").mkdir()
    picture, net = tmp_path / "pictures" / "a.png", tmp_path / "own_net_of_test_same.py"
    picture.write_bytes(b"1")
    net.write_text("class Net: ...\n")
    importlib.invalidate_caches()
    own = CONFIG | {"dataset.path": "pictures", "model.architecture": "own_net_of_test_same.Net"}
    found = [same(own)]
    picture.write_bytes(b"12")
    found.append(same(own))
    net.write_text("class Net: x = 1\n")
    found.append(same(own))
    assert len({*found, same(own)}) == 3


def run(name, key, status):
    tags = {} if key is None else {SAME: key}
    return SimpleNamespace(info=SimpleNamespace(run_id=name, status=status), data=SimpleNamespace(tags=tags))


@pytest.mark.parametrize(
    ("runs", "kept"),
    [
        ([("a", "k", "FINISHED"), ("b", "k", "FINISHED")], "b"),
        ([("a", "k", "FINISHED"), ("b", "k", "FAILED")], "a"),
        ([("a", "k", "FAILED"), ("b", "k", "FINISHED"), ("c", "k", "RUNNING")], "b"),
        ([("a", "k", "FAILED"), ("b", "k", "KILLED")], "b"),
        ([("a", None, "FINISHED"), ("b", None, "FINISHED"), ("c", "k", "FAILED")], "abc"),
        ([("a", "k", "FINISHED"), ("b", "l", "FINISHED"), ("c", "k", "FINISHED")], "bc"),
    ],
)
def test_of_a_job_that_was_run_again_the_latest_that_finished_counts(runs, kept):
    found = latest(run(*one) for one in runs)
    assert "".join(one.info.run_id for one in found) == kept
