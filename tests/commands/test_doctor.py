"""What is looked at, and what is said where it is not as it should be."""

import json
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from packaging.specifiers import SpecifierSet

from prh.commands import doctor, machine_checks
from prh.commands.check import Check
from prh.commands.place_checks import cache, database, network
from prh.commands.state import Folders
from prh.ground import torchvision


@pytest.fixture
def site():
    """A server on this machine that answers."""

    class Answers(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_site_that_does_not_answer_is_said_and_no_error(site):
    here, gone = network({"here": site, "gone": "http://127.0.0.1:9"}, 2.0)
    assert (here.verdict, here.said) == ("good", "answers")
    assert (gone.verdict, "not reached" in gone.said) == ("told", True)
    assert "need no download" in gone.remedy


def test_a_database_is_counted_and_none_is_made(workplace):
    (found,) = database("sqlite:///mlruns/mlflow.db")
    assert found.said.endswith("mlflow.db, 0 runs")
    (none,) = database("sqlite:///elsewhere/mlflow.db")
    assert (none.verdict, "made by the first run" in none.said) == ("good", True)
    assert not (workplace / "elsewhere").exists()
    (refused,) = database("sqlite:///mlruns")
    assert (refused.verdict, "tracking.uri" in refused.remedy) == ("bad", True)


def test_the_cache_is_measured_by_kind(tmp_path):
    (tmp_path / "cache" / "features").mkdir(parents=True)
    (tmp_path / "cache" / "features" / "rows").write_bytes(bytes(3_000_000))
    (tmp_path / "file").write_text("in the way")
    found = {check.name: check for check in cache(Folders(tmp_path / "file" / "data", tmp_path / "cache"))}
    assert "features 3 MB" in found["in the cache"].said
    assert found["cache_dir"].verdict == "good"
    assert (found["data_dir"].verdict, found["data_dir"].remedy) == ("bad", "name another: data_dir=PATH")


def test_a_package_that_is_not_as_asked_for_is_named(monkeypatch):
    asked = ["numpy==0.1", "pydantic>=2", "nowhere==1; extra == 'more'"]
    monkeypatch.setattr(machine_checks, "requires", lambda name: asked)
    (pins,) = machine_checks._pins()
    assert (pins.verdict, "numpy==0.1" in pins.said, "pydantic" in pins.said) == ("bad", True, False)
    (more,) = machine_checks.extras()
    assert (more.name, more.verdict, more.remedy) == ("more", "told", "pip install 'prh[more]'")


@pytest.mark.parametrize(("verdict", "code"), [("told", 0), ("bad", 1)])
def test_only_what_a_run_needs_makes_it_fail(verdict, code, monkeypatch, capsys):
    found = [Check("places", "disk", "full", verdict, "free some")]
    monkeypatch.setattr(doctor, "checks", lambda keys: iter(found))
    for flags in ([], ["--json"]):
        monkeypatch.setattr(sys, "argv", ["prh doctor", *flags])
        with pytest.raises(SystemExit) as exit:
            doctor.main()
        assert int(exit.value.code) == code
    table, plain = capsys.readouterr().out.split("[\n", 1)
    assert "free some" in table
    assert ("1 of these keeps runs" in table) == (verdict == "bad")
    assert json.loads(f"[{plain}")[0]["remedy"] == "free some"


def test_this_machine_can_run():
    found = [*machine_checks.software(), *machine_checks.machine(), *machine_checks.terminal()]
    assert not [check for check in found if check.verdict == "bad"]
    assert {"prh", "Python", "torch", "processors", "device", "memory", "width"} <= {c.name for c in found}


def test_torchvision_is_looked_at_as_runs_import_it(monkeypatch):
    bare = [finder for finder in sys.meta_path if type(finder) is not torchvision._Finder]
    monkeypatch.setattr(sys, "meta_path", bare)
    monkeypatch.setattr(torchvision, "_builds_differ", lambda: True)
    list(machine_checks.software())
    assert any(type(finder) is torchvision._Finder for finder in sys.meta_path)


def test_the_pythons_that_are_asked_for_are_those_that_prh_takes():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    takes = SpecifierSet(project["requires-python"])
    assert tuple((3, n) for n in range(30) if f"3.{n}" in takes) == machine_checks.PYTHONS
