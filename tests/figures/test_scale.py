"""The chart of alignment against how large and how good models are."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from prh.figures.scale import alignment_by_quality, has_scale


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


def test_seeds_are_dots_about_their_mean_without_an_interval():
    again = SERIES.assign(score=SERIES["score"] + 0.02)
    figure = alignment_by_quality(pd.concat([SERIES, again], ignore_index=True))
    axis = figure.axes[0]
    assert all(container.has_yerr is False for container in axis.containers)
    assert {round(c[0].get_ydata()[0], 6) for c in axis.containers} == {0.19, 0.21, 0.03, 0.04}
    dots = np.concatenate([line.get_ydata() for line in axis.lines if line.get_marker() == "."])
    np.testing.assert_allclose(np.sort(dots), np.sort([*SERIES["score"][:4], *again["score"][:4]]))
    plt.close(figure)
