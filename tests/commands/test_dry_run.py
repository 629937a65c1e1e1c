"""A dry run says what a run would compute, is refused what a run is refused, and leaves nothing behind."""

import socket

import pytest

from tests.conftest import SMALL
from tests.test_errors import REFUSED_BEFORE_THE_RUN, REFUSED_DURING_THE_RUN, assert_refused

REFUSED = (
    *("dataset.n=0", "layers.names=[nope]", "metric=nope", "tracking.uri=http://127.0.0.1:9"),
    *("dataset.n=20000", "model.weights.path=missing.pt", "--config-dir=nowhere"),
)


def row_of(outcome, role):
    return next(line for line in outcome.out.splitlines() if line.startswith(f"{role} "))


def test_nothing_is_made_and_all_is_counted(prh, runs, workplace):
    before = sorted(workplace.iterdir())
    outcome = prh("--dry-run", *SMALL, cache=workplace / "cold")
    assert outcome.code == 0, outcome.err
    assert "fashion_mnist/test, 64 stimuli (here, cache)" in outcome.out
    model, reference, text = (row_of(outcome, role) for role in ("model", "reference", "text"))
    assert ("efficientnet_lite0" in model, "64 of 64" in model, " 10 " in model) == (True,) * 3
    assert "to be trained, 300 images" in reference
    assert "10 of 10" in text
    # 3,376 numbers of EfficientNet-Lite0 and 160 of FashionCNN for 64 images; 384 of MiniLM for ten classes.
    assert "921 kB of features" in outcome.out
    assert sorted(workplace.iterdir()) == before
    assert runs()[1] == []


def test_after_a_run_its_rows_are_there_and_its_time_is_known(prh):
    few = [*(small for small in SMALL if "inference" not in small), "inference=none", "layers=last"]
    assert prh(*few).code == 0
    again = prh("--dry-run", *few)
    assert all("no rows" in row_of(again, role) for role in ("model", "reference", "text"))
    assert "features are all here; then about" in again.out
    longer = row_of(prh("--dry-run", *few, "reference.fit.epochs=2"), "reference")
    assert "to be trained, 600 images" in longer
    assert "?" not in longer
    more = prh("--dry-run", "-m", *few[1:], "dataset.n=64,80")
    assert "2 jobs" in more.out
    jobs = [line for line in more.out.splitlines() if "dataset.n=" in line]
    assert [("16 efficientnet_lite0, 16 fashion_cnn" in job) for job in jobs] == [False, True]
    assert "16 of 80" in row_of(more, "model")


def test_an_experiment_that_sweeps_is_a_sweep(prh):
    outcome = prh("--dry-run", "+experiment=article", "model=fashion_cnn", *SMALL)
    assert outcome.code == 0, outcome.err
    assert "metric=cosine" in outcome.out
    assert "metric=euclidean" in outcome.out


@pytest.mark.parametrize("override", REFUSED)
def test_what_a_run_refuses_is_refused(prh, override):
    words = {**REFUSED_BEFORE_THE_RUN, **REFUSED_DURING_THE_RUN, "--config-dir=nowhere": ["--config-dir"]}
    assert_refused(prh("--dry-run", override), words[override])


def test_what_would_be_downloaded_is_said_and_not_fetched(prh, monkeypatch, tmp_path):
    def no_network(*arguments):
        raise AssertionError("a dry run asks nobody")

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(socket.socket, "connect", no_network)
    asked = "model=transformers", "text=gpt2", "dataset.n=64"
    outcome = prh("--dry-run", *asked)
    assert outcome.code == 0, outcome.err
    for role in ("model", "text"):
        assert "from Hugging Face" in row_of(outcome, role)
        assert " ? " in row_of(outcome, role)
    assert "downloads what Hugging Face sends" in outcome.out
