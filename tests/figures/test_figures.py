"""What the figures say is what the numbers are, also at the edges: one layer, NaN, many classes."""

from dataclasses import replace
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from prh import figures
from prh.figures.scale import alignment_by_quality
from prh.figures.style import class_colours, class_markers
from prh.figures.sweep import depth_of_all, sweep_scores
from prh.figures.text import brief
from prh.inference import LayerGrid, Score
from prh.similarity import rdm
from prh.similarity.clusters import ClusterScores
from prh.stimuli import StimulusSet


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
    assert [len(shape.get_paths()) for shape in axis.collections if shape.get_hatch()] == [1]


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
    verdict = "RSA: 0.347\n95% interval over classes [\N{MINUS SIGN}0.10, 0.80]\np = 0.012"
    assert verdict in texts(axis)
    assert len([text for text in texts(axis) if " – " in text]) >= 4


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


STRANGE = [
    *("$x^2$", "un$balanced", "\\frac{1", "bell\x07\x1b[31m\n", "\u05e9\u05dc\u05d5\u05dd", "\U0001f600"),
    *("\u6f22\u5b57", "x" * 300, "_under", "a & <b>", "\udcff", "%s {}", "\u202eevil", ""),
]


def strange_figures():
    n, rng = 28, np.random.default_rng(0)
    labels, layout = np.arange(n) % len(STRANGE), rng.normal(size=(n, 2)).astype(np.float32)
    captions = tuple(STRANGE[label] for label in labels)
    images = rng.integers(0, 255, (n, 3, 8, 8)).astype(np.uint8)
    stimuli = StimulusSet(
        STRANGE[0], images, labels, tuple(STRANGE), np.arange(n), "f", "s", captions, STRANGE[2]
    )
    near = np.stack([rng.permutation(n)[:10] for _ in range(n)])
    of_classes = rdm(rng.normal(size=(len(STRANGE), 5)))
    panel = figures.Panel(STRANGE[7], layout, None, STRANGE[1])
    judged = replace(grid(6, 6), a=tuple(STRANGE[:6]), b=tuple(STRANGE[6:12]))
    runs = pd.DataFrame(
        {
            "pair": "model_vs_text",
            "score": [0.1, 0.2, 0.3, 0.4],
            **{"ci_low": 0.0, "ci_high": 0.5, "critical": 0.1, "null_mean": 0.0},
            "model.name": [STRANGE[i] for i in (7, 0, 2, 8)],
            "text.name": [STRANGE[i] for i in (8, 1, 8, 1)],
            "model.parameters": [1e6, 2e6, 3e6, 4e6],
        }
    )
    layers = pd.DataFrame(
        [(name, "model_vs_text", d, d) for name in STRANGE[:9] for d in (0, 1)],
        columns=["run", "pair", "depth", "score"],
    )
    score, title = Score(0.3, p=0.01, ci_low=0, ci_high=0.5), STRANGE[0] + STRANGE[7]
    return {
        "stimuli": lambda: figures.stimulus_grid(stimuli),
        "umap": lambda: figures.umap_panels(title, [panel] * 2, labels, STRANGE),
        "umaps": lambda: figures.umap_panels(title, [panel] * 5, labels, STRANGE),
        "heatmap": lambda: figures.layer_heatmap(judged, title, *STRANGE[2:4], STRANGE[1]),
        "depth": lambda: figures.score_by_depth(
            [figures.DepthCurve(STRANGE[7], judged, "C0")], title, STRANGE[1]
        ),
        "neighbours": lambda: figures.neighbour_page(stimuli, near, near, (STRANGE[7], STRANGE[0])),
        "scatter": lambda: figures.rsa_scatter(
            of_classes, of_classes[::-1], STRANGE, score, "$", title, (STRANGE[7], STRANGE[2]), "C0"
        ),
        "scale": lambda: alignment_by_quality(runs),
        "sweep": lambda: sweep_scores(runs, ["model.name", "text.name"]),
        "depth_of_all": lambda: depth_of_all(layers, STRANGE[:9]),
    }


@pytest.mark.parametrize("name", strange_figures())
def test_any_words_are_drawn_as_they_are(name, tmp_path, recwarn):
    figure = strange_figures()[name]()
    figures.save(figure, tmp_path / name, 30)
    assert not [warning for warning in recwarn if "lyph" in str(warning.message)]
    for text in figure.findobj(Text):
        assert not (text.get_text() and text.get_parse_math())
        for line in text.get_text().split("\n"):
            assert len(line) <= 150
            assert line.strip().isprintable()


def test_a_legend_leaves_nobody_out():
    figure = strange_figures()["depth_of_all"]()
    assert [text.get_text().strip() for text in figure.legends[0].get_texts()][8] == "_under"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short"),
        ("a" * 10 + "b" * 10, "aaaa…bbbbb"),
        ("\u6f22" * 8, "\u6f22\u6f22…\u6f22\u6f22"),
        ("two\nlines\x07", "two lines"),
        ("\u202eback", "back"),
        ("\udcff", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_long_and_unseen_text_is_shortened(text, shown):
    assert brief(text, 10) == shown


def test_a_large_figure_has_fewer_dots_to_the_inch(tmp_path):
    figure = plt.figure(figsize=(1, 400))
    figures.save(figure, tmp_path / "tall", 200)
    assert plt.imread(tmp_path / "tall.png").shape[0] <= 30_000


@pytest.mark.parametrize("n", [2, 10, 37])
def test_every_class_has_a_colour_or_a_marker_of_its_own(n):
    assert len(set(zip(class_colours(n), class_markers(n), strict=True))) == n
