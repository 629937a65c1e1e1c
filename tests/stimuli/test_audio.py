"""Recordings as spectrograms and measurements: real sound, written by the tests."""

import sys
import time

import numpy as np
import pytest

from prh.errors import ConfigError
from prh.stimuli import AudioFolder, LibrosaExample, sound
from prh.stimuli.images import BadImage
from tests.conftest import Listening

soundfile = pytest.importorskip("soundfile", reason="the extra prh[audio] is not installed")
pytest.importorskip("librosa", reason="the extra prh[audio] is not installed")

RATE = 16_000
SIZE = 32


def record(path, *hertz, seconds=1.0, loud=0.3):
    """Writes tones of the given pitches one after the other, each ``seconds`` long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(int(seconds * RATE)) / RATE
    waves = [loud * np.sin(2 * np.pi * pitch * times) for pitch in hertz]
    soundfile.write(path, np.concatenate(waves) if waves else np.empty(0), RATE)


@pytest.fixture
def folder(tmp_path):
    """Seven windows of a second: three low, one high, two of a recording by itself, one silent."""
    root = tmp_path / "Töne"
    record(root / "low" / "a.wav", 400, 500, seconds=1.2)
    record(root / "low" / "deeper" / "ö.flac", 300)
    record(root / "high" / "c.ogg", 3000)
    record(root / "Wal-鯨.wav", 800, 1600)
    record(root / "still.wav", 800, loud=0)
    return root


def drawn(root, tmp_path, heard=None, **options):
    options = {"seconds": 1, "size": SIZE, **options}
    return AudioFolder(str(root), **options).draw(0, tmp_path / "data", heard or Listening())


def in_order(found):
    """Returns the rows of a sample as they stand in the dataset."""
    return found.at(np.argsort(found.ids))


def middle_height(image):
    """Returns how far up the picture its light lies, 0 to 1."""
    light = image[0].astype(float).sum(axis=1)
    return 1 - (light * np.linspace(0, 1, len(light))).sum() / light.sum()


def test_windows_follow_each_other_and_folders_and_single_recordings_are_classes(folder, tmp_path):
    found = in_order(drawn(folder, tmp_path))
    assert found.class_names == ("Wal-鯨", "high", "low", "still")
    assert [found.class_names[label] for label in found.labels] == [
        *["Wal-鯨"] * 2,
        "high",
        *["low"] * 3,
        "still",
    ]
    assert (found.name, found.captions) == ("Töne", None)
    assert np.asarray(found.images).shape == (7, 3, SIZE, SIZE)
    assert (found.signals.shape, found.signals.dtype) == ((7, 12), np.float32)


def test_windows_are_in_the_order_of_time_and_ten_recordings_are_ten_groups(folder, tmp_path):
    found = drawn(folder, tmp_path)
    assert found.ids[found.sequence].tolist() == list(range(7))
    assert len(set(found.groups.tolist())) == 7
    for number in range(6):
        record(folder / "low" / f"more {number}.wav", 200, 250)
    more = drawn(folder, tmp_path)
    files = [name.split(" at ")[0] for name in more.names]
    groups = dict(zip(files, more.groups.tolist(), strict=True))
    assert (len(groups), len(set(groups.values()))) == (11, 11)
    assert [groups[file] for file in files] == more.groups.tolist()


def test_low_tones_are_bright_at_the_bottom_and_silence_is_dark(folder, tmp_path):
    images = np.asarray(in_order(drawn(folder, tmp_path)).images)
    eight_hundred, sixteen_hundred, high, *_, low, silence = images
    heights = [middle_height(image) for image in (low, eight_hundred, sixteen_hundred, high)]
    assert heights == sorted(heights)
    assert heights[0] < 0.25 < 0.5 < heights[-1]
    assert high.max() > 150
    assert silence.max() == 0


def test_only_a_window_of_its_own_is_seen(folder, tmp_path):
    record(folder / "low" / "a.wav", 400, 900, seconds=1.2)
    window, other = sound.windows_of(folder / "low" / "a.wav", 1.2)
    assert len(window.wave()) == len(other.wave()) == round(1.2 * sound.RATE)
    assert np.exp(sound.statistics(window)[2]) == pytest.approx(400, rel=0.1)
    assert np.exp(sound.statistics(other)[2]) == pytest.approx(900, rel=0.1)


def test_measurements_order_tones_by_pitch_and_by_loudness(tmp_path):
    pitches = [300, 500, 900, 1700, 3100]
    record(tmp_path / "all.wav", *pitches)
    record(tmp_path / "quiet.wav", 500, loud=0.01)
    signals = in_order(drawn(tmp_path, tmp_path)).signals
    assert (np.diff(signals[:5, sound.SERIES.index("log centroid")]) > 0).all()
    assert (np.diff(signals[:5, sound.SERIES.index("zero crossings")]) > 0).all()
    assert signals[:, sound.SERIES.index("log rms")].argmin() == 5
    np.testing.assert_allclose(signals.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(signals.std(axis=0), 1, atol=1e-4)


def test_a_measurement_that_never_varies_is_zero_and_silence_is_a_number(tmp_path):
    record(tmp_path / "still.wav", 800, 800, loud=0)
    assert (drawn(tmp_path, tmp_path).signals == 0).all()


def test_measured_once_for_the_whole_folder_whatever_the_sample(folder, tmp_path, monkeypatch):
    whole = in_order(drawn(folder, tmp_path))

    def never(window):
        raise AssertionError("measured again")

    monkeypatch.setattr(sound, "statistics", never)
    six, seven = drawn(folder, tmp_path, n=6), drawn(folder, tmp_path)
    assert list(six.ids) == list(seven.ids[:6])
    assert six.fingerprint == whole.fingerprint
    np.testing.assert_array_equal(six.signals, whole.signals[six.ids])
    with pytest.raises(AssertionError, match="measured again"):
        drawn(folder, tmp_path, seconds=0.5)
    record(folder / "low" / "a.wav", 450, 550)
    with pytest.raises(AssertionError, match="measured again"):
        drawn(folder, tmp_path)


def damage(folder):
    record(folder / "low" / "empty.wav")
    record(folder / "short" / "short.wav", 400, seconds=0.9)
    (folder / "low" / "letter.wav").write_text("no sound")
    (folder / "low" / "nothing.mp3").touch()
    (folder / "low" / "gone.wav").symlink_to("nowhere.wav")


def test_bad_files_stop_or_are_left_out_by_name(folder, tmp_path):
    good = drawn(folder, tmp_path)
    damage(folder)
    reasons = ["empty.wav (no sound in it)", "short.wav (shorter than 1 s)", "letter.wav (", "nothing.mp3 ("]
    with pytest.raises(ConfigError, match=r"dataset\.bad_files: 5 of .*bad_files=skip") as caught:
        drawn(folder, tmp_path)
    heard = Listening()
    found = drawn(folder, tmp_path, heard, bad_files="skip")
    for reason in [*reasons, "gone.wav ("]:
        assert reason in str(caught.value)
        assert reason in heard.warnings[0]
    assert str(tmp_path) not in str(caught.value)
    assert (len(found), found.class_names) == (7, good.class_names)
    np.testing.assert_array_equal(found.signals, good.signals)


def test_windows_that_cannot_be_decoded_count_for_nothing(tmp_path):
    clean, torn = tmp_path / "clean", tmp_path / "torn"
    for root in (clean, torn):
        record(root / "a.wav", 400, 900, 1700)
    wave = np.full(3 * RATE, np.nan, dtype=np.float32)
    soundfile.write(torn / "b.wav", wave, RATE, subtype="FLOAT")
    record(torn / "c.flac", *np.random.default_rng(0).uniform(300, 3000, 4))
    whole = (torn / "c.flac").read_bytes()
    (torn / "c.flac").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigError, match=r"b\.wav at 0 s \(Audio buffer is not finite"):
        drawn(torn, tmp_path)
    (torn / "b.wav").unlink()
    heard = Listening()
    found = drawn(torn, tmp_path, heard, bad_files="skip")
    assert 3 < len(found) < 7
    lengths, left_out = heard.warnings
    assert "are of 2 recordings" in lengths
    assert "c.flac at 3 s (" in left_out
    assert np.isfinite(found.signals).all()


def test_folders_without_recordings_or_with_none_that_fit_are_refused(folder, tmp_path):
    (tmp_path / "empty" / "a.wav").mkdir(parents=True)
    for root in (tmp_path / "nowhere", tmp_path / "empty"):
        with pytest.raises(ConfigError, match=r"dataset\.path"):
            drawn(root, tmp_path)
    with pytest.raises(ConfigError, match=r"dataset\.path: no recording of Töne .* lasts 60 s"):
        drawn(folder, tmp_path, seconds=60, bad_files="skip")


def test_a_stream_of_unknown_length_is_named(folder, tmp_path):
    """A FLAC stream may leave its number of samples out, as recorders that are cut off do."""
    path = folder / "high" / "d.flac"
    record(path, 3000)
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    with pytest.raises(BadImage, match="header does not say how long"):
        sound.windows_of(path, 1e14)  # were it believed, it would be five windows, not more than memory holds


@pytest.mark.parametrize("dataset", [AudioFolder("anywhere"), LibrosaExample()])
def test_without_the_library_the_extra_is_named(dataset, tmp_path, monkeypatch):
    (tmp_path / "anywhere").mkdir()
    record(tmp_path / "anywhere" / "a.wav", 400)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "librosa", None)
    with pytest.raises(ConfigError, match=r"librosa is not installed\. pip install 'prh\[audio\]'"):
        dataset.draw(0, tmp_path, Listening())


@pytest.fixture
def fetcher(tmp_path, monkeypatch):
    """What librosa fetches examples with: an empty folder, and a server that refuses."""
    from librosa.util import files

    fetcher = vars(files)["__GOODBOY"]
    monkeypatch.setattr(fetcher, "path", tmp_path / "librosa")
    monkeypatch.setattr(fetcher, "base_url", "http://127.0.0.1:9/")
    return fetcher


def test_without_network_the_place_of_an_example_is_named(fetcher, tmp_path):
    before = time.monotonic()
    with pytest.raises(ConfigError) as caught:
        LibrosaExample().draw(0, tmp_path, Listening())
    assert time.monotonic() - before < 5
    assert "https://librosa.org/data/audio/glacier-bay-humpback.ogg" in str(caught.value)
    assert "dataset=audio_folder dataset.path=FOLDER" in str(caught.value)


def test_an_example_is_cut_into_windows(fetcher, tmp_path, monkeypatch):
    file = tmp_path / "librosa" / "glacier-bay-humpback.ogg"
    record(file, 300, 900, 2700)
    monkeypatch.setitem(fetcher.registry, file.name, None)
    found = LibrosaExample(seconds=0.5, size=SIZE).draw(0, tmp_path, Listening())
    assert (len(found), found.name, found.class_names) == (6, "humpback", ("glacier-bay-humpback",))
    assert found.signals.shape == (6, 12)


def test_an_unknown_example_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(ConfigError, match=r"dataset\.name: librosa has no example orca.*humpback"):
        LibrosaExample("orca").draw(0, tmp_path, Listening())
