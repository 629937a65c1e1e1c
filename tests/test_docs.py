"""What the site's pages show works as it stands there."""

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from prh.config import resolve
from prh.ground.build import flatten
from prh.run import CONF, composed
from scripts import check_site, site_config
from tests.recorded import opened, record

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
ELSEWHERE = {"extending.md", "metrics.md"}
"""Pages whose examples have a test of their own."""
PAGES = {str(path.relative_to(DOCS)): path.read_text() for path in sorted(DOCS.rglob("*.md"))}
BLOCK = re.compile(r" *```(bash|python)\n(.*?)\n *```", re.DOTALL)
"""The language, the text."""
MANY_AND_FEW = "n=300", "n=12"
"""What examples draw, and what is enough to try them."""
OPTIONS = sorted(CONF.glob("[!h]*/*.yaml"))
SMALL = (
    *("dataset.n=64", "layers=last", "inference.n_permutations=99", "inference.n_bootstrap=50"),
    *("figures.umap_layers=1", "figures.dpi=60"),
)
REFUSED = "|| true"
"""What a command ends with that is shown for what it is refused with."""
NOT_HERE = re.compile(
    r"/models/|HOST|by_class|captioned$|my_conf|mine\.Net|torchvision|transformers|timm|resnet50|experiment="
)
"""Commands of what a reader has and a test has not: files, weights to download or to fit, an hour."""


def blocks(kind):
    """Every block of a kind, by its page."""
    return [
        (name, text)
        for name, page in PAGES.items()
        for language, text in BLOCK.findall(page)
        if language == kind and name not in ELSEWHERE
    ]


def commands():
    """Every line of shell, once."""
    known = {}
    for name, block in blocks("bash"):
        for line in block.replace("\\\n", " ").splitlines():
            if text := " ".join(line.split(" #")[0].split()):
                known.setdefault(text, pytest.param(text, id=f"{name}: {text}"))
    return list(known.values())


def overrides(words):
    """The groups and keys of a command, of a sweep its first job, without what Hydra takes itself."""
    given = [word for word in words if "=" in word and not word.startswith("hydra")]
    return [word if "[" in word else word.split(",")[0] for word in given]


@pytest.mark.parametrize("name", sorted({name for name, *_ in blocks("python")}))
def test_python_runs(name, workplace):
    client, experiment = opened(workplace)
    record(client, experiment, 0.3, seed="0", model="pixels", **{"model.name": "pixels", "dataset.n": "64"})
    study = workplace / "outputs" / "2026-01-31" / "12-00-00" / "summary" / "study"
    study.mkdir(parents=True)
    (study / "claims.csv").write_text("number,metric,claim,verdict\n1,cosine,Shoes lie apart,holds\n")
    names = {}
    for text in (text for page, text in blocks("python") if page == name):
        exec(text.replace(*MANY_AND_FEW), names)


@pytest.mark.parametrize("command", commands())
def test_commands_are_such_as_there_are(command):
    words = shlex.split(command.removesuffix(REFUSED))
    if words[0] == "srun":
        words = words[words.index("python") :]
    match words:
        case ["python", "-m", module, *rest]:
            assert find_spec(module)
            if not (command.endswith(REFUSED) or "my_conf" in rest):
                values = composed([*overrides(rest), "output_dir=out"])
                assert resolve(values).seed >= 0
        case ["python", script, *rest]:
            assert (ROOT / script).exists()
            composed([*overrides(rest), "output_dir=out"])
        case ["pip", "install", *rest]:
            extra = re.search(r"\[(\w+)\]", " ".join(rest))[1]
            assert re.search(rf"^{extra} = \[", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
        case ["make", target]:
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        case _:
            assert words[0] in ("mlflow", "prh", "."), command


@pytest.mark.slow
@pytest.mark.parametrize("command", commands())
def test_commands_run(command, prh, runs):
    words = shlex.split(command.removesuffix(REFUSED))
    if words[:3] != ["python", "-m", "prh.run"] or NOT_HERE.search(command):
        pytest.skip("no run, or of what a reader has")
    if command.endswith(REFUSED):
        assert prh(*words[3:]).code == 2
        return
    outcome = prh(*words[3:], *(word for word in SMALL if word.split("=")[0] not in command))
    assert outcome.code == 0, outcome.err
    recorded = {name.split(".")[2] for run in runs()[1] for name in run.data.metrics if name.count(".") == 2}
    assert all(f"`{number}`" in PAGES["reference/recorded.md"] for number in recorded), recorded


@pytest.mark.parametrize("path", OPTIONS, ids=lambda path: f"{path.parent.name}={path.stem}")
def test_every_key_of_an_option_is_shown(path):
    import yaml

    assert path.parent.name in site_config.ABOUT
    option = site_config.option(path)
    assert len(option.about) > 20
    plain = yaml.safe_load(path.read_text()) or {}
    plain.pop("defaults", None)
    shown = [key.path for key in option.keys if key.default]
    for key in (key for key in flatten(plain) if not key.endswith("_target_")):
        assert any(key == known or key.startswith(f"{known}.") for known in shown), key


def test_comments_defaults_and_what_is_swept_are_read(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "# @package _global_\n# What it is: x=1\n# More of it\n"
        "defaults:\n  - base\n  - override /metric@_global_.metric: cka\n"
        "_target_: my.Class\n# above\nkey: [1, 2] # behind\nnested: # of all\n  inner: 'a # b' # own\n"
        "hydra:\n  mode: MULTIRUN\n  sweeper:\n    params:\n      seed: 0,1 # twice\n"
    )
    found = site_config.option(tmp_path / "a.yaml")
    assert (found.about, found.target, found.brings) == (
        "What it is: x=1. More of it",
        "my.Class",
        ["base", "metric=cka"],
    )
    keys = {key.path: (key.default, key.comment) for key in site_config._under("experiment", found)}
    assert keys["key"] == ("[1, 2]", "behind")
    assert keys["nested"] == ("", "of all")
    assert keys["nested.inner"] == ("'a # b'", "own")
    assert keys["seed"] == ("0,1", "swept over; twice")


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.html").write_text(
        '<h1 id="top">Other</h1><img src="../a.png" alt="A letter">'
    )
    (tmp_path / "a.png").write_text("")
    page = '<a href="other/#top">1</a><a href="other/#no">2</a><a href="none/">3</a><img src="a.png"><script src="https://x.org/y.js">'
    (tmp_path / "index.html").write_text(page + '</script><a href="https://example.org">4</a>')
    pages = {path: check_site.Page(path) for path in sorted(tmp_path.rglob("*.html"))}
    assert list(check_site.problems(pages, tmp_path)) == [
        "index.html: a picture without words, a.png",
        "index.html: loads https://x.org/y.js",
        "index.html: no file for none/",
        "index.html: no anchor for other/#no",
    ]


def test_pages_show_what_was_recorded():
    for name, page in PAGES.items():
        for output in re.findall(r'--8<-- "(.+?)"', page):
            text = (DOCS / "outputs" / output).read_text()
            assert text.strip(), f"{name}: {output}"
            assert "/tmp/" not in text, f"{name}: {output}"
            assert "/root" not in text, f"{name}: {output}"


def test_the_examples_of_commands_are_found():
    assert len(commands()) > 30
    assert len(blocks("python")) > 8
    assert np.unique([name for name, *_ in blocks("bash")]).size > 5
