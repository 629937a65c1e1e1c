"""The chart of alignment against how large and how good models are."""

from itertools import combinations, product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from prh.figures import save
from prh.figures.scale import alignment_by_quality, has_scale


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def jobs(*rows):
    names = ["model.name", "model.weights", "model.parameters", "model.imagenet_top1", "score"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(ci_low=table["score"] - 0.05, ci_high=table["score"] + 0.05, critical=0.01)


SERIES = jobs(
    ("small", "", 1e6, 70.0, 0.18),
    ("large", "", 4e6, 78.0, 0.2),
    ("small", "random", 1e6, 70.0, 0.02),
    ("large", "random", 4e6, 78.0, 0.03),
    ("pixels", "none", 0, np.nan, 0.13),
)


@pytest.mark.parametrize(("rows", "scale"), [([0, 1], True), ([0, 2, 4], False), ([2, 3, 4], False)])
def test_a_scale_takes_trained_models_of_several_sizes(rows, scale):
    assert has_scale(SERIES.iloc[rows]) == scale


def test_every_model_stands_above_its_twin_and_pixels_are_a_line():
    figure = alignment_by_quality(SERIES)
    for axis, xs in zip(figure.axes, [[1e6, 4e6], [70, 78]], strict=True):
        trained, random = (
            [c for c in axis.containers if c.get_label() == label] for label in ("trained", "random")
        )
        assert (len(trained), len(random)) == (1, 1)
        points = {(c[0].get_xdata()[0], c[0].get_ydata()[0]) for c in axis.containers}
        assert points == {(xs[0], 0.18), (xs[1], 0.2), (xs[0], 0.02), (xs[1], 0.03)}
        assert any(line.get_label() == "pixels" and set(line.get_ydata()) == {0.13} for line in axis.lines)
        assert sorted(text.get_text() for text in axis.texts) == ["large", "small"]
        left, right = axis.get_xlim()
        assert left < xs[0] < xs[1] < right
        bottom, top = axis.get_ylim()
        assert bottom <= SERIES["ci_low"].min() < 0
        assert top > SERIES["ci_high"].max()
    assert figure.axes[0].get_xscale() == "log"
    plt.close(figure)


def test_a_model_whose_twin_was_not_run_is_seen_too():
    figure = alignment_by_quality(SERIES.iloc[[0, 1, 2]])
    assert figure.axes[1].get_xlim()[1] > 78
    plt.close(figure)


def test_without_published_accuracies_there_is_one_panel():
    figure = alignment_by_quality(SERIES.assign(**{"model.imagenet_top1": np.nan}))
    assert len(figure.axes) == 1
    plt.close(figure)


def test_seeds_are_dots_about_their_mean_and_bars_hold_all_their_intervals():
    again = SERIES.assign(score=SERIES["score"] + 0.02, ci_high=SERIES["ci_high"] + 0.02)
    figure = alignment_by_quality(pd.concat([SERIES, again], ignore_index=True))
    axis = figure.axes[0]
    for container in axis.containers:
        mean, ((_, low), (_, high)) = container[0].get_ydata()[0], container[2][0].get_segments()[0]
        assert (low, high) == pytest.approx((mean - 0.06, mean + 0.06))
    assert {round(c[0].get_ydata()[0], 6) for c in axis.containers} == {0.19, 0.21, 0.03, 0.04}
    dots = np.concatenate([line.get_ydata() for line in axis.lines if line.get_marker() == "."])
    np.testing.assert_allclose(np.sort(dots), np.sort([*SERIES["score"][:4], *again["score"][:4]]))
    plt.close(figure)


def points(axis):
    return sorted((float(c[0].get_xdata()[0]), round(float(c[0].get_ydata()[0]), 6)) for c in axis.containers)


@pytest.mark.parametrize(
    "accuracies", [[70.0, None, None, None, None], ["70.0", "None", "78.0", "None", None], [None] * 5]
)
def test_accuracies_that_nobody_published_are_left_out(accuracies, tmp_path):
    figure = alignment_by_quality(SERIES.assign(**{"model.imagenet_top1": accuracies}))
    known = {float(value) for value in accuracies if value not in (None, "None")}
    assert len(figure.axes) == (2 if known else 1)
    assert len(points(figure.axes[0])) == 4
    if known:
        assert {x for x, _ in points(figure.axes[1])} == known
    save(figure, tmp_path / "scale", 60)


def test_without_inference_there_are_points_alone(tmp_path):
    figure = alignment_by_quality(SERIES.assign(ci_low=np.nan, ci_high=np.nan, critical=np.nan))
    assert points(figure.axes[0]) == points(alignment_by_quality(SERIES).axes[0])
    save(figure, tmp_path / "scale", 60)


def test_a_point_is_one_condition_and_never_a_mean_over_metrics_or_samples():
    swept = [
        SERIES.assign(
            metric=metric, seed=seed, score=SERIES["score"] + shift + seed / 100, **{"dataset.n": n}
        )
        for shift, (metric, n) in enumerate(product(("cosine", "mutual_knn"), (50, 100)))
        for seed in (0, 1)
    ]
    figure = alignment_by_quality(pd.concat(swept), ["metric", "dataset.n"])
    grid = np.array(figure.axes).reshape(4, 2)
    for shift, row in enumerate(grid):
        expected = sorted(
            (x, round(y + shift + 0.005, 6)) for x, y in points(alignment_by_quality(SERIES).axes[0])
        )
        np.testing.assert_allclose(points(row[0]), expected, atol=1e-9)
    assert [row[0].get_title(loc="left") for row in grid[:2]] == [
        "metric=cosine, dataset.n=50",
        "metric=cosine, dataset.n=100",
    ]


@pytest.mark.parametrize("axes", [["model.fit.n_train"], ["model"]])
def test_networks_of_one_name_are_points_of_their_own(axes):
    twice = pd.concat([SERIES.iloc[:2], SERIES.iloc[:2].assign(score=0.5)])
    twice[axes[0]] = ["x", "y", "z", "w"]
    figure = alignment_by_quality(twice, axes)
    assert points(figure.axes[0]) == [(1e6, 0.18), (1e6, 0.5), (4e6, 0.2), (4e6, 0.5)]
    assert len({text.get_text() for text in figure.axes[0].texts}) == 4


def test_names_and_ticks_of_networks_of_one_size_do_not_run_into_each_other():
    sizes = [4.65e6, 4.7e6, 5.4e6, 6.1e6, 11.2e6]
    figure = alignment_by_quality(jobs(*((f"network_{s:.0f}", "", s, np.nan, 0.1) for s in sizes)))
    figure.draw_without_rendering()
    axis = figure.axes[0]
    boxes = [label.get_window_extent() for label in axis.get_xticklabels()]
    assert len(boxes) >= 2
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
