"""Summaries of sweeps whose jobs lack this and that."""

import re
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from prh.console.terminal import Terminal
from prh.errors import PrhError
from prh.sweep import close, summarise
from tests.recorded import opened, record, record_sweep

CLAIMS = "number,claim,where,verdict,measured,rule\n1,c,w,holds,m,r\n"


def uri(workplace):
    return f"sqlite:///{workplace}/mlruns/mlflow.db"


@pytest.fixture
def summed_up(workplace):
    """Sums up a sweep of these jobs; returns what was found, the table and the names of its files."""

    def run(swept, *jobs):
        client, experiment = opened(workplace)
        parent = record_sweep(client, experiment, jobs, swept)
        return summed(client, parent)

    def summed(client, parent):
        found = summarise(uri(workplace), parent)
        folder = Path(client.download_artifacts(parent, "summary", str(workplace)))
        files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        return found, pd.read_csv(folder / "jobs.csv"), files

    run.again = summed
    return run


def job(score, model="a", **more):
    return {"score": score, "model": model, "model.name": model.removesuffix("_random"), "seed": "0", **more}


SIZED = [{"metrics": {"model.parameters": size}} for size in (1e6, 4e6)]
MODELS = [job(0.5, "a", **SIZED[0]), job(0.6, "b", **SIZED[1])]
DRAWN = {"figures/scores.png", "figures/depth.png", "figures/scale.png"}


@pytest.mark.parametrize(
    ("jobs", "figures"),
    [
        (MODELS, DRAWN),
        ([{**one, "model.imagenet_top1": "None"} for one in MODELS], DRAWN),
        ([{**one, "judged": False} for one in MODELS], DRAWN),
        ([MODELS[0], {**MODELS[1], "model.imagenet_top1": "78.1"}], DRAWN),
        ([*MODELS, job(None, "c", status="FAILED"), job(None, "d", status="KILLED")], DRAWN),
        ([*MODELS, job(None, "c", status="FINISHED")], DRAWN),
        ([job(float("nan"), "a"), job(0.4, "b")], {"figures/scores.png", "figures/depth.png"}),
        ([job(None, "a", status="FAILED"), job(None, "b", status="FAILED")], set()),
        ([], set()),
    ],
)
def test_no_summary_fails_for_what_jobs_lack(summed_up, jobs, figures):
    found, table, files = summed_up(("model",), *jobs)
    assert found.undrawn == []
    assert len(table["run_id"].unique()) == len(jobs)
    assert {"jobs.csv", "jobs.parquet", "report.html", *figures} <= files
    assert {name for name in files if name.endswith(".png")} == figures


def test_a_figure_that_fails_costs_that_figure_and_one_line(summed_up, workplace, monkeypatch, capsys):
    def broken(*arguments):
        raise FloatingPointError("cannot be drawn like this")

    monkeypatch.setattr("prh.figures.scale.alignment_by_quality", broken)
    found, table, files = summed_up(("model",), *MODELS)
    assert len(table) == 2 * 3
    assert {name for name in files if name.endswith(".png")} == DRAWN - {"figures/scale.png"}
    beside = {name.replace(".pdf", ".png") for name in files if name.endswith(".pdf")}
    assert beside == DRAWN - {"figures/scale.png"}
    (line,) = found.undrawn
    assert line == "figure scale could not be drawn (FloatingPointError: cannot be drawn like this)"
    client, experiment = opened(workplace)
    (parent,) = (run for run in client.search_runs([experiment]) if "prh.swept" in run.data.tags)
    assert line in parent.data.tags["mlflow.note.content"]
    assert close(uri(workplace), parent.info.run_id, False, Terminal())[0] == "FINISHED"
    assert "figure scale could not be drawn" in capsys.readouterr().err


def test_tables_are_recorded_before_anything_is_drawn(summed_up, workplace, monkeypatch):
    def killed(self):
        raise KeyboardInterrupt

    monkeypatch.setattr("prh.sweep.summary.Sweep.write_figures", killed)
    client, experiment = opened(workplace)
    parent = record_sweep(client, experiment, MODELS, ("model",))
    with pytest.raises(KeyboardInterrupt):
        summarise(uri(workplace), parent)
    assert {file.path for file in client.list_artifacts(parent, "summary")} == {
        "summary/jobs.csv",
        "summary/jobs.parquet",
    }


def test_p_and_corrected_p_have_columns_of_their_own(summed_up, workplace):
    best = {"model_vs_text.best.score": 0.7, "model_vs_text.best.p": 0.04, "model_vs_text.best.p_se": 0.0}
    _, table, _ = summed_up(("model",), job(0.5, "a", metrics=best), job(0.6, "b"))
    rows = table[table["pair"] == "model_vs_text"].set_index(["model", "which"])
    assert rows.loc[("a", "best"), "p_corrected"] == 0.04
    assert pd.isna(rows.loc[("a", "best"), "p"])
    assert rows.loc[("a", "last"), "p"] == 0.01
    assert pd.isna(rows.loc[("a", "last"), "p_corrected"])
    page = (workplace / "summary" / "report.html").read_text()
    assert re.search(r"<th[^>]*>p</th><th[^>]*>p_corrected</th>", page)


def test_a_substitute_is_called_so_in_every_table_and_figure(summed_up, workplace):
    stands_in = {"tags": {"substitute.model": "fitted", "weights.model": "fit:fashion_mnist"}}
    jobs = [MODELS[0], {**MODELS[1], "model": "resnet18", "model.name": "resnet18", **stands_in}]
    _, table, _ = summed_up(("model",), *jobs)
    assert set(table["model"]) == {"a", "resnet18 (fitted)"}
    for name in ("scores", "depth", "scale"):
        drawn = (workplace / "summary" / "figures" / f"{name}.svg").read_text()
        assert "resnet18 (fitted)" in drawn, name
    assert "resnet18 (fitted)" in (workplace / "summary" / "report.html").read_text()


def test_what_jobs_say_of_a_study_is_gathered_even_if_one_broke_off(summed_up, workplace):
    client, experiment = opened(workplace)
    models, metrics = ("a", "b", "c"), ("cosine", "euclidean")
    jobs = [job(0.5, model, metric=metric) for model, metric in product(models, metrics)]
    parent = record_sweep(client, experiment, jobs, ("model", "metric"))
    children = [run for run in client.search_runs([experiment]) if "mlflow.parentRunId" in run.data.tags]
    for run in children:
        own = workplace / run.info.run_id
        own.mkdir()
        broke_off = run.data.tags["sweep.model"] == "c"
        (own / "claims.csv").write_text("" if broke_off else CLAIMS)
        if not broke_off:
            (own / "claims_by_layer.csv").write_text("number,claim,what,value,low,high\n1,c,w,1,0,2\n")
            (own / f"fig1_{run.data.tags['sweep.metric']}.png").write_bytes(
                b"png of " + run.info.run_id.encode()
            )
        client.log_artifacts(run.info.run_id, str(own), "study")
    _, _, files = summed_up.again(client, parent)
    claims = pd.read_csv(workplace / "summary" / "study" / "claims.csv")
    assert len(claims) == len(pd.read_csv(workplace / "summary" / "study" / "claims_by_layer.csv")) == 4
    assert set(zip(claims["model"], claims["metric"], strict=True)) == set(product("ab", metrics))
    drawn = [workplace / "summary" / name for name in files if name.endswith(".png") and "study" in name]
    assert len({path.read_bytes() for path in drawn}) == len(drawn) == 4


def test_a_run_that_is_no_sweeps_parent_is_refused(workplace):
    client, experiment = opened(workplace)
    run_id = record(client, experiment, 0.5)
    with pytest.raises(PrhError, match="is no sweep's parent"):
        summarise(uri(workplace), run_id)
