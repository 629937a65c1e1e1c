"""Change anything that a cached result depends on, and its key changes; change anything else: it does not.

Hypothesis draws all fields and the one that is changed. What a key must depend on is written here, field by
field, and every field of the dataclasses is in one of the two lists.
"""

import shutil
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prh.encoders import VisionModel
from prh.encoders.network.fit import Fit
from prh.encoders.network.network import Network
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.text import SentenceEncoder
from prh.encoders.vision import VisionEncoder
from prh.encoders.weights import Nothing
from prh.encoders.weights.files import FoundWeights, name_of
from prh.encoders.weights.fitted import checkpoint_name
from prh.features.extract import shelf_of, text_shelf
from prh.features.forward import Extraction
from prh.features.layout import Umap, layout_key
from prh.stimuli import StimulusSet
from prh.stimuli.reaction_diffusion import ReactionDiffusion

quick = settings(max_examples=60, deadline=None)
words = st.text("abcdefgh", min_size=1, max_size=5)
counts = st.integers(1, 10**6)
few = st.integers(1, 600)
shares = st.floats(0.001, 0.999)
PREPROCESS = {
    "mean": st.lists(shares, min_size=1, max_size=1),
    "std": st.lists(shares, min_size=1, max_size=1),
    "resize": st.none() | st.integers(32, 300),
    "crop": st.none() | st.integers(8, 32),
    "interpolation": st.sampled_from(["bilinear", "bicubic"]),
}
SHELF = {
    **{f"preprocess.{name}": values for name, values in PREPROCESS.items()},
    "model.architecture": words,
    "model.arguments": st.dictionaries(words, counts, max_size=2),
    "model.senses": st.sampled_from(["images", "signals"]),
    "weights.sha256": words,
    "weights.substitute": st.just("") | words,  # part of the name that folders have
    "stimuli.fingerprint": words,
    "how.pool": st.sampled_from(["avg", "max", "cls", "flatten"]),
    "how.precision": st.sampled_from(["fp32", "bf16"]),
}
NO_MATTER_TO_A_SHELF = {
    "weights.path": words.map(Path),
    "weights.source": words,
    "weights.num_classes": counts,
    "weights.test_accuracy": st.none() | shares,
    "model.imagenet_top1": st.none() | shares,
    "model.family": st.none() | words,
    "model.stages": st.none() | st.lists(words, min_size=1),
    "stimuli.source": words,
    "how.device": words,
    "how.batch_size": few,
    "how.devices": few,
    "how.num_nodes": few,
    "key": st.sampled_from(["model", "reference"]),
}


def part(values, prefix):
    """The values whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def stimuli(**changes):
    two = {"images": np.zeros((2, 1, 8, 8), np.uint8), "labels": np.arange(2), "ids": np.arange(2)}
    return StimulusSet(
        **{
            "name": "set/train",
            "class_names": ("a", "b"),
            "fingerprint": "f",
            "source": "s",
            **two,
            **changes,
        }
    )


def shelf(values):
    weights = FoundWeights(preprocess=Preprocess(**part(values, "preprocess.")), **part(values, "weights."))
    model = VisionModel("net", weights=Nothing(), **part(values, "model."))
    encoder = VisionEncoder(model, values["key"], weights)
    return shelf_of(encoder, stimuli(**part(values, "stimuli.")), Extraction(**part(values, "how.")))


def changed(data, strategies, names):
    """Draws values for all fields, and others in which one of the named fields differs."""
    values = data.draw(st.fixed_dictionaries(strategies))
    name = data.draw(st.sampled_from(sorted(names)))
    other = data.draw(strategies[name].filter(lambda value: value != values[name]))
    return values, {**values, name: other}


@quick
@given(st.data())
def test_features_are_kept_by_all_that_determines_them(data):
    one, other = changed(data, SHELF | NO_MATTER_TO_A_SHELF, SHELF)
    assert shelf(one) != shelf(other)
    assert shelf(one) == shelf(dict(one))


@quick
@given(st.data())
def test_features_are_found_again_whatever_else_changes(data):
    one, other = changed(data, SHELF | NO_MATTER_TO_A_SHELF, NO_MATTER_TO_A_SHELF)
    assert shelf(one) == shelf(other)


def test_no_field_is_forgotten():
    named = {name.split(".")[-1] for name in SHELF | NO_MATTER_TO_A_SHELF}
    known = {"model", "weights", "preprocess", "key", "name", "fit"}  # what fit determines is in the weights
    for kind in (FoundWeights, Preprocess, VisionModel, VisionEncoder, Extraction):
        assert {field.name for field in fields(kind)} <= named | known, kind


FIT = {
    **{f"preprocess.{name}": values for name, values in PREPROCESS.items()},
    "n_train": counts,
    "epochs": few,
    "lr": shares,
    "batch_size": few,
    "seed": st.integers(0, 2**32 - 1),
    "training": words,
    "classes": st.integers(2, 20),
    "filters": st.integers(1, 4),
}


def checkpoint(values):
    fitted = {field.name: values[field.name] for field in fields(Fit) if field.name != "preprocess"}
    fit = Fit(**fitted, preprocess=Preprocess(**part(values, "preprocess.")))
    names = tuple(map(str, range(values["classes"])))
    data = stimuli(fingerprint=values["training"], class_names=names)
    network = Network("net", "tests.test_keys.Small", {"filters": values["filters"]})
    return checkpoint_name(network, "model", fit, data)


def Small(filters, num_classes):
    """The smallest network there is; ``grown`` says whether its author has changed it since."""
    from torch import nn

    layers = [nn.Conv2d(1, filters, 3), nn.Flatten(), nn.Linear(filters * 36, num_classes)]
    return nn.Sequential(*layers, *([nn.Identity()] if Small.grown else []))


Small.grown = False


@quick
@given(st.data())
def test_a_network_is_trained_anew_when_anything_that_determines_it_changes(data):
    one, other = changed(data, FIT, FIT)
    assert checkpoint(one) != checkpoint(other)
    assert checkpoint(one) == checkpoint(dict(one))


def test_a_network_whose_code_has_another_structure_is_trained_anew(monkeypatch):
    values = dict.fromkeys(FIT, 2) | {"lr": 0.1, "training": "x"}
    values |= {"preprocess.mean": [0.1], "preprocess.std": [0.1], "preprocess.resize": None}
    values |= {"preprocess.crop": None, "preprocess.interpolation": "bilinear"}
    before = checkpoint(values)
    monkeypatch.setattr(Small, "grown", True)
    assert checkpoint(values) != before


LAYOUT = {"neighbors": st.integers(2, 50), "min_dist": shares, "seed": st.integers(0, 99)}
NO_MATTER_TO_A_LAYOUT = {"layers": few, "points": st.integers(4, 5000)}


@quick
@given(st.data())
def test_a_layout_is_kept_by_how_it_is_made(data):
    matrix = np.arange(12, dtype=np.float32).reshape(4, 3)
    one, other = changed(data, LAYOUT | NO_MATTER_TO_A_LAYOUT, LAYOUT)
    assert layout_key(matrix, "", Umap(**one)) != layout_key(matrix, "", Umap(**other))
    one, other = changed(data, LAYOUT | NO_MATTER_TO_A_LAYOUT, NO_MATTER_TO_A_LAYOUT)
    assert layout_key(matrix, "", Umap(**one)) == layout_key(matrix, "", Umap(**other))
    assert {field.name for field in fields(Umap)} == set(LAYOUT | NO_MATTER_TO_A_LAYOUT)


@quick
@given(st.integers(0, 11), st.integers(0, 31))
def test_a_layout_is_kept_by_the_features_and_by_the_layout_before_it(at, bit):
    matrix = np.arange(12, dtype=np.float32).reshape(4, 3)
    how = Umap(layers=1, points=9, neighbors=3, min_dist=0.1, seed=0)
    other = matrix.copy()
    other.view(np.uint32).flat[at] ^= np.uint32(1) << np.uint32(bit)
    first, second = layout_key(matrix, "", how), layout_key(other, "", how)
    assert first != second
    assert layout_key(matrix, first, how) not in (first, layout_key(matrix, second, how))
    assert layout_key(matrix.reshape(3, 4), "", how) != first


@pytest.fixture(scope="module")
def sentence_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    for name in ("model.safetensors", "config.json", "vocab.txt", "1_Pooling/config.json", "README.md"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"content of {name}")
    return SentenceEncoder("group/net", folder, "hub:net", "cpu")


@pytest.mark.parametrize(
    ("file", "matters"),
    [
        ("model.safetensors", True),
        ("config.json", True),
        ("vocab.txt", True),
        ("1_Pooling/config.json", True),
        ("README.md", False),
    ],
)
def test_sentences_are_kept_by_every_file_that_their_vectors_depend_on(
    file, matters, sentence_model, tmp_path
):
    shutil.copytree(sentence_model.folder, tmp_path / "other")
    other = replace(sentence_model, folder=tmp_path / "other", source="elsewhere", device="cuda")
    assert text_shelf(other, "avg") == text_shelf(sentence_model, "avg")
    (other.folder / file).write_text("another content")
    other = replace(other)  # a run hashes files once
    assert (text_shelf(other, "avg") != text_shelf(sentence_model, "avg")) is matters


def test_sentences_are_kept_by_how_their_tokens_are_pooled(sentence_model):
    assert len({text_shelf(sentence_model, pool) for pool in ("avg", "cls", "last")}) == 3


SIMULATION = {
    "feed": st.tuples(st.floats(0.001, 0.05), st.floats(0.06, 0.1)),
    "kill": st.tuples(st.floats(0.001, 0.05), st.floats(0.06, 0.1)),
    "grid": st.integers(2, 60),
    "size": st.integers(16, 99),
    "steps": st.integers(100, 9999),
    "simulation_seed": st.integers(0, 99),
    "n": st.none() | counts,
}


@quick
@given(st.data())
def test_patterns_are_kept_by_all_that_determines_them(data):
    one, other = changed(data, SIMULATION, set(SIMULATION) - {"n"})
    assert ReactionDiffusion(**one).key != ReactionDiffusion(**other).key
    assert ReactionDiffusion(**one).key == ReactionDiffusion(**{**one, "n": 7}).key
    assert {field.name for field in fields(ReactionDiffusion)} == set(SIMULATION)


@quick
@given(st.lists(words, min_size=1, max_size=4), st.data())
def test_parameters_are_kept_by_all_parts_of_their_name(parts, data):
    at = data.draw(st.integers(0, len(parts) - 1))
    other = [*parts[:at], data.draw(words.filter(lambda word: word != parts[at])), *parts[at + 1 :]]
    assert name_of("net", *parts) != name_of("net", *other)
    assert "/" not in name_of("../net", *parts)
