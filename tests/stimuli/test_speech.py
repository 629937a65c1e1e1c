"""Speech as it is decoded, from real files."""

import sys

import numpy as np
import pytest

from prh.errors import ConfigError
from prh.stimuli import speech
from prh.stimuli.speech import QUIET, RATE, decode, encoder_of, kept_speech, largest_series, said
from tests.conftest import Listening
from tests.stimuli.toy_stamps import record

pytest.importorskip("soundfile", reason="the extra prh[audio] is not installed")


@pytest.fixture
def files(tmp_path):
    """A low tone, a high and longer one, and what is no recording."""
    record(tmp_path / "low.ogg", 400, 0.4)
    record(tmp_path / "high.ogg", 2000, 0.7, channels=1)
    (tmp_path / "text.ogg").write_text("no sound")
    return [tmp_path / name for name in ("low.ogg", "high.ogg", "text.ogg")]


@pytest.mark.parametrize(("file", "hertz", "seconds"), [(0, 400, 0.4), (1, 2000, 0.7)])
def test_a_recording_is_mono_16_khz_and_without_silence_at_its_ends(files, file, hertz, seconds):
    wave = decode(files[file])
    assert len(wave) / RATE == pytest.approx(seconds, abs=0.02)
    spectrum = np.abs(np.fft.rfft(wave))
    assert np.fft.rfftfreq(len(wave), 1 / RATE)[spectrum.argmax()] == pytest.approx(hertz, abs=5)
    assert np.abs(wave).max() == 1
    assert min(abs(wave[0]), abs(wave[-1])) >= QUIET


@pytest.mark.parametrize("wave", [np.zeros(9, np.float32), np.empty(0, np.float32), np.full(9, np.nan)])
def test_in_silence_nothing_is_said(wave):
    assert len(said(wave)) == 0


def test_signals_are_padded_with_zeros_up_to_the_longest(files, tmp_path):
    found = kept_speech(files, tmp_path / "kept", "k", Listening())
    assert found.lengths[2] == 0
    rows = np.array([1, 0])
    signals = found.padded(rows)
    assert signals.dtype == np.float32
    assert signals.shape == (2, found.lengths[1])
    np.testing.assert_allclose(signals[1, : found.lengths[0]], decode(files[0]), atol=2 / speech.FULL)
    assert not signals[1, found.lengths[0] :].any()
    assert signals[:, 0].all()
    assert found.padded(rows[:0]).shape == (0, 0)


def test_long_recordings_are_cut_and_known(files, tmp_path, monkeypatch):
    monkeypatch.setattr(speech, "LONGEST_S", 0.5)
    found = kept_speech(files, tmp_path / "kept", "k", Listening())
    assert found.longer.tolist() == [False, True, False]
    assert found.lengths[1] == RATE / 2


def test_recordings_are_decoded_once(files, tmp_path, monkeypatch):
    before = kept_speech(files, tmp_path / "kept", "k", Listening())
    monkeypatch.setattr(speech, "decode", None)
    after = kept_speech(files, tmp_path / "kept", "k", Listening())
    np.testing.assert_array_equal(before.waves, after.waves)


def test_a_damaged_file_is_named_and_decoded_again(files, tmp_path):
    report, kept = Listening(), tmp_path / "kept"
    before = kept_speech(files, kept, "k", report)
    (victim,) = kept.glob("*.npz")
    victim.write_bytes(victim.read_bytes()[:-9])
    np.testing.assert_array_equal(kept_speech(files, kept, "k", report).waves, before.waves)
    assert report.warnings == [f"{victim} is damaged; it is made again"]


def test_a_library_that_lacks_is_named_with_its_extra(files, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(ConfigError, match=r"dataset: the library soundfile is not .*'prh\[audio\]'"):
        kept_speech(files, tmp_path / "kept", "k", Listening())


def test_files_say_which_program_made_them(files):
    assert "Xiph.Org libVorbis" in encoder_of(files[0]) or "Lavf" in encoder_of(files[0])
    assert encoder_of(files[2]) == ""
    assert largest_series(files).tolist() == [True, True, False]
    assert largest_series([]).tolist() == []
