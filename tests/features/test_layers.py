"""Which layers are compared."""

from dataclasses import replace

import pytest

from prh.encoders import VisionEncoder, VisionModel
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.weights import Fitted
from prh.encoders.weights.files import FoundWeights
from prh.errors import ConfigError
from prh.features import All, Last, Stages
from prh.features.layers import layers_of, traced

GRAY, COLOUR = Preprocess([0.0], [1.0]), Preprocess([0.0] * 3, [1.0] * 3, resize=224)
FASHION = "prh.encoders.fashion_cnn.FashionCNN"


def encoder(architecture, preprocess, key="model", stages=None, **arguments):
    model = VisionModel("net", architecture, Fitted(), stages=stages, arguments=arguments)
    return VisionEncoder(model, key, FoundWeights(None, "0", "test", preprocess, num_classes=10))


@pytest.fixture
def fashion():
    return encoder(FASHION, GRAY, stages=["conv1", "conv2", "avgpool"])


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (Stages(), ["conv1", "conv2", "avgpool"]),
        (Last(), ["avgpool"]),
        (All(), ["conv1", "relu1", "conv2", "relu2", "avgpool", "classifier"]),
        (Stages(names=["relu2", "conv1"]), ["conv1", "relu2"]),
        (All(reference_names=["conv1"], names=["conv2"]), ["conv2"]),
    ],
)
def test_layers_come_in_the_order_they_run(fashion, layers, expected):
    assert layers.of(fashion) == expected


def test_the_reference_has_names_of_its_own(fashion):
    layers = Stages(names=["conv2"], reference_names=["conv1"])
    assert layers.of(replace(fashion, key="reference")) == ["conv1"]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (Stages(names=["nope"]), r"layers\.names: net has no layer nope\. Its layers are conv1, relu1"),
        (Stages(names=[]), r"layers\.names: names no layer"),
    ],
)
def test_layers_that_do_not_exist_are_refused_with_those_that_do(fashion, layers, message):
    with pytest.raises(ConfigError, match=message):
        layers.of(fashion)


@pytest.mark.parametrize(
    ("architecture", "first", "last", "most"),
    [
        ("torchvision.models.resnet18", "conv1", "avgpool", 9),
        ("torchvision.models.vit_b_16", "conv_proj", "encoder.ln", 16),
        ("torchvision.models.mobilenet_v3_small", "features.0", "avgpool", 16),
        ("torchvision.models.vgg11", "features.0", "classifier.4", 35),
    ],
)
def test_stages_are_picked_for_a_model_that_names_none(architecture, first, last, most):
    net = encoder(architecture, COLOUR)
    stages = Stages().of(net)
    assert 5 <= len(stages) <= most
    assert (stages[0], stages[-1]) == (first, last)
    assert set(stages) <= set(layers_of(net, traced(net)))


def test_a_convolution_that_pads_through_a_child_is_a_leaf():
    leaves = All().of(encoder("prh.encoders.efficientnet_lite.efficientnet_lite", COLOUR, variant=0))
    assert leaves[:2] == ["_conv_stem", "_bn0"]
    assert len([name for name in leaves if "conv" in name]) == 49
    assert not any("padding" in name or "dropout" in name for name in leaves)
