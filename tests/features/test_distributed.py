"""Several processes give the features that one gives, each row computed once."""

import os
import signal
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from prh.extract import main
from prh.features import FeatureStore, vision_features
from prh.features.distributed import Keep
from prh.features.forward import extract
from prh.ground.progress import Silent
from tests.features.test_extract import how, own_weights, prepare  # noqa: F401


def alike(one, other):
    for layer in one:
        np.testing.assert_allclose(one[layer], other[layer], rtol=1e-5, atol=1e-6)


def in_order(batches):
    """The rows of all batches, by id, and the matrices in that order."""
    ids = np.concatenate([ids for ids, _ in batches])
    order = np.argsort(ids)
    return ids[order], {
        layer: np.concatenate([matrices[layer] for _, matrices in batches])[order] for layer in batches[0][1]
    }


def test_two_processes_compute_what_one_does_each_its_share(prepare, own_weights, tmp_path):  # noqa: F811
    _, override = own_weights
    encoder, stimuli, layers = prepare("model=fashion_cnn", override, "dataset.n=41")
    store = FeatureStore(tmp_path / "store", Silent())
    together = how(devices=2, batch_size=4)
    features = vision_features(encoder, stimuli, layers, together, store, Silent())
    _, expected = in_order([(stimuli.ids, features.matrices)])
    segments = [np.load(path)["ids"] for path in (tmp_path / "store").rglob(f"{layers[0]}/*.npz")]
    np.testing.assert_array_equal(np.sort(np.concatenate(segments)), np.sort(stimuli.ids))
    assert sorted(map(len, segments)) == [20, 21]
    _, alone = in_order(list(extract(encoder, stimuli, layers, how())))
    alike(expected, alone)


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({"NODE_RANK": ("0", "1")}, id="two nodes", marks=pytest.mark.slow),
        pytest.param({"RANK": ("0", "1"), "LOCAL_RANK": ("0", "1")}, id="torchrun"),
    ],
)
def test_processes_started_from_outside_fill_the_store(where, prepare, own_weights, data_dir, tmp_path):  # noqa: F811
    _, override = own_weights
    options = ["model=fashion_cnn", override, "model@reference=fashion_cnn", "dataset.n=41"]
    nodes = 2 if "NODE_RANK" in where else 1
    options += [override.replace("model.", "reference."), f"data_dir={data_dir}"]
    options += [f"cache_dir={tmp_path}/cache", "batch_size=4", "device=cpu"]
    options += [f"trainer.num_nodes={nodes}", f"trainer.devices={2 // nodes}"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    common = {**os.environ, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    if "RANK" in where:
        common |= {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "0", "TORCHELASTIC_RUN_ID": "x"}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "prh.extract", *options],
            env=common | {name: ranks[rank] for name, ranks in where.items()},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert "fashion_cnn: 41 rows, by 2 processes" in said[0]
    assert "fashion_cnn: all 41 rows are there" in said[0]
    assert said[1] == ""
    encoder, stimuli, layers = prepare("model=fashion_cnn", override, "dataset.n=41")
    (shelf,) = {path.parent.parent for path in (tmp_path / "cache" / "features").rglob("*.npz")}
    store = FeatureStore(tmp_path / "cache" / "features", Silent())

    def nothing_is_missing(missing):
        raise AssertionError(missing)

    kept = store.fetch(str(shelf.relative_to(store.root)), layers, stimuli.ids, nothing_is_missing)
    segments = [np.load(path)["ids"] for path in (shelf / layers[0]).glob("*.npz")]
    np.testing.assert_array_equal(np.sort(np.concatenate(segments)), np.sort(stimuli.ids))
    _, expected = in_order(list(extract(encoder, stimuli, layers, how())))
    order = np.argsort(stimuli.ids)
    alike({layer: matrix[order] for layer, matrix in kept.items()}, expected)


def test_what_was_computed_when_the_work_breaks_off_is_kept(tmp_path):
    keep = Keep(tmp_path, "shelf", ["layer"])
    ids, values = np.arange(3), np.ones((3, 2), np.float32)
    keep.write_on_batch_end(None, None, (ids, {"layer": values}), None, None, 0, 0)
    assert len(keep.store.missing("shelf", ["layer"], ids)) == 3
    keep.on_exception(SimpleNamespace(strategy=SimpleNamespace(launcher=None)), None, KeyboardInterrupt())
    assert len(keep.store.missing("shelf", ["layer"], ids)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["none", "torchrun"])
def test_a_process_that_is_told_to_stop_keeps_what_it_computed(launcher, data_dir, tmp_path):
    options = ["model=efficientnet_lite0", "model@reference=pixels", "dataset.n=2000", "device=cpu"]
    options += ["trainer.devices=2", f"data_dir={data_dir}", f"cache_dir={tmp_path}"]
    through = ["-m", "torch.distributed.run", "--nproc-per-node", "2"] if launcher == "torchrun" else []
    process = subprocess.Popen(
        [sys.executable, *through, "-m", "prh.extract", *options], stderr=subprocess.PIPE, text=True
    )
    began = time.monotonic()
    while time.monotonic() - began < 300 and not list((tmp_path / "features").rglob("*.npz")):
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    stopped = time.monotonic()
    said = process.communicate(timeout=60)[1]
    assert time.monotonic() - stopped < 30
    assert process.returncode != 0
    if launcher == "none":
        assert process.returncode == 130
        assert "interrupted; run the same command again" in " ".join(said.split())
        assert "Traceback" not in said
    kept = {path.parent.name: np.load(path)["ids"] for path in (tmp_path / "features").rglob("*.npz")}
    assert len(kept) == 10
    rows = [np.load(path)["ids"] for path in (tmp_path / "features").rglob("_avg_pooling/*.npz")]
    assert len(rows) >= 2, "both processes had computed something"
    assert not list(tmp_path.rglob(".part-*"))


def test_a_password_is_taken_off_the_command_line(monkeypatch, capsys, data_dir, tmp_path):
    options = ["tracking.uri=http://me:pw-one@127.0.0.1:9", "dataset.n=0", f"cache_dir={tmp_path}"]
    monkeypatch.setattr("sys.argv", ["extract", *options])
    with pytest.raises(SystemExit):
        main()
    assert "pw-one" not in " ".join(sys.argv)
    assert "dataset.n" in capsys.readouterr().err


def test_too_few_processes_are_refused_by_their_key(monkeypatch, capsys, data_dir, tmp_path):
    options = ["trainer.devices=2", f"data_dir={data_dir}", f"cache_dir={tmp_path}", "dataset.n=64"]
    monkeypatch.setenv("WORLD_SIZE", "3")
    monkeypatch.setattr("sys.argv", ["extract", *options])
    with pytest.raises(SystemExit) as exit:
        main()
    assert exit.value.code == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "error trainer.devices: 3 processes were started, for 2 devices on each of 1 nodes" in said
