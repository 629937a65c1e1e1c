"""Training happens once, repeatably, and leaves nothing half-done."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save

from prh.encoders import Resources, VisionModel
from prh.encoders.network.fit import Fit
from prh.encoders.network.network import Network
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.weights import Fitted
from prh.encoders.weights.fitted import fitted_checkpoint
from prh.errors import ConfigError
from prh.ground.progress import Silent
from prh.stimuli import FashionMNIST, StimulusSet
from tests.conftest import Listening

MODEL = Network("fashion_cnn", "prh.encoders.fashion_cnn.FashionCNN")


def fit(**changes):
    settings = {"n_train": 200, "epochs": 1, "lr": 1e-3, "batch_size": 32, "seed": 0}
    return Fit(**{**settings, **changes}, preprocess=Preprocess([0.286], [0.353]))


class FewHeldOut(FashionMNIST):
    def held_out_data(self, data_dir, report):
        return super().held_out_data(data_dir, report).sample(1000, 0)


@pytest.fixture
def resources(data_dir, tmp_path):
    return Resources(FewHeldOut(n=100), data_dir, tmp_path, "cpu", Silent())


@pytest.fixture
def untested(monkeypatch):
    """Spares the seconds that scoring 10,000 images takes, where nothing depends on the score."""
    from prh.encoders.weights import training

    monkeypatch.setattr(training, "accuracy", lambda *arguments: 0.5)


def test_the_second_time_nothing_is_trained(resources, monkeypatch):
    from prh.encoders.weights import training

    first = fitted_checkpoint(MODEL, "model", fit(), resources)
    monkeypatch.setattr(training, "train", None)
    assert fitted_checkpoint(MODEL, "model", fit(), resources) == first
    assert (first.dataset, first.num_classes) == ("fashion_mnist", 10)
    assert 0 < first.test_accuracy < 1


@pytest.mark.parametrize("change", [{"lr": 2e-3}, {"seed": 1}, {"n_train": 201}, {"batch_size": 64}])
def test_whatever_determines_it_trains_anew(resources, change, untested):
    paths = {fitted_checkpoint(MODEL, "model", fit(**changes), resources).path for changes in ({}, change)}
    assert len(paths) == 2


def test_the_same_config_gives_the_same_parameters_whatever_the_global_seed(
    resources, data_dir, tmp_path, untested
):
    elsewhere = Resources(FashionMNIST(n=100), data_dir, tmp_path / "elsewhere", "cpu", Silent())
    states = []
    for seed, where in enumerate((resources, elsewhere)):
        torch.manual_seed(seed)
        before = torch.get_rng_state()
        states.append(load_file(fitted_checkpoint(MODEL, "model", fit(), where).path))
        assert (torch.get_rng_state() == before).all()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_training_that_breaks_off_leaves_no_checkpoint(resources, monkeypatch, tmp_path):
    from prh.encoders.weights import training

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "accuracy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fitted_checkpoint(MODEL, "model", fit(), resources)
    assert not list(tmp_path.rglob("*.safetensors"))


class Contrary:
    """Training images are bright or dark by class; those held out, two fewer, are labelled the other way."""

    n = None

    def training_data(self, data_dir, report):
        return self.images("train", 40, 0)

    def held_out_data(self, data_dir, report):
        return self.images("test", 38, 1)

    def images(self, name, n, first):
        labels = (np.arange(n) + first) % 2
        pixels = np.full((n, 1, 8, 8), 20, np.uint8)
        pixels[labels == 1 - first] = 230
        return StimulusSet(name, pixels, labels, ("dark", "bright"), np.arange(n), name, "made here")


@pytest.fixture
def contrary(tmp_path):
    report = Listening()
    model = Network("small", "tests.test_keys.Small", {"filters": 2})
    how = Fit(n_train=40, epochs=8, lr=0.05, batch_size=8, seed=0, preprocess=Preprocess([0.5], [0.5]))
    resources = Resources(Contrary(), tmp_path, tmp_path, "cpu", report)
    return (model, "model", how, resources), report


def test_a_network_is_trained_on_what_it_may_and_tested_on_what_was_held_out(contrary):
    checkpoint = fitted_checkpoint(*contrary[0])
    assert checkpoint.test_accuracy == 0


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "another network"])
def test_a_damaged_checkpoint_is_named_and_trained_again(contrary, damage):
    arguments, report = contrary
    first = fitted_checkpoint(*arguments)
    content = first.path.read_bytes()
    other = save({"2.weight": torch.zeros(2, 72)}, {"test_accuracy": "1.0"})
    first.path.write_bytes(
        {
            "flip": content[:-3] + bytes([content[-3] ^ 1]) + content[-2:],
            "cut": content[:-40],
            "empty": b"",
            "another network": other,
        }[damage]
    )
    assert fitted_checkpoint(*arguments) == first
    assert first.path.read_bytes() == content
    assert report.warnings == [f"{first.path} is damaged; it is made again"]


def test_a_checkpoint_that_changes_after_it_was_found_is_not_read(contrary):
    (network, key, how, resources), _ = contrary
    about = {"fit": how, "arguments": network.arguments}
    encoder = VisionModel(network.name, network.architecture, Fitted(), **about).resolve(key, resources)
    assert encoder.load("cpu")
    with encoder.weights.path.open("r+b") as stream:
        stream.seek(-3, 2)
        stream.write(b"x")
    with pytest.raises(ConfigError, match=r"was changed or removed during this run"):
        encoder.load("cpu")


def test_training_learns(resources):
    assert (
        fitted_checkpoint(MODEL, "model", fit(n_train=1000, epochs=3, lr=0.01), resources).test_accuracy > 0.4
    )
