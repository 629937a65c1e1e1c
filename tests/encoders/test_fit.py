"""Training happens once, repeatably, and leaves nothing half-done."""

import pytest
import torch
from safetensors.torch import load_file

from prh.encoders import Resources, VisionModel
from prh.encoders.fit import Fit, fitted_checkpoint
from prh.encoders.preprocess import Preprocess
from prh.encoders.weights import Fitted
from prh.progress import Silent
from prh.stimuli import FashionMNIST

MODEL = VisionModel("fashion_cnn", "prh.encoders.fashion_cnn.FashionCNN", Fitted())


def fit(**changes):
    settings = {"n_train": 200, "epochs": 1, "lr": 1e-3, "batch_size": 32, "seed": 0}
    return Fit(**{**settings, **changes}, preprocess=Preprocess([0.286], [0.353]))


@pytest.fixture
def resources(data_dir, tmp_path):
    return Resources(FashionMNIST(n=100), data_dir, tmp_path, "cpu", Silent())


@pytest.fixture
def untested(monkeypatch):
    """Spares the seconds that scoring 10,000 images takes, where nothing depends on the score."""
    from prh.encoders import training

    monkeypatch.setattr(training, "accuracy", lambda *arguments: 0.5)


def test_the_second_time_nothing_is_trained(resources, monkeypatch):
    from prh.encoders import training

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
    from prh.encoders import training

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "accuracy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fitted_checkpoint(MODEL, "model", fit(), resources)
    assert not list(tmp_path.rglob("*.safetensors"))


def test_training_learns(resources):
    assert (
        fitted_checkpoint(MODEL, "model", fit(n_train=1000, epochs=3, lr=0.01), resources).test_accuracy > 0.4
    )
