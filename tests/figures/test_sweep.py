"""Figures of sweeps: what was swept decides what is drawn."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prh import figures
from prh.figures.arranged import onset, summary
from prh.figures.sweep import depth_of_all, sweep_scores

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


def test_intervals_reach_from_the_lowest_to_the_highest_of_the_replicates():
    scores = table(**{"dataset.n": [100, 1000]}, seed=[0, 1])
    part = scores[scores["pair"] == PAIRS[0]]
    many, one = summary(part, "dataset.n"), summary(part[part["seed"] == 0], "dataset.n")
    at = part["dataset.n"] == 100
    assert many.loc[100, "score"] == part[at]["score"].mean()
    assert many.loc[100, "ci_low"] == part[at]["ci_low"].min()
    assert many.loc[100, "ci_high"] == part[at]["ci_high"].max()
    assert one.loc[100, "ci_low"] == part[at & (part["seed"] == 0)]["ci_low"].item()
    assert one.loc[100, "ci_high"] == part[at & (part["seed"] == 0)]["ci_high"].item()
    assert (many["runs"].tolist(), one["runs"].tolist()) == ([2, 2], [1, 1])


def drawn_range(axis):
    """The lowest and the highest y of bands and bars."""
    ys = [path.vertices[:, 1] for shape in axis.collections for path in shape.get_paths()]
    return min(map(min, ys)), max(map(max, ys))


@pytest.mark.parametrize("seeds", [[0], [0, 1, 2]])
@pytest.mark.parametrize("axis", [{"dataset.n": [100, 1000]}, {"metric": ["a", "b"]}])
def test_the_interval_that_is_spoken_of_is_drawn(axis, seeds):
    scores = table(**axis, seed=seeds)
    figure = sweep_scores(scores, list(axis))
    for panel, pair in zip(figure.axes, PAIRS, strict=True):
        part = scores[scores["pair"] == pair]
        assert drawn_range(panel) == pytest.approx((part["ci_low"].min(), part["ci_high"].max()))
        if "dataset.n" in axis:
            start = onset(summary(part, "dataset.n"))
            expected = f"above the null from {start:g}" if start else "not above the null at 1000"
            assert [text.get_text() for text in panel.texts] == [f"interval {expected}"]
        hollow = [line for line in panel.lines if line.get_marker() == "8"]
        weak = summary(part, next(iter(axis))).query("ci_low <= null_mean")
        assert sum(len(line.get_ydata()) for line in hollow) == len(weak)


def test_without_inference_there_are_scores_and_no_word_of_intervals(tmp_path):
    scores = table(**{"dataset.n": [100, 1000], "metric": ["a", "b"]})
    scores[["ci_low", "ci_high", "critical", "null_mean"]] = np.nan
    figure = sweep_scores(scores, ["dataset.n", "metric"])
    assert not any(axis.texts for axis in figure.axes)
    assert figure._suptitle.get_text() == "scores without inference: no intervals, no null"
    figures.save(figure, tmp_path / "sweep", 60)


@pytest.mark.parametrize("axes", [[], ["dataset.n"], ["dataset.n", "metric", "model"]])
def test_a_table_without_rows_is_an_empty_figure(axes, tmp_path):
    scores = table(**{"dataset.n": [100], "metric": ["a"], "model": ["b"]})[:0]
    figures.save(sweep_scores(scores, axes), tmp_path / "sweep", 60)


AXES = {
    "dataset.n": [100, 300, 1000],
    "metric": ["cosine", "cka", "mutual_knn"],
    "model": [f"network_{number}" for number in range(8)],
    "layers": ["all", "last"],
}


@given(axes=st.lists(st.sampled_from(list(AXES)), min_size=1, unique=True), numeric=st.booleans())
@settings(max_examples=8, deadline=None)
def test_a_point_is_one_condition_whatever_is_swept(axes, numeric):
    values = {axis: AXES[axis] for axis in axes}
    if numeric and "model" in values:
        values["model"] = [None, *range(1, 8)]  # what some runs lack
    scores = table(**values, seed=[0, 1])
    means = scores.groupby(["pair", *axes], dropna=False)["score"].mean()
    figure = sweep_scores(scores, axes)
    points = np.concatenate(
        [
            line.get_ydata()
            for axis in figure.axes
            for line in axis.lines
            if line.get_marker() == "o" and len(line.get_ydata())
        ]
    )
    np.testing.assert_allclose(np.sort(points.astype(float)), np.sort(means))
    plt.close(figure)


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
    again = pd.DataFrame([*rows, *({**row, "score": row["score"] + 0.1} for row in rows)])
    for axis in depth_of_all(again, names).axes:
        dots = [line for line in axis.lines if line.get_marker() == "."]
        assert [len(line.get_ydata()) for line in dots] == [26] * 5
    figures.save(figure, tmp_path / "depth", 60)


def test_nine_models_are_lines_with_names_and_many_are_gray_but_for_the_highest():
    figure = sweep_scores(
        table(**{"dataset.n": [100, 1000], "model": list("abcdefghi")}), ["dataset.n", "model"]
    )
    assert len(figure.axes) == 3
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list("abcdefghi")
    assert not any(axis.texts for axis in figure.axes)
    assert max(axis.get_ylim()[1] for axis in figure.axes) < 1.1
    names = [f"run {number}" for number in range(36)]
    rows = [(name, PAIRS[0], depth, number / 36) for number, name in enumerate(names) for depth in (0, 1)]
    figure = depth_of_all(pd.DataFrame(rows, columns=["run", "pair", "depth", "score"]), names)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["run 35", "run 34", "run 33"]
    assert "33 others" in figure.get_suptitle()


@pytest.mark.parametrize(("seeds", "spoken_of"), [([0], False), ([0, 1], True)])
def test_seeds_are_spoken_of_where_there_are_some(seeds, spoken_of):
    figure = sweep_scores(table(**{"dataset.n": [100, 1000]}, seed=seeds), ["dataset.n"])
    assert ("seeds" in figure.get_suptitle()) == spoken_of
