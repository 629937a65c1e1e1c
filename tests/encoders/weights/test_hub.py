"""timm and CLIP, by networks so small that they need no download."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from prh.encoders import Resources, VisionModel
from prh.encoders.clip import ClipText
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.weights import Local
from prh.encoders.weights.hub import OpenClip, Timm
from prh.errors import ConfigError
from prh.features import All, FeatureStore, Stages, text_features, vision_features
from prh.features.forward import Extraction
from prh.ground.progress import Silent
from prh.stimuli import OpenMoji
from tests.conftest import Listening

TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
    "text_cfg": {"context_length": 20, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 3},
}
PREPROCESS = Preprocess(mean=[0.5] * 3, std=[0.5] * 3, resize=32, crop=32)


@pytest.fixture
def resources(data_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return Resources(OpenMoji(n=8), data_dir, tmp_path / "cache", "cpu", Silent())


@pytest.fixture
def clip(tmp_path):
    """A tiny random CLIP, both towers, in a file."""
    open_clip = pytest.importorskip("open_clip", reason="the extra prh[clip] is not installed")
    (tmp_path / "tiny.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(tmp_path)
    torch.manual_seed(0)
    model = open_clip.create_model("tiny").eval()
    save_file(
        {name: tensor.contiguous() for name, tensor in model.state_dict().items()}, tmp_path / "c.safetensors"
    )
    return model, str(tmp_path / "c.safetensors")


def features(model, resources, layers):
    encoder = model.resolve("model", resources)
    stimuli = resources.dataset.draw(0, resources.data_dir, Silent())
    how = Extraction("avg", "cpu", "fp32", 4)
    names = layers.of(encoder)
    return stimuli, vision_features(
        encoder, stimuli, names, how, FeatureStore(resources.cache_dir, Silent()), Silent()
    )


def test_clips_image_tower_gives_its_own_embeddings(clip, resources):
    network, path = clip
    weights = OpenClip(tag="none", path=path)
    model = VisionModel("clip", "prh.encoders.clip.image_tower", weights, arguments={"architecture": "tiny"})
    stimuli, found = features(model, resources, Stages())
    assert found.last == "embedding"
    assert [name for name in found if "resblocks.1" in name]
    images = model.resolve("model", resources).weights.preprocess(torch.tensor(np.asarray(stimuli.images)))
    with torch.inference_mode():
        expected = network.encode_image(images).numpy()
    np.testing.assert_allclose(found["embedding"], expected, atol=1e-4)


@pytest.mark.parametrize("pool", ["avg", "last"])
def test_clips_text_tower_gives_its_own_embeddings(clip, resources, pool):
    import open_clip

    network, path = clip
    encoder = ClipText("tiny", "none", path).resolve(resources)
    assert encoder.layers == ["block1", "block2", "block3", "embedding"]
    sentences = ["a cat", "a very small dog on a very large hill"]
    store = FeatureStore(resources.cache_dir, Silent())
    found = text_features(encoder, [sentences], encoder.layers, pool, "stimuli", store, Silent())
    with torch.inference_mode():
        expected = network.encode_text(open_clip.get_tokenizer("tiny")(sentences)).numpy()
    np.testing.assert_allclose(found["embedding"], expected, atol=1e-4)
    if pool == "last":
        # The embedding is read off the end of the sentence, behind a norm and a projection.
        with torch.inference_mode():
            projected = network.ln_final(torch.tensor(found["block3"])) @ network.text_projection
        np.testing.assert_allclose(projected.numpy(), expected, atol=1e-4)


def test_clip_weights_that_cannot_be_had_say_where_they_are(resources):
    pytest.importorskip("open_clip", reason="the extra prh[clip] is not installed")
    with pytest.raises(ConfigError, match=r"text\.path.*co/laion/CLIP-ViT-B-32.*text\.path=FILE"):
        ClipText("ViT-B-32", "laion2b_s34b_b79k").resolve(resources)
    with pytest.raises(ConfigError, match=r"text\.tag: ViT-B-32 has no weights mine.*laion2b"):
        ClipText("ViT-B-32", "mine").resolve(resources)
    with pytest.raises(ConfigError, match=r"text\.architecture: open_clip has no ViT-Z"):
        ClipText("ViT-Z", "mine").resolve(resources)
    (resources.cache_dir.parent / "rubbish.pt").write_text("rubbish")
    with pytest.raises(ConfigError, match=r"text\.path: .*rubbish\.pt is no checkpoint of ViT-B-32"):
        ClipText("ViT-B-32", "x", str(resources.cache_dir.parent / "rubbish.pt")).resolve(resources)


@pytest.mark.parametrize("name", ["test_vit", "test_efficientnet"])
def test_a_timm_model_with_weights_from_a_file(name, resources, tmp_path):
    timm = pytest.importorskip("timm", reason="the extra prh[timm] is not installed")
    torch.manual_seed(0)
    network = timm.create_model(name, num_classes=7).eval()
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, tmp_path / "t.safetensors")
    weights = Timm(str(tmp_path / "t.safetensors"))
    model = VisionModel(name, "prh.encoders.timm_model.timm_model", weights, arguments={"name": name})
    stimuli, found = features(model, resources, All())
    preprocess = model.resolve("model", resources).weights.preprocess
    assert preprocess.crop == network.pretrained_cfg["input_size"][-1]
    with torch.inference_mode():
        expected = network(preprocess(torch.tensor(np.asarray(stimuli.images)))).numpy()
    np.testing.assert_allclose(found[found.last], expected, atol=1e-3)


def test_timm_weights_that_cannot_be_had_say_where_they_are(resources):
    pytest.importorskip("timm", reason="the extra prh[timm] is not installed")
    build = "prh.encoders.timm_model.timm_model"
    model = VisionModel("test_vit", build, Timm(), arguments={"name": "test_vit"})
    with pytest.raises(ConfigError, match=r"model\.weights\.path.*huggingface\.co/timm/test_vit.*path=FILE"):
        model.resolve("model", resources)
    with pytest.raises(ConfigError, match=r"model\.name: cannot build n .*Unknown model \(no_such_net\)"):
        VisionModel("n", build, Timm(), arguments={"name": "no_such_net"}).resolve("model", resources)


def test_downloads_from_the_hub_are_announced(resources, monkeypatch):
    pytest.importorskip("timm", reason="the extra prh[timm] is not installed")
    pytest.importorskip("open_clip", reason="the extra prh[clip] is not installed")
    monkeypatch.setattr("prh.encoders.weights.hub.size_on_hub", lambda *given: 340_000_000)
    listening = Listening()
    told = replace(resources, report=listening)
    timm = VisionModel("v", "prh.encoders.timm_model.timm_model", Timm(), arguments={"name": "test_vit"})
    for who in (lambda: timm.resolve("model", told), lambda: ClipText("ViT-B-32", "openai").resolve(told)):
        with pytest.raises(ConfigError, match="cannot be downloaded"):
            who()
    assert listening.notes[0].startswith("Downloading timm/test_vit.r160_in1k: 340 MB into ")
    assert listening.notes[1].startswith("Downloading timm/vit_base_patch32_clip_224.openai: 340 MB into ")
    assert all(note.endswith("; model=efficientnet_lite0 needs no download") for note in listening.notes)


def test_a_timm_model_without_a_classifier_is_read_whole(resources, tmp_path):
    timm = pytest.importorskip("timm", reason="the extra prh[timm] is not installed")
    network = timm.create_model("test_vit", num_classes=0).eval()
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, tmp_path / "t.safetensors")
    weights, build = Timm(str(tmp_path / "t.safetensors")), "prh.encoders.timm_model.timm_model"
    model = VisionModel("headless", build, weights, arguments={"name": "test_vit"})
    stimuli, found = features(model, resources, Stages())
    encoder = model.resolve("model", resources)
    assert encoder.weights.num_classes == 0
    with torch.inference_mode():
        images = encoder.weights.preprocess(torch.tensor(np.asarray(stimuli.images)))
        tokens = network.forward_features(images)[:, network.num_prefix_tokens :].mean(dim=1).numpy()
    np.testing.assert_allclose(found["norm"], tokens, atol=1e-3)


def backbone(num_classes):
    """A feature extractor: there is nothing to classify with."""
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.AdaptiveAvgPool2d(1))


def test_a_network_of_ones_own_needs_no_classifier(resources, tmp_path):
    network = backbone(0)
    save_file(network.state_dict(), tmp_path / "mine.safetensors")
    weights = Local(str(tmp_path / "mine.safetensors"))
    model = VisionModel("custom", f"{__name__}.backbone", weights, preprocess=PREPROCESS)
    stimuli, found = features(model, resources, All())
    with torch.inference_mode():
        expected = network(PREPROCESS(torch.tensor(np.asarray(stimuli.images)))).flatten(1).numpy()
    np.testing.assert_allclose(found[found.last], expected, atol=1e-5)


def test_a_network_of_ones_own(resources, tmp_path):
    from prh.encoders.fashion_cnn import FashionCNN

    save_file(FashionCNN(5).state_dict(), tmp_path / "mine.safetensors")
    gray = Preprocess(mean=[0.5], std=[0.5], resize=28, crop=28)
    weights = Local(str(tmp_path / "mine.safetensors"))
    model = VisionModel("custom", "prh.encoders.fashion_cnn.FashionCNN", weights, preprocess=gray)
    _, found = features(model, resources, Stages())
    assert found[found.last].shape[0] == 8


def test_a_run_with_both_towers_of_clip(clip, prh, runs):
    _, path = clip
    towers = [
        *("model=clip", "model.arguments.architecture=tiny", f"model.weights.path={path}"),
        *("text=clip", "text.architecture=tiny", f"text.path={path}"),
    ]
    few = ["inference.n_permutations=49", "inference.n_bootstrap=20"]
    small = [*few, "figures.umap_layers=1", "figures.dpi=60"]
    outcome = prh(
        "dataset=openmoji",
        "dataset.n=40",
        "model@reference=pixels",
        "layers.text=all",
        "metric=mutual_knn",
        *towers,
        *small,
    )
    assert outcome.code == 0, outcome.err
    assert "clip × clip text (tiny), 40 stimuli" in outcome.out
    _, (run,) = runs()
    assert run.data.tags["weights.model"] == run.data.tags["weights.text"] == "file:c.safetensors"
    assert run.data.tags["model_vs_text.last.layers"] == "embedding × embedding"
