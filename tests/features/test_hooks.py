"""What the hooks read is what flowed there, at the moment it flowed."""

import pytest
import torch
from torch import nn

from prh.encoders.fashion_cnn import FashionCNN
from prh.features.hooks import LayerReader, trace
from prh.features.pooling import pooled


class Shared(nn.Module):
    """Runs one in-place ReLU twice, and counts how often its last layer runs."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)
        self.second = nn.Conv2d(4, 5, 3)
        self.head = nn.Conv2d(5, 2, 1)
        self.heads = 0
        self.head.register_forward_hook(self.count)

    def count(self, *ignored):
        self.heads += 1

    def forward(self, x):
        x = self.relu(self.norm(self.first(x)))
        return self.head(self.relu(self.second(x)))


def traced(kind, *arguments, shape):
    with torch.device("meta"):
        return trace(kind(*arguments), shape)


@pytest.fixture
def shared():
    torch.manual_seed(0)
    network = Shared().eval()
    images = torch.randn(2, 3, 9, 9)
    with torch.inference_mode():
        first = network.norm(network.first(images))
        second = network.second(first.relu())
    return network, images, {"norm": first, "relu": second.relu(), "second": second}


def read(network, layers, images, pool="flatten"):
    ran = traced(Shared, shape=(3, 9, 9))
    reader = LayerReader(network, layers, ran, lambda out, how: pooled(out, pool, how.axes, how.placeless))
    with reader, torch.inference_mode():
        return reader(images)


@pytest.mark.parametrize("pool", ["flatten", "avg"])
@pytest.mark.parametrize("layer", ["norm", "relu", "second"])
def test_outputs_are_those_before_a_later_layer_overwrites_them(shared, layer, pool):
    network, images, expected = shared
    maps = expected[layer]
    right = maps.flatten(1) if pool == "flatten" else maps.mean((2, 3))
    torch.testing.assert_close(read(network, [layer], images, pool)[layer], right)


def test_nothing_runs_after_the_deepest_asked_layer(shared):
    network, images, _ = shared
    network.heads = 0
    read(network, ["norm", "second"], images)
    assert network.heads == 0
    read(network, ["head"], images)
    assert network.heads == 1


def test_hooks_are_gone_afterwards_also_after_an_error(shared):
    network, images, _ = shared
    before = [len(module._forward_hooks) for module in network.modules()]
    read(network, ["norm"], images)
    with pytest.raises(RuntimeError):
        read(network, ["norm"], torch.randn(2, 7, 9, 9))
    assert [len(module._forward_hooks) for module in network.modules()] == before


def test_the_trace_says_what_runs_how_often_and_in_which_order():
    calls = traced(Shared, shape=(3, 9, 9))
    assert list(calls) == ["first", "norm", "second", "relu", "head"]
    assert calls["relu"].calls == 2


def test_fashion_cnn_is_the_articles():
    network = FashionCNN(10)
    assert list(traced(FashionCNN, 10, shape=(1, 28, 28))) == [
        *("conv1", "relu1", "conv2", "relu2", "avgpool", "classifier")
    ]
    assert sum(isinstance(module, nn.Conv2d) for module in network.modules()) == 2
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
