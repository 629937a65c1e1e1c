"""The script that tells two vision models apart, on a few real pictures."""

import re

import pytest

from scripts import differences

NUMBER = r"([+−]?\d\.\d+)"
ROW = re.compile(rf"(\S+ − \S+) +{NUMBER} +\[{NUMBER}, {NUMBER}\] +(\d\.\d+)")


def rows(monkeypatch, capfd, data_dir, cache_dir, *overrides):
    folders = [f"data_dir={data_dir}", f"cache_dir={cache_dir}"]
    monkeypatch.setattr("sys.argv", ["differences", *folders, *overrides])
    monkeypatch.setenv("COLUMNS", "160")
    differences.main()
    # Below the differences stand those to the last one, by the same names.
    shown = capfd.readouterr().out.split("less the difference at the last")[0]
    return {
        name: tuple(float(number.replace("−", "-")) for number in numbers)
        for name, *numbers in ROW.findall(shown)
    }


def test_a_model_does_not_differ_from_itself_and_does_from_another(monkeypatch, capfd, data_dir, cache_dir):
    few = ["dataset=openmoji", "dataset.n=60", "dataset.size=32", "model=pixels"]
    same = rows(monkeypatch, capfd, data_dir, cache_dir, *few, "model@reference=pixels")
    assert same == {"pixels − pixels": (0.0, 0.0, 0.0, 1.0)}
    two = ["model=efficientnet_lite0_random", "layers.names=[_conv_stem,_avg_pooling]", *few[:3]]
    there = rows(monkeypatch, capfd, data_dir, cache_dir, *two, "model@reference=pixels")
    assert list(there) == ["_conv_stem − pixels", "_avg_pooling − pixels"]
    for value, low, high, p in there.values():
        assert low <= value <= high
        assert 0 < p <= 1
        assert value != 0


def test_without_captions_there_is_nothing_to_compare(monkeypatch, capfd, data_dir, cache_dir):
    with pytest.raises(SystemExit) as exit:
        rows(
            monkeypatch, capfd, data_dir, cache_dir, "dataset.n=40", "model=pixels", "model@reference=pixels"
        )
    assert exit.value.code == 2
    assert "captions" in capfd.readouterr().err


def test_a_run_does_not_differ_from_itself_and_does_with_another_prompt(
    monkeypatch, capfd, data_dir, cache_dir
):
    few = ["dataset=openmoji", "dataset.n=60", "dataset.size=32", "model=pixels", "model@reference=pixels"]
    same = rows(monkeypatch, capfd, data_dir, cache_dir, *few, "--against", "seed=0")
    assert same == {"pixels − pixels": (0.0, 0.0, 0.0, 1.0)}
    other = rows(monkeypatch, capfd, data_dir, cache_dir, *few, "--against", "prompt=sentence")
    assert other["pixels − pixels"][0] != 0
    with pytest.raises(SystemExit) as exit:
        rows(monkeypatch, capfd, data_dir, cache_dir, *few, "--against", "dataset.n=50")
    assert exit.value.code == 2
    assert "--against" in capfd.readouterr().err
