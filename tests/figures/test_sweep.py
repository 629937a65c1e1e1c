"""Figures of sweeps: what was swept decides what is drawn."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from prh import figures
from prh.figures.sweep import depth_of_all, onset, summary, sweep_scores

PAIRS = ("model_vs_reference", "model_vs_text", "reference_vs_text")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def table(**axes):
    generator = np.random.default_rng(0)
    rows = []
    for values in product(PAIRS, *axes.values()):
        score = generator.uniform(0.2, 0.8)
        numbers = {
            "score": score,
            "ci_low": score - 0.3,
            "ci_high": score + 0.1,
            "critical": 0.1,
            "null_mean": 0.0,
        }
        rows.append({"pair": values[0], **dict(zip(axes, values[1:], strict=True)), **numbers})
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("axes", "panels"),
    [
        ({"dataset.n": [100, 300, 1000]}, 3),
        ({"metric": ["cosine", "mutual_knn"]}, 3),
        ({"metric": ["cosine", "cka"], "dataset.n": [100, 1000]}, 3),
        ({"metric": ["cosine", "cka"], "model": ["a", "b", "c"]}, 3),
        ({"dataset.n": [100, 1000], "metric": ["cosine", "cka"], "model": ["a", "b"]}, 6),
        ({"dataset.n": [100, 1000], "metric": ["cka"], "model": ["a", "b"], "layers": ["all", "last"]}, 6),
    ],
)
def test_every_score_is_drawn(axes, panels, tmp_path):
    scores = table(**axes, seed=[0, 1])
    figure = sweep_scores(scores, list(axes))
    assert len(figure.axes) == panels
    drawn = np.concatenate([line.get_ydata() for axis in figure.axes for line in axis.lines])
    means = scores.groupby(["pair", *axes])["score"].mean()
    assert all(np.isclose(drawn.astype(float), mean).any() for mean in means)
    figures.save(figure, tmp_path / "sweep", 60)


def test_replicates_are_dots_about_their_mean_and_single_runs_have_intervals():
    scores = table(**{"dataset.n": [100, 1000]}, seed=[0, 1])
    part = scores[scores["pair"] == PAIRS[0]]
    many, one = summary(part, "dataset.n"), summary(part[part["seed"] == 0], "dataset.n")
    at = part["dataset.n"] == 100
    assert many[["low", "high"]].isna().all(axis=None)
    assert many.loc[100, "score"] == part[at]["score"].mean()
    assert many.loc[100, "ci_low"] == part[at]["ci_low"].min()
    assert one.loc[100, "low"] == part[at & (part["seed"] == 0)]["ci_low"].item()
    assert one.loc[100, "high"] == part[at & (part["seed"] == 0)]["ci_high"].item()


@pytest.mark.parametrize("axes", [{"dataset.n": [100, 1000]}, {"metric": ["a", "b"], "model": ["c", "d"]}])
def test_every_seed_is_a_dot(axes):
    scores = table(**axes, seed=[0, 1, 2])
    figure = sweep_scores(scores, list(axes))
    dots = np.concatenate(
        [line.get_ydata() for axis in figure.axes for line in axis.lines if line.get_marker() == "."]
    )
    np.testing.assert_allclose(np.sort(dots), np.sort(scores["score"]))


def test_the_null_that_is_drawn_is_the_highest_of_the_seeds():
    scores = table(**{"dataset.n": [100]}, seed=[0, 1]).assign(critical=[0.1, 0.2] * 3)
    assert (summary(scores, "dataset.n")["critical"] == 0.2).all()


@pytest.mark.parametrize(
    ("low", "expected"), [([-1, 1, 1], 2), ([1, 1, 1], 1), ([1, -1, 1], 3), ([1, 1, -1], None)]
)
def test_the_onset_is_where_intervals_leave_the_null_for_good(low, expected):
    means = pd.DataFrame({"ci_low": low, "null_mean": 0.0}, index=[1, 2, 3])
    assert onset(means) == expected


def test_depth_of_all_draws_a_line_per_run(tmp_path):
    rows = [
        {"run": f"model={run}", "pair": pair, "depth": depth / 12, "score": run / 5 + depth / 100}
        for run, pair, depth in product(range(5), PAIRS, range(13))
    ]
    names = [f"model={run}" for run in range(5)]
    figure = depth_of_all(pd.DataFrame(rows), names)
    for axis in figure.axes:
        assert sum(len(line.get_ydata()) == 13 for line in axis.lines) == 5
    figures.save(figure, tmp_path / "depth", 60)
