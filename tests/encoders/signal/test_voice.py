"""Resemblyzer's network, against how its authors cut and average recordings, with random weights."""

import numpy as np
import pytest
import torch

from prh.config import resolve
from prh.encoders import Resources
from prh.encoders.signal.voice import EVERY, FRAMES, HOP, Voice
from prh.errors import ConfigError
from prh.features.layers import Stages
from prh.ground.progress import Silent
from prh.run import composed
from prh.stimuli import FashionMNIST

librosa = pytest.importorskip("librosa", reason="the extra prh[audio] is not installed")
RATE = 16_000


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Voice(0).eval()


def wave(seconds, loud=0.5):
    random = np.random.default_rng(round(100 * seconds))
    return (loud * random.uniform(-1, 1, size=int(seconds * RATE))).astype(np.float32)


def embedded(network, sound):
    """As Resemblyzer's ``embed_utterance`` does, step by step, on its preprocessed wave."""
    rms = np.sqrt((sound.astype(float) ** 2).mean())
    sound = sound * max(1, 10 ** (-30 / 20) / rms)
    frames = int(np.ceil((len(sound) + 1) / HOP))
    starts = list(range(0, max(1, frames - FRAMES + EVERY + 1), EVERY))
    if len(starts) > 1 and (len(sound) - starts[-1] * HOP) / (FRAMES * HOP) < 0.75:
        starts.pop()
    end = (starts[-1] + FRAMES) * HOP
    if end >= len(sound):
        sound = np.pad(sound, (0, end - len(sound)))
    mels = librosa.feature.melspectrogram(y=sound, sr=RATE, n_fft=400, hop_length=160, n_mels=40).T
    parts = torch.tensor(np.stack([mels[start : start + FRAMES] for start in starts]).astype(np.float32))
    with torch.inference_mode():
        _, (states, _) = network.lstm(parts)
        raw = network.linear(states[-1]).relu()
        mean = (raw / raw.norm(dim=1, keepdim=True)).mean(dim=0)
    return (mean / mean.norm()).numpy()


def test_voices_are_those_of_the_authors_whatever_the_padding(network):
    sounds = [wave(0.6), wave(1.6, 0.01), wave(2.2), wave(2.6), wave(5.0)]
    signals = torch.tensor(np.stack([np.pad(sound, (0, 6 * RATE - len(sound))) for sound in sounds]))
    with torch.inference_mode():
        found = network(signals[:, None, None]).numpy()
        alone = network(torch.tensor(sounds[0])[None, None, None]).numpy()
    expected = np.stack([embedded(network, sound) for sound in sounds])
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_allclose(alone[0], expected[0], atol=1e-4)


def test_weights_are_read_from_a_file_as_the_package_has_it(network, tmp_path):
    file = tmp_path / "pretrained.pt"
    torch.save({"step": 1, "model_state": network.state_dict(), "optimizer_state": {}}, file)
    built = resolve(composed(["model=voice", f"model.weights.path={file}", "output_dir=out"]))
    resources = Resources(FashionMNIST(n=6), tmp_path, tmp_path, "cpu", Silent())
    encoder = built.model.resolve("model", resources)
    assert Stages().of(encoder) == ["state1", "state2", "state3", "voice"]
    torch.testing.assert_close(encoder.load("cpu").linear.weight, network.linear.weight)


def test_a_package_that_is_not_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("prh.encoders.weights.sources.package_folder", lambda package: None)
    built = resolve(composed(["model=voice", "output_dir=out"]))
    resources = Resources(FashionMNIST(n=6), tmp_path, tmp_path, "cpu", Silent())
    with pytest.raises(ConfigError, match=r"resemblyzer is not installed.*model\.weights\.path=FILE"):
        built.model.resolve("model", resources)
