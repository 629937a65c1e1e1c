"""Before a long download is said how large it is, where it goes and how to do without."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from prh.ground.downloads import announce, size_on_hub
from tests.conftest import Listening

FILES = {
    "model.safetensors": 88_200_000,
    "pytorch_model.bin": 88_300_000,
    "config.json": 500,
    "onnx/m.onnx": None,
}


@pytest.fixture
def hub(monkeypatch):
    def repo_info(api, repository, *, repo_type, files_metadata, timeout):
        assert (files_metadata, repo_type) == (True, "model")
        assert timeout < 60
        if repository == "no/answer":
            raise ConnectionError
        return SimpleNamespace(
            siblings=[SimpleNamespace(rfilename=name, size=size) for name, size in FILES.items()]
        )

    monkeypatch.setattr("huggingface_hub.HfApi.repo_info", repo_info)


@pytest.mark.parametrize(
    ("choices", "without", "size"),
    [
        ([["*.safetensors", "*.json"]], [], 88_200_500),
        ([["*.safetensors"], ["*.bin"]], [], 88_200_000),
        ([["*.h5"], ["*.bin"]], [], 88_300_000),
        ([["*"]], ["onnx/*", "*.bin"], 88_200_500),
        ([["*.onnx"]], [], 0),
        ([["*.h5"]], [], None),
    ],
)
def test_the_size_is_that_of_the_first_files_that_are_there(hub, choices, without, size):
    assert size_on_hub("some/model", *choices, without=without) == size


def test_a_hub_that_does_not_answer_says_no_size(hub):
    assert size_on_hub("no/answer", ["*"]) is None


@pytest.mark.parametrize(
    ("size", "into", "said"),
    [
        (
            88_200_000,
            Path.home() / "here",
            "Downloading net: 88 MB into ~/here; model=pixels needs no download",
        ),
        (1_234_567_890, Path("/x"), "Downloading net: 1,235 MB into /x; model=pixels needs no download"),
        (10, Path("/x"), "Downloading net: 1 MB into /x; model=pixels needs no download"),
        (None, Path("/x"), "Downloading net into /x; model=pixels needs no download"),
    ],
)
def test_it_is_one_line(size, into, said):
    report = Listening()
    announce(report, "net", size, into, "model=pixels")
    assert report.notes == [said]
