"""LaTeX that compiles whatever is in it."""

import shutil
import subprocess

import pytest

from prh.export.latex import escaped, from_markdown, interval, number, p_value, unknown_characters


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("$-0.267$", -0.267),
        ("$0.000$", -0.0001),
        ("--", float("nan")),
    ],
)
def test_numbers(written, value):
    assert number(value) == written


def test_intervals_and_p():
    assert interval(-0.27, 0.83) == "$[-0.270, 0.830]$"
    assert interval(float("nan"), 0.83) == "--"
    assert p_value(1 / 1001, 0.000999) == r"$0.001 \pm 0.001$"
    assert p_value(1 / 10001, 0.0001) == "$< 0.001$"
    assert p_value(0.0000123, 0.0, exact=True) == "$< 0.001^{*}$"
    assert p_value(0.0699, 0.0, exact=True) == "$0.070^{*}$"
    assert p_value(0.034, 0.006) == r"$0.034 \pm 0.006$"
    assert p_value(float("nan")) == "--"


def test_all_that_is_special_is_escaped():
    assert escaped("50%_&#{x}$") == r"50\%\_\&\#\{x\}\$"
    assert escaped("\\~^") == r"\textbackslash{}\textasciitilde{}\textasciicircum{}"
    assert escaped("a\nb") == "a b"


def test_markdown_becomes_latex():
    text = "A **substitute** `a_b` [@huh2024; @raghu2017] of 5% with $k$ = 3."
    made = from_markdown(text).replace(r"\allowbreak{}", "")
    assert made == r"A \textbf{substitute} \texttt{a\_b}~\cite{huh2024,raghu2017} of 5\% with $k$ = 3."


def test_characters_that_fonts_lack_are_declared_once():
    assert unknown_characters(["plain"]) == ""
    assert unknown_characters(["模", "模 型"]).count("{6A21}") == 1


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX here")
def test_an_export_compiles(record, export, tmp_path):
    names = "net_50%&#{$}^~\\ 模型 ħ 😀", "fashion_cnn"
    run_id, _ = record(names=names, tags={"substitute.model": "fitted", "weights.model": "fit:fashion_mnist"})
    assert export(run_id, "--folder", tmp_path / "paper")[0] == 0
    command = ["pdflatex", "-draftmode", "-interaction=nonstopmode", "-halt-on-error", "paper"]
    made = subprocess.run(command, cwd=tmp_path / "paper", capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout[-2000:]
    assert "Overfull" not in made.stdout
