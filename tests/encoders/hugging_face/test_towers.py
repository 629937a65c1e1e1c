"""Models of transformers put out here what they put out in transformers."""

import numpy as np
import pytest
import torch

from prh.encoders import Resources, VisionModel
from prh.encoders.weights import Transformers
from prh.features import FeatureStore, Stages, vision_features
from prh.features.forward import Extraction
from prh.ground.progress import Silent
from prh.stimuli import OpenMoji, StimulusSet
from tests.encoders.hugging_face.tiny import KINDS, saved

PLACELESS = {"vit": 1, "deit": 2, "dinov2": 1, "registers": 3, "mae": 1, "clip": 1, "clip_vision": 1} | {
    **{"beit": 1, "dinov3": 3, "classifier": 1, "siglip": 0, "siglip_vision": 0, "swin": 0}
}
"""Class tokens and registers, which come first; other kinds have feature maps."""
TOWER = "prh.encoders.hugging_face.VisionTower"


def pictures(n=6, side=48):
    """Pictures of noise, coarse enough that they differ after they are resized."""
    coarse = np.random.default_rng(0).integers(0, 256, (n, 3, 6, 6), dtype=np.uint8)
    images = coarse.repeat(side // 6, 2).repeat(side // 6, 3)
    return StimulusSet("noise", images, np.arange(n) % 2, ("a", "b"), np.arange(n), "f", "here")


def resources(folder):
    return Resources(OpenMoji(n=8), folder / "data", folder / "cache", "cpu", Silent())


def model_of(folder, weights=None, **keys):
    return VisionModel(str(folder), TOWER, weights or Transformers(), arguments={"name": str(folder)}, **keys)


def features(encoder, folder, pool="avg", batch_size=4):
    how = Extraction(pool, "cpu", "fp32", batch_size)
    store = FeatureStore(folder / f"store-{pool}-{batch_size}", Silent())
    return vision_features(encoder, pictures(), Stages().of(encoder), how, store, Silent())


def answers(kind, network, pixels):
    """Returns what transformers says: all hidden states, the last, and what it pools itself."""
    network = getattr(network, "vision_model", getattr(network, "vit", network))
    whole = {}
    if kind == "mae":
        network.config.mask_ratio = 0.0
        whole = {"noise": torch.arange(16.0).expand(len(pixels), -1)}
    with torch.inference_mode():
        return network(pixel_values=pixels, output_hidden_states=True, **whole)


def pooled(state, kind, pool):
    if state.ndim == 4:
        return state.mean((2, 3))
    first = PLACELESS[kind]
    return state[:, 0] if pool == "cls" and first else state[:, first:].mean(1)


@pytest.mark.parametrize("pool", ["avg", "cls"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_hidden_state_is_read_as_transformers_has_it(kind, pool, tmp_path):
    network = saved(kind, tmp_path / kind)
    encoder = model_of(tmp_path / kind).resolve("model", resources(tmp_path))
    found = features(encoder, tmp_path, pool)
    pixels = encoder.weights.preprocess(torch.tensor(pictures().images))
    said = answers(kind, network, pixels)
    states = [pooled(state, kind, pool) for state in (*said.hidden_states, said.last_hidden_state)]
    if "siglip" in kind or "clip" in kind:
        states.append(said.pooler_output)
    at = -1
    for state in states:
        same = [place for place, rows in enumerate(found.values()) if rows.shape == state.shape]
        same = [place for place in same if np.allclose(list(found.values())[place], state, atol=1e-5)]
        assert same, f"no stage of {list(found)} is a hidden state after {at}"
        assert same[-1] >= at
        at = same[0]
    assert at >= len(found) - 2  # after the last hidden state there is a pooler at most
    assert (encoder.label, encoder.source) == (kind, f"file:{kind}")


@pytest.mark.parametrize("kind", ["registers", "mae", "siglip"])
def test_a_picture_has_the_same_features_alone(kind, tmp_path):
    saved(kind, tmp_path / kind)
    encoder = model_of(tmp_path / kind).resolve("model", resources(tmp_path))
    together, alone = features(encoder, tmp_path, batch_size=6), features(encoder, tmp_path, batch_size=1)
    for stage in together:
        np.testing.assert_allclose(together[stage], alone[stage], atol=1e-5)
