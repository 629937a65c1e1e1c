"""Whatever something is called, what is kept of it stays in its folder."""

import numpy as np
import pytest
import torch

from prh.encoders.resources import Resources
from prh.encoders.weights.files import kept, name_of
from prh.ground.files import LONGEST_NAME, safe_name
from prh.ground.progress import Silent
from prh.tracking.database import _artifacts

EVIL = [
    *(
        "../../evil",
        "..",
        ".",
        "",
        "/etc/passwd",
        "a/../../../b",
        "a\\..\\b",
        "~root",
        ".hidden",
        "a\0b",
        "a\nb",
    ),
    *("x" * 300, "é" * 200, "a/b", "nul:", "*?", " padded ", "dot."),
]


@pytest.mark.parametrize("name", EVIL)
def test_a_name_becomes_one_part_of_a_path(tmp_path, name):
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= LONGEST_NAME + 10
    (tmp_path / safe).mkdir()
    assert (tmp_path / safe).resolve().parent == tmp_path.resolve()
    assert not safe.startswith(".")


@pytest.mark.parametrize(
    "name", ["prh", "fashion_cnn (random)", "resnet18", "ResNet-50, v2+", "日本語", "a.b"]
)
def test_an_ordinary_name_stays(name):
    assert safe_name(name) == name


def test_names_that_would_be_the_same_are_told_apart():
    assert len({safe_name(name) for name in EVIL}) == len(EVIL)
    assert safe_name("a/b") != safe_name("a_b")


@pytest.mark.parametrize("name", ["../../../x", "/x", ".."])
def test_checkpoints_and_artifacts_stay_where_they_belong(tmp_path, name):
    resources = Resources(None, tmp_path, tmp_path, "cpu", Silent())
    file = kept(name_of(name, 1), lambda: {"x": torch.zeros(1)}, resources)
    assert file.path.resolve().parent == tmp_path / "checkpoints"
    assert _artifacts(tmp_path, name).startswith((tmp_path / "artifacts").as_uri() + "/")
    assert "/.." not in _artifacts(tmp_path, name)


@pytest.mark.parametrize("name", ["../../../x", "/x", ".."])
def test_features_stay_in_the_store(tmp_path, name):
    from types import SimpleNamespace

    from prh.features.extract import shelf_of

    encoder = SimpleNamespace(name=name, fingerprint="0" * 16)
    stimuli = SimpleNamespace(fingerprint=name, ids=np.arange(3))
    shelf = shelf_of(encoder, stimuli, SimpleNamespace(pool="mean", precision="fp32"))
    assert (tmp_path / shelf).resolve().parents[2] == tmp_path
