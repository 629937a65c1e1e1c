"""Maps of representations: near is alike, names are read, paths go from layer to layer."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from prh import figures
from prh.figures.map import placed
from prh.inference import NoInference
from tests.figures.test_pairs import METRIC, table


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_distances_that_a_plane_has_are_drawn_as_they_are():
    distances = squareform(pdist(np.random.default_rng(0).normal(size=(8, 2))))
    points, stress = placed(distances)
    np.testing.assert_allclose(squareform(pdist(points)), distances, atol=1e-3)
    assert stress < 1e-3
    assert np.ptp(points[:, 0]) > np.ptp(points[:, 1])
    again, _ = placed(distances)
    np.testing.assert_array_equal(points, again)


def test_distances_that_no_plane_has_have_stress():
    _, stress = placed(1.0 - np.eye(6))
    assert 0.1 < stress < 0.6


@pytest.mark.parametrize(("m", "far"), [(1, 0.0), (2, 0.7), (4, 0.0)])
def test_few_points_or_one_place_have_no_stress(m, far):
    points, stress = placed(far * (1 - np.eye(m)))
    assert stress == 0
    assert np.ptp(points[:, 0]) == pytest.approx(far if m == 2 else 0)


def test_a_map_has_a_marker_a_sense_and_hollow_controls():
    names = ["eye", "ear", "word", "pixels"]
    senses = ["pictures", "sounds", "words", "pictures"]
    figure = figures.representation_map(table(names), "title", METRIC.name, senses, {"pixels"})
    axis = figure.axes[0]
    assert sorted(text.get_text() for text in axis.texts if text.get_text()) == sorted(names)
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert shown == ["pictures", "pictures, control", "sounds", "words"]
    hollow = [c for c in axis.collections if np.allclose(c.get_facecolor(), 1)]
    assert [c.get_label() for c in hollow] == ["pictures, control"]
    assert len({len(c.get_paths()[0].vertices) for c in axis.collections}) > 1
    assert "stress 0." in figure.get_suptitle()


@pytest.mark.parametrize("m", [3, 8, 24])
def test_names_do_not_cover_each_other(m):
    figure = figures.representation_map(table([f"encoder {i}" for i in range(m)], NoInference()), "t", "u")
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
    assert len(boxes) == m
    covered = [
        (i, j)
        for i in range(m)
        for j in range(i)
        if boxes[i].shrunk(0.9, 0.8).overlaps(boxes[j].shrunk(0.9, 0.8))
    ]
    assert not covered
    assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 for box in boxes)


def test_layers_are_a_path_that_is_named_at_its_end():
    found = table([f"{name}{i}" for name in "ab" for i in range(3)], NoInference())
    figure = figures.layer_map(found, {"a": [0, 1, 2], "twin": [3, 4, 5]}, "t", "u", {"twin"})
    axis = figure.axes[0]
    paths = [line for line in axis.lines if len(line.get_xdata()) == 3]
    assert [line.get_linestyle() for line in paths] == ["-", "--"]
    assert sorted(text.get_text() for text in axis.texts if text.get_text()) == ["a", "twin"]
