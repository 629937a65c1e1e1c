"""What is read off signals."""

import numpy as np
import pytest
import torch
from scipy.signal import periodogram

from prh.encoders import Resources, VisionModel
from prh.encoders.network.preprocess import AsRecorded
from prh.encoders.weights import Nothing
from prh.errors import ConfigError
from prh.features import FeatureStore, Stages, vision_features
from prh.features.forward import Extraction
from prh.ground.progress import Silent
from prh.stimuli import FashionMNIST, StimulusSet

SIGNALS = np.random.default_rng(0).normal(size=(6, 50)).astype(np.float32)
PROBE = VisionModel(
    "probe",
    "prh.encoders.signal.TimeSeries",
    Nothing(),
    preprocess=AsRecorded(),
    stages=["trace", "spectrum"],
    senses="signals",
)


def recorded(signals):
    images = np.zeros((6, 1, 8, 8), np.uint8)
    return StimulusSet(
        "tones", images, np.zeros(6, int), ("all",), np.arange(6), "t1", "here", signals=signals
    )


def read(stimuli, tmp_path):
    resources = Resources(FashionMNIST(n=6), tmp_path, tmp_path, "cpu", Silent())
    encoder = PROBE.resolve("reference", resources)
    how, store = Extraction("avg", "cpu", "fp32", 4), FeatureStore(tmp_path / "features", Silent())
    return vision_features(encoder, stimuli, Stages().of(encoder), how, store, Silent())


def test_the_trace_is_the_signal_and_the_spectrum_its_periodogram(tmp_path):
    found = read(recorded(SIGNALS), tmp_path)
    np.testing.assert_allclose(found["trace"], SIGNALS)
    _, power = periodogram(SIGNALS.astype(float), detrend="constant", scaling="spectrum")
    # The periodogram is one-sided: every frequency but the last counts twice, and is divided by N².
    once = power[:, 1:] * 50**2 / np.where(np.arange(1, 26) == 25, 1, 2)
    np.testing.assert_allclose(10 ** found["spectrum"], once, rtol=1e-3)


def test_the_spectrum_does_not_know_when(tmp_path):
    late = read(recorded(np.roll(SIGNALS, 7, axis=1)), tmp_path / "late")
    np.testing.assert_allclose(late["spectrum"], read(recorded(SIGNALS), tmp_path)["spectrum"], atol=1e-2)
    assert torch.isfinite(torch.tensor(read(recorded(0 * SIGNALS), tmp_path / "flat")["spectrum"])).all()


def test_stimuli_without_signals_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"reference: probe reads signals, and tones has none"):
        read(recorded(None), tmp_path)
