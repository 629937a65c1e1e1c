"""Networks are shown pictures of a size that they take."""

import numpy as np
import pytest
import torch

from prh.encoders import Resources
from prh.encoders.network.fit import Fit
from prh.encoders.network.input_size import suiting
from prh.encoders.network.network import Network
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.weights.training import train
from prh.ground.progress import Silent
from prh.stimuli.stimulus_set import StimulusSet

SMALL = Preprocess([0.0] * 3, [1.0] * 3, resize=64)


@pytest.mark.parametrize(
    ("name", "training", "side"),
    [
        ("resnet18", True, 64),
        ("vit_b_32", True, 224),
        ("vit_b_32", False, 224),
        ("swin_t", True, 64),
        ("inception_v3", False, 224),
        ("inception_v3", True, 299),
        ("googlenet", True, 64),
        ("googlenet", False, 64),
    ],
)
def test_it_stays_where_the_network_takes_it_and_becomes_the_networks_own_else(name, training, side):
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    network = Network(name, "torchvision.models.get_model", {"name": name, **options})
    assert suiting(network, "model", SMALL, training).input_size == (3, side, side)


def test_signals_and_networks_for_any_size_are_left_alone():
    network = Network("net", "prh.encoders.fashion_cnn.FashionCNN")
    gray = Preprocess([0.0], [1.0])
    assert suiting(network, "model", gray, True) is gray


class TwoHeads(torch.nn.Module):
    """Puts out two heads while it is trained, as GoogLeNet does."""

    def __init__(self, num_classes):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, num_classes))
        self.second = torch.nn.Linear(num_classes, num_classes)

    def forward(self, x):
        logits = self.body(x)
        return (logits, self.second(logits)) if self.training else logits


def test_auxiliary_heads_do_not_stand_in_the_way_of_training(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (64, 3, 8, 8), dtype=np.uint8)
    labels = (images.mean((1, 2, 3)) > 127).astype(np.int64)
    sample = StimulusSet("noise", images, labels, ("dark", "bright"), np.arange(64), "0", "made here")
    fit = Fit(
        n_train=64, epochs=3, lr=1e-2, batch_size=16, seed=0, preprocess=Preprocess([0.5] * 3, [0.2] * 3)
    )
    network = Network("heads", "tests.encoders.network.test_input_size.TwoHeads", fit=fit)
    torch.manual_seed(fit.seed)
    fresh = network.make("model", 2)
    trained = train(network, fit, sample, Resources(None, tmp_path, tmp_path, "cpu", Silent()))
    assert not torch.equal(trained.body[1].weight, fresh.body[1].weight)
    assert trained(torch.rand(2, 3, 8, 8)).shape == (2, 2)
