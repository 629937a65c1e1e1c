"""What the README shows works as it stands there."""

import re
from pathlib import Path

import numpy as np
import pytest

from prh.inference import score_interval
from prh.similarity import Metric

README = (Path(__file__).parents[1] / "README.md").read_text()
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def own_parts(workplace):
    """Every code block that starts with a file name, in that file."""
    for _, text in BLOCKS:
        if name := re.match(r"# (\S+\.(?:py|yaml))\n", text):
            path = workplace / name[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return workplace


def test_parts_of_ones_own_run_as_shown(own_parts, prh, runs, monkeypatch):
    # A metric in plain Python takes 15 seconds for as many permutations of class centroids as it has.
    monkeypatch.setattr(Metric, "few_draws", 5000)
    shown = re.search(r"python -m prh\.run (--config-dir my_conf .*?)`", README)[1].split()
    small = [
        "inference.n_permutations=49",
        "inference.n_bootstrap=20",
        "model.fit.epochs=2",
        "reference.fit.epochs=1",
    ]
    outcome = prh(*shown, *small)
    assert outcome.code == 0, outcome.err
    assert "tiny × letters, 10 class centroids" in outcome.out
    _, (run,) = runs()
    assert run.data.metrics["tiny.test_accuracy"] > 0.2
    assert run.data.tags["data.source"] == "scikit-learn"
    assert np.isfinite(run.data.metrics["model_vs_reference.last.p"])


@pytest.mark.parametrize("noise", [0.5, 1.5])
def test_intervals_of_the_metric_of_ones_own_hold_the_score_of_all(noise):
    names = {}
    exec(next(text for _, text in BLOCKS if text.startswith("# mine.py")), names)
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


def test_every_part_takes_less_than_fifteen_lines():
    source = next(text for _, text in BLOCKS if text.startswith("# mine.py"))
    parts = re.split(r"\n\n\n# A ", source)[1:]
    assert len(parts) == 4
    for part in parts:
        code = [line for line in part.splitlines()[1:] if line.strip()]
        assert len(code) < 15, part


def test_the_library_example_runs(capsys):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(60, 8))
    names = {"x": x, "y": x + 0.1 * generator.normal(size=x.shape)}
    exec(next(text for _, text in BLOCKS if "import permutation_test, score_interval" in text), names)
    assert names["score"] > 0.9
    assert names["low"] < names["high"]
    assert "p = 0.001" in capsys.readouterr().out


def test_the_example_of_the_metrics_page_runs():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(60, 8))
    names = {"x": x, "y": x + 0.1 * generator.normal(size=x.shape), "z": generator.normal(size=x.shape)}
    names |= {
        "layers_a": {"one": x, "two": x**2},
        "layers_b": {"one": names["y"]},
        "labels": np.arange(60) % 6,
    }
    page = (Path(__file__).parents[1] / "docs" / "metrics.md").read_text()
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], names)
    assert names["scores"].shape == (2, 1)
    assert names["scores"][0, 0] > 0.9


def test_every_command_shown_composes():
    from hydra import compose, initialize_config_dir

    from prh.run import CONF

    commands = re.findall(r"^python -m prh\.run ([^#\n]*[a-z]=[^#\n]*)", README, re.MULTILINE)
    assert len(commands) >= 4
    with initialize_config_dir(str(CONF), version_base="1.3"):
        for command in commands:
            overrides = [word.split(",")[0] for word in command.split() if "=" in word]
            compose("config", [*overrides, "output_dir=out"])


def test_config_reference_names_every_option():
    from prh.run import CONF

    for path in CONF.glob("[!h]*/*.yaml"):
        assert f"`{path.stem}`" in README, path
