"""One command: subcommands as data, a run where none is named, one line where a word means nothing."""

import importlib
import subprocess
import sys

import pytest

from prh import __version__
from prh.commands import dispatch
from prh.commands.table import COMMANDS, EXAMPLES


@pytest.fixture
def prh(monkeypatch, capfd):
    def run(*words):
        monkeypatch.setattr(sys, "argv", ["prh", *words])
        try:
            dispatch.main()
            code = 0
        except SystemExit as exit:
            code = exit.code or 0
        return code, *capfd.readouterr()

    return run


def test_every_command_is_there():
    for name, command in COMMANDS.items():
        module, _, function = command.target.partition(":")
        assert callable(getattr(importlib.import_module(module), function)), name


@pytest.mark.parametrize("asked", ["help", "-h"])
def test_help_teaches_every_command_and_three_examples(prh, asked):
    code, out, _ = prh(asked)
    assert code == 0
    for name, command in COMMANDS.items():
        assert f"prh {name:<9} {command.said}" in out
    assert all(example in out for example in EXAMPLES)
    assert max(map(len, out.splitlines())) <= 90


def test_a_command_gets_what_follows_it(prh):
    code, out, _ = prh("help", "list")
    assert code == 0
    assert "usage: prh list" in out


@pytest.mark.parametrize(("word", "said"), [("lst", "did you mean list?"), ("sweeep", "did you mean sweep?")])
def test_an_unknown_word_is_one_line(prh, word, said):
    code, out, err = prh(word)
    assert (code, out) == (2, "")
    assert f"no command {word}; {said}" in err
    assert len(err.splitlines()) == 1


def test_a_refusal_of_a_command_is_one_line(prh):
    code, _, err = prh("list", "nonsense")
    assert code == 2
    assert "there is no group nonsense" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("words", [("--version",), ("run", "--version"), ("seed=1", "--version")])
def test_the_version_is_that_of_prh(prh, words):
    assert prh(*words) == (0, f"prh {__version__}\n", "")


def test_without_a_command_help_is_that_of_a_run(prh):
    _, out, _ = prh("--help")
    assert "== Groups: swap a part ==" in out


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("n=300", "there is no key 'n'; did you mean dataset.n"),
        ("pool=max", "did you mean layers.pool"),
        ("epoch=3", "did you mean reference.fit.epochs"),
        ("k=5", "metric.k is a key of metric="),
        ("metric=mutual_knn k=5", "did you mean metric.k"),
    ],
)
def test_a_key_without_its_group_is_found(prh, written, meant):
    code, _, err = prh("run", *written.split())
    assert code == 2
    assert meant in err
    assert len(err.splitlines()) == 1


def test_finding_the_command_imports_little():
    code = (
        "import sys; sys.argv = ['prh', 'help']\nfrom prh.commands.dispatch import main\nmain()\n"
        "print([m for m in ('hydra', 'torch', 'mlflow', 'numpy', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
