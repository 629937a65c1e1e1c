"""What the README shows works as it stands there."""

import re
from pathlib import Path

import numpy as np

README = (Path(__file__).parents[1] / "README.md").read_text()
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)


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

    from prh.ground.conf import CONF

    commands = re.findall(r"^python -m prh\.run ([^#\n]*[a-z]=[^#\n]*)", README, re.MULTILINE)
    assert len(commands) >= 4
    with initialize_config_dir(str(CONF), version_base="1.3"):
        for command in commands:
            overrides = [word.split(",")[0] for word in command.split() if "=" in word]
            compose("config", [*overrides, "output_dir=out"])


def test_config_reference_names_every_option():
    from prh.ground.conf import CONF

    for path in CONF.glob("[!h]*/*.yaml"):
        assert f"`{path.stem}`" in README, path
