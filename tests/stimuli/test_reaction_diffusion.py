"""Simulated patterns, against the equations written out."""

import numpy as np
import pytest

from prh.errors import ConfigError
from prh.ground.progress import Silent
from prh.stimuli import ReactionDiffusion
from prh.stimuli.gray_scott import initial, run
from tests.conftest import Listening

SMALL = {"grid": 8, "size": 32, "steps": 1500}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


def laplacian(field):
    return sum(np.roll(field, by, axis) for by in (1, -1) for axis in (0, 1)) - 4 * field


def test_the_compiled_loop_solves_the_equations():
    u, v = initial(3, 16, 1)
    feed, kill = (np.array(rates, np.float32) for rates in ([0.03, 0.04, 0.05], [0.06, 0.055, 0.062]))
    expected = []
    for one, other, f, k in zip(u.astype(float), v.astype(float), feed, kill, strict=True):
        for _ in range(40):
            reaction = one * other**2
            one, other = (
                one + 0.16 * laplacian(one) - reaction + f * (1 - one),
                other + 0.08 * laplacian(other) + reaction - (f + k) * other,
            )
        expected.append(other)
    seen = run(u, v, feed, kill, np.float32(0.16), np.float32(0.08), 40, 10)
    np.testing.assert_allclose(v, expected, atol=1e-5)
    np.testing.assert_allclose(seen[:, -1], np.array(expected)[:, 8, 8], atol=1e-5)
    assert seen.shape == (3, 4)


def test_patterns_come_with_a_recording_and_their_rates_in_words(folder):
    found = ReactionDiffusion(**SMALL).draw(0, folder, Silent())
    assert 5 < len(found) < 64
    assert found.images.shape == (len(found), 1, 32, 32)
    assert found.signals.shape == (len(found), 150)
    assert (found.images.astype(float).std(axis=(1, 2, 3)) > 3).all()
    assert len(set(found.captions)) == len(found)
    for caption, label in zip(found.captions, found.labels, strict=True):
        low, high = map(float, found.class_names[label].removeprefix("feed ").split("–"))
        assert low - 1e-3 <= float(caption.split()[2].rstrip(",")) <= high + 1e-3


@pytest.mark.parametrize("damage", [lambda content: content[:-9], lambda content: b"", bytes.swapcase])
def test_a_damaged_simulation_is_named_and_made_again(damage, folder):
    how, report = ReactionDiffusion(**SMALL), Listening()
    before = how.draw(0, folder, report)
    (victim,) = folder.rglob("*.npz")
    victim.write_bytes(damage(victim.read_bytes()))
    np.testing.assert_array_equal(how.draw(0, folder, report).signals, before.signals)
    assert report.warnings == [f"{victim} is damaged; it is made again"]


def test_simulated_once_and_samples_are_prefixes(folder, monkeypatch):
    full = ReactionDiffusion(**SMALL).draw(0, folder, Silent())
    monkeypatch.setattr("prh.stimuli.gray_scott.run", None)
    few = ReactionDiffusion(**SMALL, n=4).draw(0, folder, Silent())
    assert few.ids.tolist() == full.ids[:4].tolist()
    np.testing.assert_array_equal(few.signals, full.signals[:4])


def test_the_seed_decides_the_drops(tmp_path):
    rates = {"grid": 5, "size": 32, "steps": 1000}
    one, again, other = (
        ReactionDiffusion(**rates, simulation_seed=seed).draw(0, tmp_path / folder, Silent())
        for seed, folder in ((0, "a"), (0, "b"), (1, "b"))
    )
    np.testing.assert_array_equal(one.images, again.images)
    assert one.fingerprint == again.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("options", "key"),
    [({"n": 500}, r"dataset\.n"), ({"feed": (0.001, 0.002), "grid": 2}, r"dataset\.feed: no pattern")],
)
def test_what_cannot_be_is_refused_by_its_key(folder, options, key):
    with pytest.raises(ConfigError, match=key):
        ReactionDiffusion(**SMALL | options).draw(0, folder, Silent())
