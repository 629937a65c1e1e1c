"""No row is computed twice, none is lost, none is half there."""

import multiprocessing
import time

import numpy as np
import pytest

from prh.errors import ConfigError
from prh.features import FeatureStore
from prh.progress import Silent
from tests.conftest import Listening

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


@pytest.mark.parametrize(
    "damage", [lambda content: content[: len(content) // 2], lambda content: b"", bytes.upper]
)
def test_a_damaged_segment_is_computed_again(tmp_path, damage):
    report = Listening()
    store = FeatureStore(tmp_path, report)
    fetch(store, range(30), Network())
    victim = next((tmp_path / "shelf" / "deep").glob("*.npz"))
    victim.write_bytes(damage(victim.read_bytes()))
    assert fetch(store, range(30), Network()) == list(range(30))
    assert "damaged" in report.warnings[0]


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
