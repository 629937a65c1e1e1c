"""Encoders beside model, reference and text: all pairs, recorded as those of the three are."""

import csv
import json

import numpy as np
import pytest

from prh.errors import ConfigError
from prh.findings.casting import places

FEW = (
    *("dataset=openmoji", "dataset.n=50", "dataset.size=32", "layers=last", "inference.n_permutations=99"),
    *("figures.umap_layers=1", "figures.dpi=60", "metric.k=5", "output_dir=out", "model=pixels"),
    *("model@reference=efficientnet_lite0_random", "+model@also.net=efficientnet_lite0_random"),
    *("+model@also.twin=efficientnet_lite0_random",),
)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ("all", [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]),
        ("anchor", [(0, 1), (0, 2), (0, 3)]),
        (["vit_vs_text", "model_vs_vit"], [(2, 3), (0, 3)]),
    ],
)
def test_pairs_are_chosen_by_roles(pairs, expected):
    assert places(pairs, ["model", "reference", "text", "vit"]) == expected


def test_a_pair_that_there_is_not_is_refused():
    with pytest.raises(ConfigError, match=r"^pairs: there is no pair a_vs_b.*model_vs_reference"):
        places(["a_vs_b"], ["model", "reference"])


def test_all_pairs_of_a_cast_are_recorded_and_drawn(prh, runs, workplace):
    outcome = prh(*FEW)
    assert outcome.code == 0, outcome.err
    _, (run,) = runs()
    roles = ("model", "reference", "text", "net", "twin")
    for i, a in enumerate(roles):
        for b in roles[i + 1 :]:
            assert np.isfinite(run.data.metrics[f"{a}_vs_{b}.last.score"])
            assert 0 < run.data.metrics[f"{a}_vs_{b}.last.p"] <= 1
    with (workplace / "out" / "tables" / "pairs.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 10
    # The pair that the layer grid judged, too, has the same numbers.
    grid = run.data.metrics["model_vs_text.last.score"], run.data.metrics["model_vs_text.last.p"]
    same = next(row for row in rows if (row["a"], row["b"]) == ("pixels", "all-MiniLM-L6-v2"))
    assert (float(same["score"]), float(same["p"])) == pytest.approx(grid, abs=1e-12)
    assert len(json.loads((workplace / "out" / "pairs.json").read_text())["data"]) == 10
    assert run.data.tags["weights.net"] == "random:seed=0"
    for name in ("pairs", "map"):
        assert (workplace / "out" / "figures" / f"{name}.png").stat().st_size > 5000
    page = (workplace / "out" / "report.html").read_text()
    assert "Which of 5 encoders arrange 50 stimuli of openmoji/en alike?" in page
    assert page.index("Many networks at once") < page.index("Figures")


def test_where_encoders_have_many_layers_all_are_compared(prh, workplace):
    outcome = prh(*FEW, "layers=stages", "dataset.n=40")
    assert outcome.code == 0, outcome.err
    with (workplace / "out" / "tables" / "pairs.csv").open() as stream:
        rows = {(row["a"], row["b"]): row for row in csv.DictReader(stream)}
    assert len(rows) == 10
    twins = rows["efficientnet_lite0 (random) (net)", "efficientnet_lite0 (random) (twin)"]
    assert float(twins["best_crossfit"]) == pytest.approx(1)
    assert all(-1 <= float(row["best_crossfit"]) <= 1 for row in rows.values())
    for name in ("pairs_best", "layer_paths"):
        assert (workplace / "out" / "figures" / f"{name}.png").stat().st_size > 5000
    page = (workplace / "out" / "report.html").read_text()
    assert "each network a path" in page


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (("dataset.n=40", "+text@also.words=minilm"), ["also.words", "no captions"]),
        (("+model@also.net=pixels", "pairs=[model_vs_nobody]", "dataset.n=40"), ["pairs", "model_vs_nobody"]),
        (("+model@also.text=pixels",), ["also.text", "cannot be a role"]),
        (("+also.net=3",), ["also.net", "+model@also.net=OPTION"]),
        (("also=5",), ["also", "+model@also.NAME=OPTION"]),
        (("also=null",), ["also", "+model@also.NAME=OPTION"]),
        (("pairs=some",), ["pairs", "all"]),
    ],
)
def test_what_cannot_join_is_refused_by_its_key(prh, overrides, words):
    outcome = prh("model=pixels", "model@reference=pixels", *overrides)
    assert outcome.code == 2, outcome.err
    (line,) = (line for line in outcome.err.splitlines() if line.startswith("error "))
    assert all(word in line for word in words), line
