"""Words on figures: none is cut, none covers another, numbers are as typesetters write them."""

from itertools import combinations
from math import inf

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from prh import figures
from prh.figures import ModelPoint
from prh.figures.style import COLUMN, PAGE, drawn_in
from prh.figures.text import count, range_of
from prh.figures.themes import THEMES
from prh.figures.ticks import ticks
from prh.ground.numbers import number
from prh.inference import NoInference
from tests.figures.test_figures import STRANGE, grid, strange_figures
from tests.figures.test_pairs import table


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def shown(figure):
    """Texts that are seen, with their boxes; as the figure is drawn."""
    figure.draw_without_rendering()
    beyond = {
        tick.label1
        for axis in figure.axes
        for side in (axis.xaxis, axis.yaxis)
        for tick in side.get_major_ticks()
        if not min(side.get_view_interval()) <= tick.get_loc() <= max(side.get_view_interval())
    }
    texts = [text for text in figure.findobj(Text) if text not in beyond and text.get_text().strip()]
    boxes = [(text, text.get_window_extent()) for text in texts if text.axes is None or text.axes.axison]
    return [(text.get_text(), box) for text, box in boxes if box.width > 0]


def many(m):
    return [f"a_network_with_a_name {number}" for number in range(m)]


def crowded():
    """Nine models of nearly one size, of which each has a name as long as a third of the axis."""
    scores = np.linspace(0.3, 0.4, 9)
    models = [
        ModelPoint(f"network of size {i}", s, s - 0.03, s + 0.03, 5e6 + 4e5 * i) for i, s in enumerate(scores)
    ]
    return figures.alignment_by_capability({"parameters": (models, None)}, "t", "u", ["parameters"])


FIGURES = strange_figures() | {
    "capability": crowded,
    "pairs": lambda: figures.pair_matrix(table(STRANGE[:9], NoInference()), STRANGE[7], STRANGE[1]),
    "map": lambda: figures.representation_map(table(STRANGE[:9], NoInference()), STRANGE[7], STRANGE[1]),
    "layer_map": lambda: figures.layer_map(
        table(STRANGE[:8], NoInference()),
        {STRANGE[7]: [0, 1, 2], STRANGE[5]: [3, 4, 5, 6, 7]},
        STRANGE[7],
        STRANGE[1],
    ),
    "deep": lambda: figures.layer_heatmap(grid(117, 6), STRANGE[7], "a", "b", STRANGE[7]),
}


@pytest.mark.parametrize("look", ["paper", "dark"])
@pytest.mark.parametrize("name", FIGURES)
def test_no_word_is_cut_and_every_figure_is_as_wide_as_a_column_or_a_page(name, look):
    with drawn_in(look):
        figure = FIGURES[name]()
        inside = figure.bbox.padded(1.5)
        assert not [(text, box) for text, box in shown(figure) if inside.count_contains(box.corners()) < 4]
        widths = [width * THEMES[look].width for width in (COLUMN, PAGE)]
        assert any(figure.get_figwidth() == pytest.approx(width) for width in widths)


def overlapping(boxes):
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if a.shrunk(0.9, 0.75).overlaps(b.shrunk(0.9, 0.75))
    ]


@pytest.mark.parametrize("look", ["paper", "talk"])
def test_names_cover_neither_each_other_nor_an_interval(look):
    with drawn_in(look):
        figure = crowded()
        names = [(text, box) for text, box in shown(figure) if text.startswith("network")]
        assert len(names) == 9
        axis = figure.axes[0]
        segments = [container[2][0].get_segments()[0] for container in axis.containers]
        bars = [("", Bbox(axis.transData.transform(ends) + np.array([(-1, 0), (1, 0)]))) for ends in segments]
        assert all(box.height > 5 for _, box in bars)
        assert not overlapping([*names, *bars])


def test_ticks_of_many_layers_name_blocks():
    layers = [f"features.{block}.{part}" for block in range(9) for part in ("conv", "norm", "act")]
    found = ticks(layers, 12)
    assert found.names == [f"features.{block}" for block in range(9)]
    assert found.at[:2] == [1, 4]
    assert found.edges[0] == 2.5
    assert ticks(layers, 30).names == layers
    ends = ticks(["stem", "norm", *layers, "head"], 12)
    assert ends.names == ["stem", *found.names]
    assert len(ends.edges) == 11
    assert ticks([f"layer{number}" for number in range(100)], 10).at == list(range(0, 100, 10))


@pytest.mark.parametrize("shape", [(117, 6), (6, 117), (80, 80)])
def test_names_of_many_layers_do_not_run_into_each_other(shape):
    figure = figures.layer_heatmap(grid(*shape), "t", "a", "b", "u")
    figure.draw_without_rendering()
    boxes = [("", label.get_window_extent()) for label in figure.axes[0].get_yticklabels()]
    assert not overlapping(boxes)
    assert max(figure.get_size_inches()) < 11
    at = [label.get_window_extent().x1 for label in figure.axes[0].get_xticklabels()]
    assert min(np.diff(at), default=inf) > 8


@pytest.mark.parametrize(
    ("value", "text"),
    [(-0.001, "0.00"), (-0.006, "−0.01"), (0.347, "0.35"), (-1.0, "−1.00"), (float("nan"), "n/a")],
)
def test_numbers_have_a_minus_and_no_negative_zero(value, text):
    assert number(value, 2) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(4.652e6, "4.65 M"), (456.741e9, "457 B"), (999_999, "1 M"), (300, "300"), (1.2e13, "12 T")],
)
def test_large_numbers_have_units(value, text):
    assert count(value) == text


def test_a_score_says_from_where_to_where_it_goes():
    assert range_of("RSA", -1, 1) == "RSA, −1\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}1"
    assert range_of("own", -inf, 2) == "own, at\N{NO-BREAK SPACE}most\N{NO-BREAK SPACE}2"


def test_files_are_the_same_whenever_they_are_written_and_text_stays_text(tmp_path, monkeypatch):
    for second in (0, 1):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(10**9 + second))
        labels, layout = np.arange(30) % 3, np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
        panels = [figures.Panel("layer", layout, None)]
        figures.save(
            figures.umap_panels("title", panels, labels, ["Bag", "Coat", "Shirt"]), tmp_path / str(second), 60
        )
    for kind in ("png", "svg", "pdf"):
        assert (tmp_path / f"0.{kind}").read_bytes() == (tmp_path / f"1.{kind}").read_bytes(), kind
    svg, pdf = (tmp_path / "0.svg").read_text(), (tmp_path / "0.pdf").read_bytes()
    assert ">Bag</text>" in svg
    assert "Verdana" in svg
    assert "sans-serif" in svg
    assert b"/Type /Font" in pdf
    assert b"/FontFile2" in pdf
    assert b"/Subtype /Type3" not in pdf
