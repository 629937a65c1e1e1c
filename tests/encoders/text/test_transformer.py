"""Text models of each family, held to plain calls of transformers, one sentence at a time."""

import json
import shutil

import numpy as np
import pytest

from prh.encoders import Resources, SentenceModel
from prh.encoders.text.encoder import count_cut
from prh.encoders.text.transformer import TransformerEncoder
from prh.errors import ConfigError
from prh.features import FeatureStore, Last, text_features
from prh.ground.progress import Silent
from prh.stimuli import FashionMNIST
from tests.encoders.text.tiny import FAMILIES, SENTENCES, make

LAYERS = ["tokens", "block1", "block2", "block3"]
FIRST = {"bert", "roberta", "bart"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("tiny")
    return {family: make(family, root) for family in FAMILIES}


@pytest.fixture(scope="module")
def resources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    return Resources(FashionMNIST(n=10), folder, folder, "cpu", Silent())


def found(folder, resources, **options) -> TransformerEncoder:
    encoder = SentenceModel(str(folder), **options).resolve(resources)
    assert isinstance(encoder, TransformerEncoder)
    return encoder


def rows(encoder, sentences, pool):
    batches = list(encoder.encode(sentences, encoder.layers, pool))
    return {layer: np.concatenate([batch[layer] for batch in batches]) for layer in encoder.layers}


def alone(folder, sentence, pool, special_tokens=True):
    """A vector of each hidden state by transformers alone: no padding, no mask, pooled by hand."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    model = model.get_encoder() if model.config.is_encoder_decoder else model
    ids = tokenizer(sentence)["input_ids"]
    with torch.no_grad():
        states = model(torch.tensor([ids]), output_hidden_states=True).hidden_states
    kept = [place for place, one in enumerate(ids) if special_tokens or one not in tokenizer.all_special_ids]
    take = {"avg": lambda s: s[kept].mean(0), "last": lambda s: s[-1], "cls": lambda s: s[0]}[pool]
    return [take(state[0].numpy()) for state in states]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_layer_is_that_of_transformers_padded_or_alone(family, folders, resources):
    encoder = found(folders[family], resources)
    assert encoder.layers == LAYERS
    assert encoder.label == f"tiny-{family}"
    assert ("cls" in encoder.pools) == (family in FIRST)
    for pool in encoder.pools:
        together = rows(encoder, SENTENCES, pool)
        for place, sentence in enumerate(SENTENCES):
            for layer, expected in zip(LAYERS, alone(folders[family], sentence, pool), strict=True):
                np.testing.assert_allclose(together[layer][place], expected, atol=1e-5)


@pytest.mark.parametrize("family", ["bert", "t5", "llama", "gpt2"])
def test_averages_can_leave_out_what_stands_for_no_text(family, folders, resources):
    encoder = found(folders[family], resources, special_tokens=False)
    together = rows(encoder, SENTENCES, "avg")
    for place, sentence in enumerate(SENTENCES):
        for layer, expected in zip(LAYERS, alone(folders[family], sentence, "avg", False), strict=True):
            np.testing.assert_allclose(together[layer][place], expected, atol=1e-5)
    kept = rows(found(folders[family], resources), SENTENCES, "avg")
    assert np.allclose(kept["block3"], together["block3"]) == (family == "gpt2")  # which adds no token


def test_a_first_token_that_has_read_nothing_is_refused(folders, resources):
    encoder = found(folders["gpt2"], resources)
    with pytest.raises(
        ConfigError, match=r"layers\.text_pool: tiny-gpt2 .* Use layers\.text_pool=avg or last"
    ):
        Last(text_pool="cls").of_text(encoder)
    assert Last(text_pool="cls").of_text(found(folders["bert"], resources)) == ["block3"]


def test_long_sentences_are_cut_and_counted(folders, resources, tmp_path):
    encoder = found(folders["bert"], resources)
    assert encoder.limit == 62 or encoder.limit == 64
    long = [f"{number} " + "a boot in the rain " * 40 for number in range(3)]
    assert count_cut(encoder, [*SENTENCES, *long]) == 3
    assert count_cut(found(folders["llama"], resources), long) == 0
    told = []
    report = Silent()
    report.warn = told.append
    for _ in range(2):  # also where all is in the store
        store = FeatureStore(tmp_path, Silent())
        text_features(encoder, [[*SENTENCES, *long]], ["block3"], "avg", "stimuli", store, report)
    said = f"3 of 6 sentences are longer than the {encoder.limit} tokens that tiny-bert reads"
    assert told == [f"{said}, and are cut there"] * 2


@pytest.mark.parametrize("family", ["gpt2", "roberta", "bart"])
def test_a_tokenizer_without_a_limit_has_that_of_the_positions(family, folders, resources, tmp_path):
    folder = shutil.copytree(folders[family], tmp_path / family)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings.pop("model_max_length")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    encoder = found(folder, resources)
    assert encoder.limit is not None
    assert encoder.limit <= 64
    assert np.isfinite(rows(encoder, ["a boot in the rain " * 50], "avg")["block3"]).all()


def test_half_precision_is_a_model_of_its_own(folders, resources, tmp_path):
    whole = found(folders["gpt2"], resources)
    half = found(folders["gpt2"], resources, dtype="bf16")
    assert whole.fingerprint != half.fingerprint
    difference = np.abs(rows(whole, SENTENCES, "avg")["block3"] - rows(half, SENTENCES, "avg")["block3"])
    assert 0 < difference.max() < 0.1
    kept_in_half = make("gpt2", tmp_path, "bfloat16")
    assert not found(kept_in_half, resources).half  # on a CPU
    on_gpu = Resources(FashionMNIST(n=10), tmp_path, tmp_path, "cuda", Silent())
    assert found(kept_in_half, on_gpu).half
    assert not found(kept_in_half, on_gpu, dtype="fp32").half


def test_what_features_depend_on_is_in_the_fingerprint(folders, resources, tmp_path):
    first = found(folders["t5"], resources).fingerprint
    assert found(folders["t5"], resources, special_tokens=False).fingerprint != first
    folder = shutil.copytree(folders["t5"], tmp_path / "tiny-t5")
    assert found(folder, resources).fingerprint == first
    tokenizer = folder / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text() + " ")
    assert found(folder, resources).fingerprint != first


def test_rows_stay_with_their_sentences_whatever_their_length(folders, resources, tmp_path):
    encoder = found(folders["llama"], resources)
    sentences = [("boot " * (1 + number * 7 % 40)).strip() + f" {number}" for number in range(150)]
    store = FeatureStore(tmp_path, Silent())
    features = text_features(encoder, [sentences], ["block2"], "avg", "stimuli", store, Silent())["block2"]
    for place in (0, 1, 77, 149):
        expected = alone(folders["llama"], sentences[place], "avg")[2]
        np.testing.assert_allclose(features[place], expected, atol=1e-5)


def broken(folders, tmp_path, what):
    folder = shutil.copytree(folders["bert"], tmp_path / "tiny-bert")
    if what == "no config":
        (folder / "config.json").unlink()
    elif what == "no tokenizer":
        for file in folder.glob("tokenizer*"):
            file.unlink()
    elif what == "unknown model":
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"model_type": "nobody_knows"}))
    elif what == "cut weights":
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:1000])
    return folder


@pytest.mark.parametrize("what", ["no config", "no tokenizer", "unknown model", "cut weights"])
def test_what_is_no_text_model_is_one_line(what, folders, resources, tmp_path):
    folder = broken(folders, tmp_path, what)
    with pytest.raises(ConfigError, match=r"text\.name") as refused:
        rows(found(folder, resources), SENTENCES, "avg")
    assert "\n" not in str(refused.value)


def test_nothing_to_read_is_refused(folders, resources):
    with pytest.raises(ConfigError, match="reads nothing in ''"):
        rows(found(folders["gpt2"], resources), ["a shoe", ""], "avg")
