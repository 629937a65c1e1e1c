"""Networks as they are: every classifier of torchvision's builds, is traced and is read."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from torch import nn

from prh.encoders import VisionEncoder, VisionModel
from prh.encoders.network.input_size import suiting
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.weights import Random
from prh.encoders.weights.files import FoundWeights
from prh.features import All, Stages
from prh.features.factors import kind_of
from prh.features.hooks import LayerReader
from prh.features.layers import layers_of, traced
from prh.features.pooling import pooled

DOZEN = {
    "alexnet": ("features.0", 64, "classifier.5", 4096),
    "convnext_tiny": ("features.0", 96, "avgpool", 768),
    "efficientnet_b0": ("features.0", 32, "avgpool", 1280),
    "googlenet": ("conv1", 64, "avgpool", 1024),
    "mnasnet0_5": ("layers.0", 16, "layers.16", 1280),
    "mobilenet_v2": ("features.0", 32, "features.18", 1280),
    "mobilenet_v3_small": ("features.0", 16, "avgpool", 576),
    "regnet_y_400mf": ("stem", 32, "avgpool", 440),
    "resnet18": ("conv1", 64, "avgpool", 512),
    "shufflenet_v2_x0_5": ("conv1", 24, "conv5", 1024),
    "squeezenet1_1": ("features.0", 64, "features.12", 512),
    "swin_t": ("features.1", 96, "flatten", 768),
}
"""The first and the last stage, or one whose channels come last, and how many numbers each has."""
SMALL = Preprocess([0.0] * 3, [1.0] * 3, resize=64, crop=64)


def encoder(architecture, preprocess=SMALL, train=False, **arguments):
    model = VisionModel("net", architecture, Random(), arguments=arguments)
    preprocess = suiting(model.network, "model", preprocess, train)
    return VisionEncoder(model, "model", FoundWeights(None, "0", "test", preprocess, num_classes=5))


def read(net, layers, pool="avg", ran=None):
    """Returns every layer's rows for two pictures of noise."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torchvision's own, of slow initialisation
        network = net.model.network.make("model", 5).eval()
    ran = ran or traced(net)
    shown = torch.rand(2, *net.weights.preprocess.input_size)
    reader = LayerReader(network, layers, ran, lambda out, how: pooled(out, pool, how.axes, how.placeless))
    with reader, torch.inference_mode():
        return reader(shown)


def torchvision(name):
    slow = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return encoder("torchvision.models.get_model", name=name, **slow)


@pytest.mark.parametrize("name", DOZEN)
def test_stages_have_a_number_for_each_channel(name):
    net = torchvision(name)
    first, channels, last, numbers = DOZEN[name]
    stages = Stages().of(net)
    assert stages[-1] == last
    rows = read(net, stages)
    assert (rows[first].shape, rows[last].shape) == ((2, channels), (2, numbers))
    assert all(row.shape[0] == 2 and row.isfinite().all() for row in rows.values())


def every_classifier():
    from torchvision import models

    return models.list_models(module=models)


@pytest.mark.slow
@pytest.mark.parametrize("name", every_classifier())
def test_every_classifier_is_read_in_all_its_leaves(name):
    net = torchvision(name)
    ran = traced(net)
    executed = layers_of(net, ran)
    assert Stages().default(net, executed)
    leaves = All().default(net, executed)
    assert all(ran[leaf].axes is not None for leaf in leaves)
    if sum(p.numel() for p in net.outline().parameters()) < 40e6:
        rows = read(net, leaves, ran=ran)
        for leaf, row in rows.items():
            channels = [np.prod([n for _, n in axis]) for axis in ran[leaf].axes if kind_of(axis) == "C"]
            assert row.shape == (2, np.prod(channels)), leaf


TIMM = {
    "swin_tiny_patch4_window7_224": {"depths": (2, 1, 1, 1)},
    "convnext_atto": {"depths": (1, 1, 1, 1)},
    "mixer_s32_224": {},
}


@pytest.mark.parametrize("name", TIMM)
def test_timms_networks_that_put_channels_last_are_read_by_channel(name):
    pytest.importorskip("timm", reason="the extra prh[timm] is not installed")
    net = encoder("prh.encoders.timm_model.timm_model", name=name, **TIMM[name])
    leaves = All().of(net)
    rows = read(net, leaves)
    modules = dict(net.outline().named_modules())
    for leaf, row in rows.items():
        module = modules[leaf]
        wanted = getattr(module, "out_features", None) or getattr(module, "out_channels", None)
        if wanted and "mlp_tokens" not in leaf and "cpb" not in leaf:
            assert row.shape == (2, wanted), leaf


VITS = {
    "vit_tiny_patch16_224": [0],
    "vit_small_patch14_reg4_dinov2": [0, 1, 2, 3, 4],
    "deit_tiny_distilled_patch16_224": [0, 1],
    "vit_base_patch16_siglip_224": [],
}


@pytest.mark.parametrize("name", VITS)
def test_timms_class_tokens_and_registers_are_known(name):
    timm = pytest.importorskip("timm", reason="the extra prh[timm] is not installed")
    with torch.device("meta"):
        assert len(VITS[name]) == timm.create_model(name).num_prefix_tokens
    net = encoder("prh.encoders.timm_model.timm_model", name=name, img_size=224)
    ran = traced(net)
    stages = [stage for stage in Stages().of(net) if "blocks." in stage or stage == "norm"]
    assert stages
    assert all(list(ran[stage].placeless) == VITS[name] for stage in stages)


@pytest.mark.parametrize("pool", ["avg", "cls"])
def test_torchvisions_class_token_is_no_position(pool):
    net = torchvision("vit_b_16")
    rows = read(net, ["encoder.layers.encoder_layer_0", "encoder.ln"], pool)
    tokens = read(net, ["encoder.ln"], "flatten")["encoder.ln"].reshape(2, -1, 768)
    torch.testing.assert_close(rows["encoder.ln"], tokens[:, 0] if pool == "cls" else tokens[:, 1:].mean(1))


@pytest.mark.parametrize("side", ["features.1.0.block.0", "features.1.0.block.2", "features.1.0.block.4"])
def test_convnexts_leaves_are_pooled_over_positions_where_channels_equal_the_width(side):
    # 96 channels, and at 384 pixels 96 rows and columns
    net = encoder("torchvision.models.convnext_tiny", replace(SMALL, resize=384, crop=384))
    axes = "".join(map(kind_of, traced(net)[side].axes))
    assert axes == ("NCPP" if side.endswith(".0") else "NPPC")


@dataclass(frozen=True)
class Found:
    """What a layer of one's own may put out."""

    maps: torch.Tensor
    score: float


class Odd(nn.Module):
    """Puts out tuples, dicts and dataclasses, goes through attention and an LSTM, and has a second head."""

    def __init__(self, num_classes):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 8, 8)
        self.wrapped = Wrapped()
        self.named = Named()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.lstm = nn.LSTM(8, 5, batch_first=True)
        self.time_first = nn.GRU(5, 7)
        self.head = nn.Linear(7, num_classes)
        self.nothing = Nothing()

    def forward(self, x):
        self.nothing(x)
        x = self.named(self.wrapped(self.stem(x)))["maps"].maps
        x = x.flatten(2).transpose(1, 2)
        x = self.attention(x, x, x)[0]
        x = self.lstm(x)[0]
        x = self.time_first(x.transpose(0, 1))[0].mean(0)
        return self.head(x), x


class Wrapped(nn.Module):
    def forward(self, x):
        return x + 1, [x]


class Named(nn.Module):
    def forward(self, x):
        return {"maps": Found(x[0], 0.5), "more": x[1]}


class Nothing(nn.Module):
    def forward(self, x):
        return None


def test_whatever_modules_put_out_their_first_tensor_is_read():
    net = encoder("tests.features.test_networks.Odd")
    assert "nothing" not in traced(net)
    rows = read(net, ["wrapped", "named", "attention", "lstm", "time_first", "head"])
    assert {name: tuple(row.shape) for name, row in rows.items()} == {
        **dict.fromkeys(("wrapped", "named", "attention"), (2, 8)),
        **{"lstm": (2, 5), "time_first": (2, 7), "head": (2, 5)},
    }
    torch.testing.assert_close(rows["wrapped"], rows["named"])
