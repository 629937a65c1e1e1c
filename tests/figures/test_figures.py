"""What the figures say is what the numbers are, also at the edges: one layer, NaN, many classes."""

from dataclasses import replace
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest

from prh import figures
from prh.figures.style import class_colours
from prh.inference import LayerGrid, Score
from prh.similarity import rdm
from prh.similarity.clusters import ClusterScores


def grid(rows=3, columns=2, **changes):
    scores = np.linspace(0.1, 0.9, rows * columns).reshape(rows, columns)
    fields = dict.fromkeys(("p", "p_corrected", "null_mean", "null_sd"), np.full(scores.shape, 0.01))
    fields |= {
        "critical": scores * 0 + 0.2,
        "excess": scores,
        "calibrated": scores,
        "ci_low": scores - 0.1,
        "ci_high": scores + 0.1,
    }
    names = tuple(f"a{i}" for i in range(rows)), tuple(f"b{i}" for i in range(columns))
    return replace(LayerGrid.unjudged(*names, scores), **{**fields, **changes})


def texts(axis):
    return [text.get_text() for text in axis.texts]


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_heatmap_prints_every_score_and_brackets_what_does_not_beat_the_null():
    p = np.full((3, 2), 0.01)
    p[0, 1] = 0.2
    axis = figures.layer_heatmap(grid(p_corrected=p), "title", "a", "b", "unit").axes[0]
    assert texts(axis) == ["0.10", "(0.26)", "0.42", "0.58", "0.74", "0.90"]
    assert len(axis.patches) == 1


def test_heatmap_marks_degenerate_cells():
    broken = grid()
    broken.scores[1] = np.nan
    axis = figures.layer_heatmap(broken, "title", "a", "b", "unit").axes[0]
    assert texts(axis)[2:4] == ["n/a", "n/a"]


@pytest.mark.parametrize("shape", [(1, 1), (40, 30)])
def test_heatmap_of_any_size_draws(shape, tmp_path):
    figures.save(figures.layer_heatmap(grid(*shape), "t", "a", "b", "u"), tmp_path / "heatmap", 50)
    assert (tmp_path / "heatmap.png").stat().st_size > 1000
    assert (tmp_path / "heatmap.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_depth_draws_scores_at_their_layers(layers):
    curves = [figures.DepthCurve("model", grid(layers, 1), "C0"), figures.DepthCurve("ref", grid(2, 1), "C1")]
    axis = figures.score_by_depth(curves, "title", "unit").axes[0]
    assert [label.get_text() for label in axis.get_xticklabels()] == [f"a{i}" for i in range(layers)]
    assert any(np.allclose(line.get_ydata(), curves[0].grid.scores[:, -1]) for line in axis.lines)


def test_depth_names_as_many_layers_as_can_be_read():
    curves = [
        figures.DepthCurve("deep", grid(117, 1), "C0"),
        figures.DepthCurve("shallow", grid(6, 1), "C1"),
    ]
    figure = figures.score_by_depth(curves, "title", "unit")
    figure.draw_without_rendering()
    for axis in figure.axes:
        shown = [label.get_window_extent() for label in axis.get_xticklabels()]
        assert 3 <= len(shown) <= 28
        assert all(left.x1 + 0.5 * left.height < right.x1 for left, right in pairwise(shown))
    assert figure.axes[1].get_position().width > 0.1


def test_scatter_shows_every_pair_and_the_score():
    rng = np.random.default_rng(0)
    vision, text = rdm(rng.normal(size=(10, 5))), rdm(rng.normal(size=(10, 5)))
    score = Score(0.347, p=0.012, ci_low=-0.1, ci_high=0.8)
    names = [f"class {i}" for i in range(10)]
    axis = figures.rsa_scatter(vision, text, names, score, "RSA", "title", ("x", "y"), "C0").axes[0]
    dots = max((c.get_offsets() for c in axis.collections), key=len)
    assert np.allclose(dots, np.column_stack([vision, text]))
    assert "RSA: 0.347\n95% interval over classes [-0.10, 0.80], p = 0.012" in axis.get_title(loc="left")
    assert len(axis.texts) >= 6


@pytest.mark.parametrize("panels", [1, 2, 7])
def test_umap_panels_print_the_cluster_scores(panels):
    layout = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    labels = np.arange(30) % 3
    panel = [figures.Panel(f"layer{i}", layout, ClusterScores(0.123, 0.456)) for i in range(panels)]
    figure = figures.umap_panels("title", panel, labels, ["a", "b", "c"])
    shown = [text for axis in figure.axes for text in texts(axis)]
    assert shown.count("silhouette 0.12   purity 0.46") == panels


def test_umap_panel_without_layout_says_why():
    figure = figures.umap_panels("title", [figures.Panel("dead", None, None)], np.zeros(3, int), ["a"])
    assert "no layout:\nNaN or infinite features" in texts(figure.axes[0])


@pytest.mark.parametrize("n", [2, 10, 37])
def test_every_class_has_a_colour_of_its_own(n):
    assert len(set(class_colours(n))) == n
