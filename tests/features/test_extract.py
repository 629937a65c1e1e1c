"""Features are what a plain forward pass gives."""

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from safetensors.torch import save_file
from torch.nn import functional

from prh.config import resolve
from prh.encoders import Resources
from prh.encoders.fashion_cnn import FashionCNN
from prh.features import FeatureStore, vision_features
from prh.features.forward import Extraction
from prh.ground.conf import CONF
from prh.ground.progress import Silent


@pytest.fixture
def prepare(data_dir, tmp_path):
    def run(*overrides):
        with initialize_config_dir(str(CONF), version_base="1.3"):
            config = compose("config", [*overrides, "output_dir=out"])
        settings = resolve(OmegaConf.to_container(config, resolve=True))
        resources = Resources(settings.dataset, data_dir, tmp_path, "cpu", Silent())
        encoder = settings.model.resolve("model", resources)
        return encoder, settings.dataset.draw(0, data_dir, Silent()), settings.layers.of(encoder)

    return run


@pytest.fixture
def own_weights(tmp_path):
    torch.manual_seed(0)
    network = FashionCNN(10).eval()
    save_file(network.state_dict(), tmp_path / "own.safetensors")
    return network, f"model.weights.path={tmp_path}/own.safetensors"


def how(**changes):
    return Extraction(**{"pool": "avg", "device": "cpu", "precision": "fp32", "batch_size": 16, **changes})


def test_fashion_cnn_features_are_its_activations(prepare, own_weights, tmp_path):
    network, override = own_weights
    encoder, stimuli, layers = prepare("model=fashion_cnn", override, "dataset.n=40")
    features = vision_features(encoder, stimuli, layers, how(), FeatureStore(tmp_path, Silent()), Silent())
    with torch.inference_mode():
        images = (torch.tensor(stimuli.images) / 255 - 0.2860) / 0.3530
        first = network.conv1(images)
        second = network.conv2(first.relu())
    expected = {"conv1": first, "conv2": second, "avgpool": second.relu()}
    assert list(features) == list(expected)
    for layer, activations in expected.items():
        np.testing.assert_allclose(features[layer], activations.mean((2, 3)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "side"), [("lite0", 224), ("lite1", 240), ("lite2", 260)])
def test_efficientnet_features_are_those_of_the_packaged_network(name, side, prepare, tmp_path):
    encoder, stimuli, layers = prepare(f"model=efficientnet_{name}", "dataset.n=16")
    assert len(layers) == 10
    store = FeatureStore(tmp_path, Silent())
    features = vision_features(encoder, stimuli.at(np.arange(6)), layers, how(), store, Silent())
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    images = functional.interpolate(
        torch.tensor(stimuli.images[:6]).float(), (side, side), mode="bilinear", antialias=True
    )
    shown = (images.round() / 255 - mean.view(-1, 1, 1)) / std.view(-1, 1, 1)
    with torch.inference_mode():
        expected = encoder.load("cpu").extract_features(shown).mean((2, 3))
    np.testing.assert_allclose(features["_avg_pooling"], expected, rtol=1e-3, atol=1e-4)


def test_batches_make_no_difference(prepare, own_weights, tmp_path):
    encoder, stimuli, layers = prepare("model=fashion_cnn", own_weights[1], "dataset.n=40")
    stores = [FeatureStore(tmp_path / str(size), Silent()) for size in (7, 40)]
    a, b = (
        vision_features(encoder, stimuli, layers, how(batch_size=size), store, Silent())
        for size, store in zip((7, 40), stores, strict=True)
    )
    for layer in layers:
        np.testing.assert_allclose(a[layer], b[layer], rtol=1e-5, atol=1e-6)


def test_bf16_is_close_and_kept_apart(prepare, own_weights, tmp_path):
    encoder, stimuli, layers = prepare("model=fashion_cnn", own_weights[1], "dataset.n=20")
    store = FeatureStore(tmp_path, Silent())
    full, half = (
        vision_features(encoder, stimuli, layers, how(precision=precision), store, Silent())
        for precision in ("fp32", "bf16")
    )
    for layer in layers:
        assert half[layer].dtype == np.float32
        assert (full[layer] != half[layer]).any()
        np.testing.assert_allclose(full[layer], half[layer], atol=0.02)
