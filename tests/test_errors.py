"""What the user can mend is one line with the key and the remedy, exit code 2, and nothing half-done."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import SMALL
from tests.sweep.test_sweep import FEW

QUICK = (*FEW, "dataset.n=64", "model=fashion_cnn")

REFUSED_BEFORE_THE_RUN = {
    "reference.fit.preprocess.mean=[0.5,0.5,0.5] reference.fit.preprocess.std=[1,1,1]": [
        "reference.fit.preprocess",
        "3 × 28 × 28",
    ],
    "metric=nope": ["metric/nope", "cosine cycle_knn edit_knn euclidean"],
    "dataset=cifar": ["dataset/cifar", "fashion_mnist"],
    "foo=1": ["'foo'", "--help"],
    "datset=openmoji": ["'datset'", "did you mean dataset"],
    "dataset.nn=5": ["'dataset.nn'", "dataset.n"],
    "dataset=image_folder": ["dataset.path: is not given", "dataset.path=VALUE"],
    "dataset.foo=1": ["'dataset.foo'", "--help"],
    "dataset.n=0": ["dataset.n", "greater than or equal to 1"],
    "dataset=null": ["dataset: null"],
    "resume=true": ["resume: one run is no sweep", "-m"],
    "resume=maybe": ["resume"],
    "resume=yes": ["resume"],
    "metric=5": ["metric: 5"],
    "study=5": ["study: 5", "+experiment=article"],
    "output_dir=null": ["output_dir: null", "output_dir=./FOLDER"],
    "output_dir=5": ["output_dir: 5"],
    "output_dir=": ["output_dir"],
    "output_dir=file": ["output_dir", "file"],
    "device=cuda:77": ["device", "cuda:77", "device=auto"],
    "trainer.num_nodes=2": ["trainer.num_nodes", "prh.extract"],
    "layers.names=[nope]": ["layers.names", "nope", "_blocks.15"],
    "reference.stages=[nope]": ["reference.stages", "nope", "conv1"],
    "layers.pool=cls": ["layers.pool", "layers.pool=avg"],
    "model.architecture=no.such.Network": ["model.architecture", "no.such.Network"],
    "reference.architecture=os.system": ["reference.architecture", "os.system", "not called"],
    "reference.architecture=mine.shout": ["reference.architecture", "mine.shout"],
    "model.arguments.variant=9": ["model.arguments", "efficientnet"],
    "tracking.uri=mlruns": ["tracking.uri", "sqlite:///mlruns/mlflow.db"],
    "tracking.uri=http://127.0.0.1:9": ["tracking.uri", "cannot be reached", "sqlite:///mlruns/mlflow.db"],
}
REFUSED_DURING_THE_RUN = {
    "dataset.n=20000": ["dataset.n", "10000 images of the test split", "dataset.n=10000"],
    "dataset.n=14": ["dataset.n", "no Coat", "dataset.n=16"],
    "metric=mutual_knn metric.k=0.0001": ["metric.k", "less than one neighbour"],
    "metric=mutual_knn metric.k=63": ["metric.k", "nothing is left to measure", "metric.k=62"],
    "metric=mutual_knn metric.k_classes=10": ["metric.k_classes", "10 class centroids", "metric.k_classes=8"],
    "metric=svcca metric.dim=5000": ["metric.dim", "nothing is left to measure", "metric.dim=62"],
    "metric=pwcca metric.dim_classes=9": ["metric.dim_classes", "metric.dim_classes=8"],
    "inference.within=groups": ["inference.within", "inference.within=null"],
    "dataset.n=3": ["dataset.n"],
    "model.weights.path=missing.pt": ["model.weights.path", "missing.pt"],
    "model.weights.path=rubbish.pt": ["model.weights.path", "rubbish.pt", "not a file of weights"],
    "text.name=missing/model": ["text.name", "missing/model", "sentence-transformers/all-MiniLM-L6-v2"],
    "reference.fit.n_train=100000": ["reference.fit.n_train", "60000"],
}


SHOUT = """
def shout(**arguments):
    open("called", "w").close()
"""
"""A function that does not say what it makes."""


def assert_refused(outcome, words):
    assert outcome.code == 2, outcome.err
    error = [line for line in outcome.err.splitlines() if line.startswith("error ")]
    assert len(error) == 1, outcome.err
    assert "Traceback" not in outcome.err
    for word in words:
        assert word in error[0]


@pytest.mark.parametrize("override", REFUSED_BEFORE_THE_RUN)
def test_refused_before_the_run(prh, runs, workplace, monkeypatch, override):
    (workplace / "file").write_text("in the way")
    (workplace / "mine.py").write_text(SHOUT)
    monkeypatch.syspath_prepend(workplace)
    assert_refused(prh(*override.split()), REFUSED_BEFORE_THE_RUN[override])
    assert runs()[1] == []
    assert not (workplace / "called").exists()


LOST = "http://me:pw-one@127.0.0.1:9"


@pytest.mark.parametrize("multirun", [(), ("-m",)])
def test_a_password_is_written_nowhere(prh, workplace, multirun, monkeypatch, tmp_path_factory):
    folders = ("hydra.output_subdir=.hydra", "output_dir=out", *(["seed=0,1"] if multirun else []))
    outcome = prh(*multirun, f"tracking.uri={LOST}", *folders)
    assert_refused(outcome, ["tracking.uri", "http://me:***@127.0.0.1:9"])
    # Neither of these is seen on the command line.
    monkeypatch.setenv("MINE", LOST)
    assert_refused(prh(*multirun, "tracking.uri=${oc.env:MINE}", *folders), ["http://me:***@127.0.0.1:9"])
    mine = tmp_path_factory.mktemp("mine")
    (mine / "place").mkdir()
    (mine / "place" / "lost.yaml").write_text(f"# @package _global_\ntracking:\n  uri: {LOST}\n")
    from_file = "--config-dir", str(mine), "+place=lost"
    assert_refused(prh(*multirun, *from_file, *folders), ["http://me:***@127.0.0.1:9"])
    written = [file for file in workplace.rglob("*") if file.is_file() and file.suffix != ".db"]
    assert multirun or {"run.log", "overrides.yaml"} <= {file.name for file in written}
    assert not [file for file in written if b"pw-one" in file.read_bytes()]
    assert "pw-one" not in outcome.out + outcome.err


@pytest.mark.parametrize("override", REFUSED_DURING_THE_RUN)
def test_refused_during_the_run(prh, runs, workplace, override):
    (workplace / "rubbish.pt").write_text("rubbish")
    chosen = [small for small in SMALL if small.split("=")[0] != override.split("=")[0]]
    assert_refused(prh(*chosen, *override.split()), REFUSED_DURING_THE_RUN[override])
    _, (run,) = runs()
    assert run.info.status == "FAILED"
    assert REFUSED_DURING_THE_RUN[override][0] in run.data.tags["error"]


def test_a_cache_that_cannot_be_written_to(prh, runs, workplace):
    (workplace / "file").write_text("in the way")
    assert_refused(prh(*SMALL, cache=workplace / "file" / "cache"), ["cache_dir", "cache_dir=PATH"])
    assert runs()[1][0].info.status == "FAILED"


def test_weights_of_another_architecture(prh, workplace):
    import torch
    from safetensors.torch import save_file

    save_file({"conv1.weight": torch.zeros(3, 3)}, workplace / "other.safetensors")
    outcome = prh(*SMALL, "text=none", "model=fashion_cnn", "model.weights.path=other.safetensors")
    assert_refused(outcome, ["model.weights.path", "does not fit fashion_cnn"])


def test_an_unexpected_error_is_a_failed_run_with_its_cause(prh, runs, monkeypatch):
    from prh import experiment

    def broken(*arguments):
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(experiment, "compare", broken)
    with pytest.raises(RuntimeError, match="disk on fire"):
        prh(*QUICK)
    _, (run,) = runs()
    assert (run.info.status, run.data.tags["error"]) == ("FAILED", "RuntimeError: disk on fire")


def command(workplace, data_dir, cache, *overrides):
    return [
        *(sys.executable, "-m", "prh.run", *SMALL, f"data_dir={data_dir}", f"cache_dir={cache}"),
        *("output_dir=out", *overrides),
    ]


def start(workplace, data_dir, cache, *overrides):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = command(workplace, data_dir, cache, *overrides)
    return subprocess.Popen(arguments, cwd=workplace, env=environment, stderr=subprocess.PIPE, text=True)


def wait_for(path, pattern, process):
    deadline = time.monotonic() + 60
    while not list(path.glob(pattern)):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interrupted_run_is_marked_killed(workplace, data_dir, runs, number):
    process = start(workplace, data_dir, workplace / "cache", "reference.fit.epochs=500")
    wait_for(workplace, "cache/checkpoints/*.lock", process)
    process.send_signal(number)
    assert process.wait(60) == 130
    assert runs()[1][0].info.status == "KILLED"
    assert not list(workplace.glob("cache/checkpoints/*.safetensors"))


@pytest.mark.slow
def test_a_killed_run_starts_again_where_it_stopped_with_the_same_numbers(
    workplace, data_dir, cache_dir, prh, runs
):
    assert prh(*QUICK).code == 0
    process = start(workplace, data_dir, workplace / "cache", *QUICK)
    wait_for(workplace, "cache/checkpoints/*.safetensors", process)
    process.kill()
    process.wait()
    assert prh(*QUICK, cache=workplace / "cache").code == 0
    _, (resumed, killed, undisturbed) = runs()
    assert killed.info.status == "KILLED"
    same = {name for name in resumed.data.metrics if not name.startswith("time.")}
    assert len(same) > 20
    for name in same:
        assert resumed.data.metrics[name] == undisturbed.data.metrics[name], name
