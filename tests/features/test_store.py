"""No row is computed twice, none is lost, none is half there."""

import multiprocessing
import shutil
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prh.errors import ConfigError, PrhError
from prh.features import FeatureStore, segments
from prh.ground.progress import Silent
from tests.conftest import Listening, small_files

LAYERS = ("shallow", "deep")


class Network:
    """Computes two layers of row i as i and −i, and remembers which rows it was asked for."""

    def __init__(self, batch=100, stop_after=None):
        self.batch, self.stop_after, self.asked = batch, stop_after, []

    def __call__(self, missing):
        for start in range(0, len(missing), self.batch):
            if self.stop_after is not None and start >= self.stop_after:
                raise KeyboardInterrupt
            ids = missing[start : start + self.batch]
            self.asked += ids.tolist()
            values = np.repeat(ids[:, None], 3, axis=1).astype(np.float32)
            yield ids, {"shallow": values, "deep": -values[:, :2]}


@pytest.fixture
def store(tmp_path):
    return FeatureStore(tmp_path / "features", Silent())


def fetch(store, ids, network, layers=LAYERS):
    found = store.fetch("shelf", layers, np.array(ids), network)
    for layer in layers:
        sign, width = (1, 3) if layer == "shallow" else (-1, 2)
        assert found[layer].shape == (len(ids), width)
        assert (found[layer] == sign * np.array(ids)[:, None]).all()
    return network.asked


def test_rows_come_back_in_the_order_they_were_asked_for(store):
    ids = np.random.default_rng(0).permutation(700).tolist()
    assert fetch(store, ids, Network()) == ids
    assert fetch(store, ids[::-1], Network()) == []


def test_a_larger_sample_computes_only_what_is_new(store):
    fetch(store, range(100, 400), Network())
    assert fetch(store, range(50, 600), Network()) == [*range(50, 100), *range(400, 600)]


def test_a_layer_that_is_new_is_computed_for_all_rows(store):
    fetch(store, range(10), Network(), layers=("shallow",))
    assert fetch(store, range(10), Network()) == list(range(10))


def test_shelves_do_not_mix(store):
    store.fetch("other", LAYERS, np.arange(10), Network())
    assert fetch(store, range(10), Network()) == list(range(10))


def test_what_was_finished_before_a_crash_is_kept(store):
    broken = Network(stop_after=800)
    with pytest.raises(KeyboardInterrupt):
        fetch(store, range(1000), broken)
    assert broken.asked == list(range(800))
    assert fetch(store, range(1000), Network()) == list(range(800, 1000))
    assert not list(store.root.rglob(".part-*"))


def a_flip(content, at):
    return content[:at] + bytes([content[at] ^ 8]) + content[at + 1 :]


DAMAGE = {
    "cut short": lambda victim: victim.write_bytes(victim.read_bytes()[: victim.stat().st_size // 2]),
    "emptied": lambda victim: victim.write_bytes(b""),
    "a byte of a value flipped": lambda victim: victim.write_bytes(
        a_flip(victim.read_bytes(), victim.read_bytes().index(np.float32(-7).tobytes()))
    ),
    "garbage": lambda victim: victim.write_bytes(np.random.default_rng(0).bytes(victim.stat().st_size)),
    "another layer's": lambda victim: shutil.copy(*(victim.parents[1] / "shallow").glob("*.npz"), victim),
    "another shelf's": lambda victim: shutil.copy(*victim.parents[2].glob("other/deep/*.npz"), victim),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_segment_is_computed_again(tmp_path, damage):
    report = Listening()
    store = FeatureStore(tmp_path, report)
    store.fetch("other", LAYERS, np.arange(100, 130), Network())
    fetch(store, range(30), Network())
    (victim,) = (tmp_path / "shelf" / "deep").glob("*.npz")
    damage(victim)
    assert fetch(store, range(30), Network()) == list(range(30))
    assert report.warnings == [f"{victim} is damaged; its rows are computed again"]
    assert fetch(store, range(30), Network()) == []


@pytest.fixture(scope="module")
def segment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("segment")
    ids, values = np.arange(9), np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    path = segments.write(folder, "shelf/layer", ids, values)
    return path, path.read_bytes(), values


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_happens_to_its_bytes_a_segment_is_what_was_written_or_damaged(segment, data):
    path, content, values = segment
    at = data.draw(st.integers(0, len(content) - 1))
    kind = data.draw(st.sampled_from(["flip", "cut", "put in", "take out", "overwrite"]))
    some = data.draw(st.binary(min_size=1, max_size=40))
    path.write_bytes(
        {
            "flip": lambda: content[:at] + bytes([content[at] ^ (some[0] or 1)]) + content[at + 1 :],
            "cut": lambda: content[:at],
            "put in": lambda: content[:at] + some + content[at:],
            "take out": lambda: content[:at] + content[at + len(some) :],
            "overwrite": lambda: (content[:at] + some + content[at + len(some) :])[: len(content)],
        }[kind]()
    )
    try:
        with segments.opened(path, "shelf/layer") as found:
            np.testing.assert_array_equal(found.array("ids"), np.arange(9))
            np.testing.assert_array_equal(found.array("values"), values)
    except segments.Damaged:
        pass


@pytest.mark.parametrize("vanishes", ["a row", "the shelf", "the cache"])
def test_rows_that_vanish_while_others_are_computed_are_not_made_up(vanishes, tmp_path):
    store = FeatureStore(tmp_path / "features", Silent())
    fetch(store, range(0, 20), Network())
    fetch(store, range(20, 40), Network())

    class Deleting(Network):
        def __call__(self, missing):
            for batch in super().__call__(missing):
                if vanishes == "a row":
                    next((store.root / "shelf" / "deep").glob("*.npz")).unlink()
                else:
                    shutil.rmtree(store.root / "shelf" if vanishes == "the shelf" else store.root)
                yield batch

    assert fetch(store, range(60), Deleting()) == list(range(40, 60))
    assert set(fetch(store, range(60), Network())) <= set(range(40))


def test_rows_that_were_never_computed_are_no_answer(store):
    def forgetful(missing):
        yield from Network()(missing[:-1])

    with pytest.raises(PrhError, match=r"^1 rows of"):
        store.fetch("shelf", LAYERS, np.arange(10), forgetful)
    assert fetch(store, range(10), Network()) == [9]


def test_what_was_being_written_when_the_work_breaks_off_is_kept(store, monkeypatch):
    write, written = segments.write, []

    def interrupted(folder, belongs, ids, values):
        written.append(folder.name)
        if written == ["shallow", "deep"]:
            raise KeyboardInterrupt
        return write(folder, belongs, ids, values)

    monkeypatch.setattr(segments, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch(store, range(1000), Network())
    assert fetch(store, range(1000), Network()) == list(range(600, 1000))


def test_rows_are_asked_for_once(store):
    with pytest.raises(ValueError, match="twice"):
        store.fetch("shelf", LAYERS, np.array([1, 2, 1]), Network())


def test_rows_of_another_width_are_refused(store):
    fetch(store, range(5), Network())

    def wider(missing):
        yield missing, {layer: np.zeros((len(missing), 9), np.float32) for layer in LAYERS}

    with pytest.raises(PrhError, match="shallow is"):
        store.fetch("shelf", LAYERS, np.arange(10), wider)


def test_a_segment_that_cannot_be_read_stays(unprivileged):
    report = Listening()
    store = FeatureStore(unprivileged, report)
    fetch(store, range(30), Network())
    (hidden,) = (unprivileged / "shelf" / "deep").glob("*.npz")
    hidden.chmod(0)
    assert fetch(store, range(30), Network()) == list(range(30))
    assert report.warnings == [
        f"{hidden} cannot be read (Permission denied); it stays, and its rows are computed again"
    ]
    again = FeatureStore(unprivileged, report)
    assert fetch(again, range(30), Network()) == []
    assert len(report.warnings) == 1
    hidden.chmod(0o600)
    assert np.load(hidden)["values"].shape == (30, 2)


def test_what_another_users_folder_refuses_is_told_before_anything_is_computed(unprivileged):
    store = FeatureStore(unprivileged, Silent())
    fetch(store, range(5), Network())
    (unprivileged / "shelf" / "deep").chmod(0o500)
    network = Network()
    with pytest.raises(ConfigError, match=r"^cache_dir: cannot write to .*deep \(Permission denied\)"):
        fetch(store, range(10), network)
    assert network.asked == []
    assert fetch(store, range(5), Network()) == []


def test_a_full_disk_is_one_line_and_leaves_no_half_segment(store):
    with pytest.raises(ConfigError, match=r"^cache_dir: .*File too large"), small_files(3000):
        store.fetch("shelf", LAYERS, np.arange(600), Network())
    assert {path.name for path in store.root.rglob("*") if path.is_file()} == {".lock"}


def test_numpy_reads_segments(store):
    """Files of the cache are what people look at when they doubt a number."""
    fetch(store, range(5), Network())
    (path,) = (store.root / "shelf" / "deep").glob("*.npz")
    np.testing.assert_array_equal(np.load(path)["values"][:, 0], -np.load(path)["ids"])


def test_a_store_that_cannot_be_written_still_reads(tmp_path):
    fetch(FeatureStore(tmp_path / "real", Silent()), range(5), Network())
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cache_dir: cannot write"):
        fetch(FeatureStore(tmp_path / "file" / "store", Silent()), range(5), Network())
    for lock in tmp_path.rglob(".lock"):
        lock.unlink()
    assert fetch(FeatureStore(tmp_path / "real", Silent()), range(5), Network()) == []
    assert not list(tmp_path.rglob(".lock"))


class Slow(Network):
    def __call__(self, missing):
        time.sleep(0.3)
        yield from super().__call__(missing)


def _compute(root):
    return len(fetch(FeatureStore(root, Silent()), range(300), Slow()))


def test_processes_that_share_a_shelf_compute_each_row_once(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert sum(pool.map(_compute, [tmp_path] * 4, chunksize=1)) == 300
