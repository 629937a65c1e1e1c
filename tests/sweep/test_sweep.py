"""Sweeps: a parent with its children, a summary on it, whatever happens to single jobs."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from omegaconf import OmegaConf
from scipy.stats import false_discovery_control

from prh.errors import PrhError
from prh.results import load
from prh.sweep import summing
from prh.sweep.__main__ import DEFAULT_URI, main
from prh.sweep.parent import n_jobs, swept_keys
from prh.tracking.runs import PAIRS
from tests.conftest import SMALL

FEW = [override for override in SMALL if not override.startswith("dataset.n=")] + [
    "model.fit.n_train=300",
    "model.fit.epochs=1",
]


def family(runs):
    client, found = runs()
    parents = [run for run in found if "prh.swept" in run.data.tags]
    return client, parents[0], [run for run in found if run.data.tags.get("mlflow.parentRunId")]


def artifact(client, run, path, tmp_path):
    return client.download_artifacts(run.info.run_id, path, str(tmp_path))


def test_a_sweep_is_a_parent_with_children_and_a_summary(prh, runs, tmp_path):
    outcome = prh("-m", *FEW, "dataset.n=40,64", "metric=mutual_knn,cka", "model=fashion_cnn")
    assert outcome.code == 0, outcome.err
    client, parent, children = family(runs)
    assert {run.info.status for run in [parent, *children]} == {"FINISHED"}
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    swept = {(run.data.tags["sweep.dataset.n"], run.data.tags["sweep.metric"]) for run in children}
    assert swept == {("40", "mutual_knn"), ("40", "cka"), ("64", "mutual_knn"), ("64", "cka")}
    assert parent.data.tags["prh.swept"] == "dataset.n,metric"
    assert parent.data.metrics["jobs.finished"] == 4

    table = pd.read_csv(artifact(client, parent, "summary/jobs.csv", tmp_path))
    assert len(table) == 4 * 3 * 2
    one = next(run for run in children if run.data.tags["sweep.dataset.n"] == "40")
    row = table[(table["run_id"] == one.info.run_id) & (table["which"] == "last")].set_index("pair")
    for pair in PAIRS:
        assert row.loc[pair, "score"] == pytest.approx(one.data.metrics[f"{pair}.last.score"])
    assert table["p"].notna().eq(table["which"] == "last").all()
    assert table["p_corrected"].notna().eq(table["which"] == "best").all()
    each = table["p"].fillna(table["p_corrected"])
    np.testing.assert_allclose(table["q"], false_discovery_control(each))
    parquet = pd.read_parquet(artifact(client, parent, "summary/jobs.parquet", tmp_path))
    assert list(parquet.columns) == list(table.columns)
    for name in ("scores.png", "scores.svg", "depth.png"):
        assert (
            tmp_path / artifact(client, parent, f"summary/figures/{name}", tmp_path)
        ).stat().st_size > 5000
    page = Path(artifact(client, parent, "summary/report.html", tmp_path)).read_text()
    assert page.count("data:image/png;base64,") == 2
    assert not re.search(r"(src|href)=\"?https?:", page)
    assert "| 40 | mutual_knn | model_vs_reference |" in parent.data.tags["mlflow.note.content"]

    tidy = load(uri=f"sqlite:///{tmp_path}/mlruns/mlflow.db")
    finished = tidy[tidy["parent"] == parent.info.run_id]
    assert np.allclose(np.sort(finished["score"]), np.sort(table["score"]))
    assert set(finished["dataset.n"]) == {40, 64}

    # On disk, the summary is the same; and its page says what it is of.
    (folder,) = (tmp_path / "outputs").glob("*/*/summary")
    assert (folder / "report.html").read_text() == page
    assert f"Summary  {folder / 'report.html'}" in outcome.out
    assert parent.info.run_id in outcome.out
    for words in ("fashion_mnist", "fashion_cnn", "minilm", "cka, mutual_knn", "prh.run -m", "UTC"):
        assert words in page.partition("At a glance")[0], words
    # Two lines for each job, and no bars.
    assert (
        len(re.findall(r"✓ job \d of 4 · n=\d+ · metric=\w+ · .* model × text.* · \d+ s", outcome.err)) == 4
    )
    assert "Drawing figures" not in outcome.err

    # One of the four is lost: it runs again, and the summary is of all.
    client.delete_run(one.info.run_id)
    again = prh("-m", *FEW, "dataset.n=40,64", "metric=mutual_knn,cka", "model=fashion_cnn", "resume=true")
    assert again.code == 0, again.err
    assert "3 of 4 jobs are recorded already" in again.err
    assert again.err.count("✓ job") == 1
    assert "4 jobs: 4 finished; 3 of them recorded before" in again.out
    resumed = pd.read_csv(sorted((tmp_path / "outputs").glob("*/*/summary/jobs.csv"))[-1])
    columns = ["dataset.n", "metric", "pair", "which", "score"]
    whole = [each[columns].sort_values(columns).reset_index(drop=True) for each in (table, resumed)]
    pd.testing.assert_frame_equal(*whole)


def test_jobs_that_fail_or_are_refused_are_named_and_the_others_finish(prh, runs):
    outcome = prh("-m", *FEW, "dataset.n=0,5,64", "model=fashion_cnn")
    assert outcome.code == 2
    assert "error dataset.n: " in outcome.err
    _, parent, children = family(runs)
    assert parent.info.status == "FAILED"
    by_n = {run.data.tags["sweep.dataset.n"]: run for run in children}
    ends = {n: run.info.status for n, run in by_n.items()}
    assert ends == {"0": "FAILED", "5": "FAILED", "64": "FINISHED"}
    assert "dataset.n" in by_n["0"].data.tags["error"]
    assert "dataset.n" in parent.data.tags["mlflow.note.content"]
    assert "n=5 · " in parent.data.tags["failed"]
    assert "2 failed" in parent.data.tags["mlflow.note.content"]


def test_a_single_run_has_no_parent_and_its_own_report(prh, runs, workplace):
    assert prh(*FEW, "dataset.n=64", "model=fashion_cnn", "output_dir=out").code == 0
    _, (run,) = runs()
    assert "mlflow.parentRunId" not in run.data.tags
    page = (workplace / "out" / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 8
    assert f"{run.data.metrics['model_vs_reference.last.score']:.3f}" in page


def test_a_killed_sweep_can_be_summed_up_by_hand(prh, runs, monkeypatch, capfd, tmp_path):
    monkeypatch.setattr(summing, "close", lambda *ignored: ("left alone", None))
    assert prh("-m", *FEW, "dataset.n=40,64", "model=fashion_cnn").code == 0
    client, parent, _ = family(runs)
    assert parent.info.status == "RUNNING"
    # As if the process had died before its third job, which the parent was opened for.
    client.set_tag(parent.info.run_id, "prh.jobs", "3")
    client.set_tag(parent.info.run_id, "prh.pid", "999999999")
    assert summing.sweep_meant(DEFAULT_URI, parent.data.tags["prh.folder"]) == parent.info.run_id
    with pytest.raises(PrhError, match=f"holds no run ggg; the latest: {parent.info.run_id[:8]}"):
        summing.sweep_meant(DEFAULT_URI, "ggg")
    monkeypatch.setattr("sys.argv", ["sweep", parent.info.run_id[:9]])
    main()
    assert "3 jobs: 2 finished, 1 never started" in capfd.readouterr().out
    assert client.get_run(parent.info.run_id).info.status == "KILLED"
    assert artifact(client, parent, "summary/report.html", tmp_path)


def test_summing_up_what_is_not_there_is_one_line(workplace, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["sweep", "0" * 32])
    with pytest.raises(SystemExit) as exit:
        main()
    assert exit.value.code == 2
    assert "holds no run" in capsys.readouterr().err


def test_the_command_line_goes_before_an_experiments_own_sweep():
    params = {"dataset.n": "100,300", "seed": "0,1,2", "metric.k": "10,0.01"}
    task = ["+experiment=sample_size", "seed=0", "dataset.n=40,64"]
    config = OmegaConf.create({"hydra": {"sweeper": {"params": params}, "overrides": {"task": task}}})
    assert swept_keys(config) == {"dataset.n": "40,64", "metric.k": "10,0.01"}
    assert n_jobs(config) == 4


def test_two_keys_that_one_group_fills_are_two():
    task = ["model=a,b,c", "model@reference=d", "+model@also.more=e,f", "metric=cka"]
    config = OmegaConf.create({"hydra": {"sweeper": {"params": None}, "overrides": {"task": task}}})
    assert swept_keys(config) == {"model": "a,b,c", "also.more": "e,f"}
    assert n_jobs(config) == 6
