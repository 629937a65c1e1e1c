"""What is read off speech, against librosa and numpy."""

import numpy as np
import pytest
import torch

from prh.encoders.signal import Duration, LogMel
from prh.encoders.signal.mel import MelPower, lengths, mel_filters

librosa = pytest.importorskip("librosa", reason="the extra prh[audio] is not installed")
RATE = 16_000
SAMPLES = 9_000, 12_345, 16_000


def waves():
    """Glides with a little noise, of several lengths, the last sample of each not 0."""
    random = np.random.default_rng(0)
    found = []
    for place, n in enumerate(SAMPLES):
        glide = np.sin(np.cumsum(np.linspace(0.05, 0.3 + 0.2 * place, n)))
        found.append((glide * np.hanning(n + 2)[1:-1] + 0.01 * random.normal(size=n)).astype(np.float32))
    return found


def padded(found, to=20_000):
    return torch.tensor(np.stack([np.pad(wave, (0, to - len(wave))) for wave in found]))[:, None, None]


def decibels(wave):
    """The spectrogram of one recording by librosa, M×F, from its mean."""
    power = librosa.feature.melspectrogram(y=wave, sr=RATE, n_fft=400, hop_length=160, n_mels=40)
    found = librosa.power_to_db(power, ref=np.max, amin=1e-30, top_db=80)
    return found - found.mean()


def layers(network, signals):
    """What each named part of a network puts out."""
    seen = {}
    for name, module in network.named_modules():
        module.register_forward_hook(lambda module, given, out, name=name: seen.update({name: out}))
    with torch.inference_mode():
        network(signals)
    return {name: out.numpy() for name, out in seen.items() if isinstance(out, torch.Tensor)}


@pytest.mark.parametrize(("bands", "window", "rate"), [(40, 400, 16_000), (128, 2048, 22_050)])
def test_bands_are_librosas(bands, window, rate):
    theirs = librosa.filters.mel(sr=rate, n_fft=window, n_mels=bands)
    np.testing.assert_allclose(mel_filters(bands, window, rate), theirs, atol=1e-6)


def test_power_is_librosas_and_padding_changes_nothing():
    signals = padded(waves())[:, 0, 0]
    mels = MelPower(40, 400, 160, RATE)
    power, heard = mels(signals), mels.heard(signals)
    for wave, own, counts in zip(waves(), power, heard, strict=True):
        theirs = librosa.feature.melspectrogram(y=wave, sr=RATE, n_fft=400, hop_length=160, n_mels=40)
        assert counts.sum() == theirs.shape[1]
        np.testing.assert_allclose(own[counts].T, theirs, rtol=1e-3, atol=1e-4 * theirs.max())


def test_statistics_are_those_of_librosas_decibels():
    found = layers(LogMel(RATE, 0), padded(waves()))
    for wave, statistics, course in zip(waves(), found["statistics"], found["course"], strict=True):
        theirs = decibels(wave)
        changes = np.diff(theirs, axis=1).std(axis=1)
        expected = np.concatenate([theirs.mean(axis=1), theirs.std(axis=1), changes])
        np.testing.assert_allclose(statistics, expected, atol=0.02)
        part = 8 * np.arange(theirs.shape[1]) // theirs.shape[1]
        eighths = np.stack([theirs[:, part == place].mean(axis=1) for place in range(8)])
        np.testing.assert_allclose(course, eighths.ravel(), atol=0.02)


@pytest.mark.parametrize("network", [LogMel(RATE, 0), Duration(RATE, 0)])
def test_padding_and_loudness_say_nothing(network):
    expected = layers(network, padded(waves()))
    for other in (padded(waves(), 31_000), 0.1 * padded(waves())):
        for name, found in layers(network, other).items():
            if name != "power":
                np.testing.assert_allclose(found, expected[name], atol=1e-3)


def test_statistics_do_not_know_when_and_the_course_does():
    forth, back = (
        layers(LogMel(RATE, 0), padded([wave[::step].copy() for wave in waves()])) for step in (1, -1)
    )
    np.testing.assert_allclose(forth["statistics"], back["statistics"], atol=1.5)
    assert np.abs(forth["course"] - back["course"]).max() > 10


def test_the_nearest_in_duration_is_the_nearest_by_cosine():
    seconds = np.array([0.2, 0.5, 0.7, 1.0, 2.0, 5.9])
    signals = padded([np.ones(int(RATE * s), np.float32) for s in seconds], 6 * RATE)
    found = layers(Duration(RATE, 0), signals)["duration"]
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    apart = np.abs(np.log(seconds)[:, None] - np.log(seconds))
    nearer = (-found @ found.T).argsort(axis=1)
    np.testing.assert_array_equal(nearer, apart.argsort(axis=1))


def test_silence_and_nothing_are_finite():
    for network in (LogMel(RATE, 0), Duration(RATE, 0)):
        with torch.inference_mode():
            assert torch.isfinite(network(torch.zeros(2, 1, 1, 8000))).all()
    assert lengths(torch.tensor([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0]])).tolist() == [2, 0]
