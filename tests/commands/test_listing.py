"""What can be chosen, and whether it is here: found by looking, without torch."""

import json
import subprocess
import sys

import pytest

from prh.commands import encoder_states, listing
from prh.commands.catalogue import catalogue, state_of
from prh.commands.state import Folders
from prh.ground.conf import groups, options


@pytest.fixture
def folders(tmp_path):
    return Folders(tmp_path / "data", tmp_path / "cache")


@pytest.fixture
def shown(monkeypatch, capsys):
    def run(*words, columns=80):
        monkeypatch.setattr(sys, "argv", ["prh list", *words])
        monkeypatch.setenv("COLUMNS", str(columns))
        listing.main()
        return capsys.readouterr().out

    return run


FASHION_MNIST = {"_target_": "prh.stimuli.FashionMNIST", "n": 10}


def test_every_option_is_listed_with_what_it_is(folders):
    for group in groups():
        found = catalogue(group, folders)
        assert [option.name for option in found] == sorted(options(group))
        assert all(option.about and "pip install" not in option.about for option in found)
        assert not [option for option in found if f"{group}=" in option.about]


def test_the_table_fits_the_terminal_and_json_has_the_same(shown, tmp_path):
    places = f"cache_dir={tmp_path}", f"data_dir={tmp_path}"
    out = shown("models", "datasets", *places)
    assert max(map(len, out.splitlines())) <= 80
    assert "31 MB from torchvision" in out
    plain = json.loads(shown("models", "datasets", "--json", *places))
    assert {option["option"] for option in plain} == {*options("model"), *options("dataset")}
    assert all(option["option"] in out for option in plain)


def test_what_is_in_the_cache_is_here(folders):
    state = {option.name: option.state for option in catalogue("model", folders)}
    assert (state["efficientnet_lite0"].kind, state["fashion_cnn"].place) == ("here", "trained here, once")
    assert (state["custom"].kind, state["pixels"].kind) == ("name", "here")
    kept = folders.cache_dir / "checkpoints" / f"fashion_cnn-{'0' * 16}-{'1' * 16}.safetensors"
    kept.parent.mkdir(parents=True)
    kept.touch()
    raw = folders.data_dir / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    assert state_of(FASHION_MNIST, "dataset", folders).megabytes == 31
    for split in ("train", "t10k"):
        (raw / f"{split}-images-idx3-ubyte").touch()
    assert state_of(FASHION_MNIST, "dataset", folders).kind == "here"
    state = {option.name: option.state for option in catalogue("model", folders)}
    assert state["fashion_cnn"].place == "trained here before"
    assert state["fashion_cnn_bn"].place == "trained here, once"


def test_torch_and_the_hub_have_caches_of_their_own(folders, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    before = {option.name: option.state.kind for option in catalogue("text", folders)}
    assert (before["gpt2"], before["minilm"]) == ("download", "here")
    weights = tmp_path / "hub" / "models--openai-community--gpt2" / "snapshots" / "0" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.touch()
    after = {option.name: option.state.kind for option in catalogue("text", folders)}
    assert {name for name in after if after[name] != before[name]} == {"gpt2"}
    checkpoint = tmp_path / "torch" / "hub" / "checkpoints" / "resnet18-f37072fd.pth"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    models = {option.name: option.state for option in catalogue("model", folders)}
    assert (models["resnet18"].kind, models["resnet50"].said) == ("here", "103 MB from torchvision")


def test_a_missing_extra_is_named_with_its_remedy(folders, monkeypatch):
    monkeypatch.setattr(encoder_states, "installed", lambda module: False)
    states = {option.name: option.state for option in catalogue("model", folders)}
    assert states["timm"].said == "pip install 'prh[timm]'"
    assert states["clip"].said == "pip install 'prh[clip]'"


def test_options_of_ones_own_are_listed(shown, tmp_path):
    own = tmp_path / "mine" / "metric"
    own.mkdir(parents=True)
    (own / "taxicab.yaml").write_text(
        "# Distances around the block: metric=taxicab\n_target_: mine.Taxicab\n"
    )
    out = shown("metrics", "--config-dir", str(tmp_path / "mine"))
    assert "Distances around the block" in out
    assert "taxicab" in out


def test_sizes_are_those_that_torchvision_gives():
    from torchvision import models

    import prh  # noqa: F401  (declares what torchvision may lack)

    for name, megabytes in encoder_states.TORCHVISION_MB.items():
        meta = models.get_model_weights(name)["IMAGENET1K_V1"].meta
        assert round(meta["_file_size"] * 2**20 / 1e6) == megabytes


def test_it_takes_no_torch():
    code = (
        "import sys; sys.argv = ['prh list', 'all', '--json']\n"
        "from prh.commands.listing import main\nmain()\n"
        "print([m for m in ('torch', 'torchvision', 'mlflow', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
