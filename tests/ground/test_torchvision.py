"""torchvision is mended where its build needs it, and Python's imports are else left alone."""

import sys
from importlib.metadata import PackageNotFoundError

import pytest

from prh.ground import torchvision


@pytest.mark.parametrize(
    ("torch", "vision", "mended"),
    [
        ("2.13.0", "0.28.0", 0),
        ("2.13.0+cpu", "0.28.0+cpu", 0),
        ("2.13.0+cpu", "0.28.0", 1),
        (None, "0.28.0", 0),
    ],
)
def test_it_is_mended_once_where_torch_is_of_another_build(monkeypatch, torch, vision, mended):
    def version(name):
        if torch is None:
            raise PackageNotFoundError(name)
        return {"torch": torch, "torchvision": vision}[name]

    monkeypatch.setattr(torchvision, "version", version)
    monkeypatch.setattr(
        sys, "meta_path", [f for f in sys.meta_path if not isinstance(f, torchvision._Finder)]
    )
    before = list(sys.meta_path)
    torchvision.mend_torchvision()
    torchvision.mend_torchvision()
    assert len(sys.meta_path) == len(before) + mended
    assert sys.meta_path[mended:] == before
