"""What docs/extending.md shows works as it stands there."""

import re
from pathlib import Path

import numpy as np
import pytest

from prh.inference import score_interval
from prh.results import load
from prh.similarity import Metric

PAGE = (Path(__file__).parents[1] / "docs" / "extending.md").read_text()
FILES = {
    name: text
    for text in re.findall(r"```(?:python|yaml)\n(.*?)```", PAGE, re.DOTALL)
    if (name := text.split("\n")[0].removeprefix("# "))
}
COMMAND = re.search(r"python -m prh\.run (.*?)\n```", PAGE, re.DOTALL)[1].replace("\\\n", " ").split()


@pytest.fixture
def own_parts(workplace):
    """Every code block in the file that its first line names."""
    for name, text in FILES.items():
        path = workplace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return workplace


def test_parts_of_ones_own_run_as_shown(own_parts, prh, runs, monkeypatch):
    # A metric in plain Python takes 15 seconds for as many permutations of class centroids as it has.
    monkeypatch.setattr(Metric, "few_draws", 5000)
    few = ["inference.n_permutations=49", "inference.n_bootstrap=20", "output_dir=out", "figures.dpi=60"]
    outcome = prh(*COMMAND, *few, "model.fit.epochs=2", "reference.fit.epochs=1")
    assert outcome.code == 0, outcome.err
    assert "tiny × letters, 10 class centroids" in outcome.out
    _, (run,) = runs()
    metrics = run.data.metrics
    assert metrics["tiny.test_accuracy"] > 0.2
    assert run.data.tags["data.source"] == "scikit-learn"
    assert np.isfinite(metrics["model_vs_reference.last.p"])
    dimensions = metrics["model_vs_reference.last.dimensions"]
    assert 1 < dimensions < 32
    assert f"last, dimensions: {dimensions:.4g}" in outcome.out
    assert (own_parts / "out" / "figures" / "spectra.png").stat().st_size > 5000
    assert "<figcaption>spectra" in (own_parts / "out" / "report.html").read_text()
    table = load(uri=f"sqlite:///{own_parts}/mlruns/mlflow.db")
    last = table[(table["which"] == "last") & (table["pair"] == "model_vs_reference")]
    assert last["score.dimensions"].tolist() == pytest.approx([dimensions])


@pytest.mark.parametrize("noise", [0.5, 1.5])
def test_intervals_of_the_metric_of_ones_own_hold_the_score_of_all(noise):
    names = {}
    exec(FILES["my_metric.py"], names)
    metric, generator = names["MyCKA"](), np.random.default_rng(0)

    def draw(n):
        x = generator.normal(size=(n, 3)) * [1, 2, 1]
        return x, np.column_stack([x[:, :2], generator.normal(size=n)]) + noise * generator.normal(
            size=(n, 3)
        )

    def score(x, y):
        return metric.compare(metric.prepare(x), metric.prepare(y))

    of_all, samples = score(*draw(200_000)), [draw(100) for _ in range(100)]
    intervals = [score_interval(metric, *sample) for sample in samples]
    assert np.mean([low <= of_all <= high for low, high in intervals]) > 0.88
    assert all(low < score(*sample) < high for sample, (low, high) in zip(samples, intervals, strict=True))


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".py")])
def test_every_part_takes_less_than_fifteen_lines(name):
    code = re.split(r"\n\n\n", FILES[name], maxsplit=1)[1]
    assert len([line for line in code.splitlines() if line.strip()]) < 15


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (("measures=5",), ["measures: 5", "+measure@measures.NAME=OPTION"]),
        (("+measures.x=3",), ["measures.x: 3", "+measure@measures.x=OPTION"]),
        (("+measures.x._target_=my_figure.Spectra",), ["measures.x._target_", "no method of"]),
        (("figures.also=null",), ["figures.also: null", "+figure@figures.also.NAME=OPTION"]),
        (("+figures.also.x._target_=my_measure.Dimensions",), ["figures.also.x._target_", "no method draw"]),
        (("+figures.also={a/b:{_target_:my_figure.Spectra}}",), ["figures.also", "a/b"]),
    ],
)
def test_what_is_no_part_is_refused_by_its_key(own_parts, prh, runs, overrides, words):
    outcome = prh("model=pixels", "model@reference=pixels", *overrides)
    assert outcome.code == 2, outcome.err
    (line,) = (line for line in outcome.err.splitlines() if line.startswith("error "))
    assert all(word in line for word in words), line
    assert runs()[1] == []
