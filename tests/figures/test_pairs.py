"""The matrix of all pairs: order, tree, marks, and controls apart."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from prh import figures
from prh.figures.pairs import distances_of
from prh.inference import NoInference, Permutation, all_pairs
from prh.similarity import CycleKNN, MutualKNN

METRIC = MutualKNN(3)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def table(names, judge=None, metric=METRIC, pairs=None):
    """Even encoders see one world and odd ones another, each with noise."""
    generator = np.random.default_rng(0)
    worlds = generator.normal(size=(2, 40, 4))
    seen = [worlds[i % 2] + 0.4 * generator.normal(size=(40, 4)) for i in range(len(names))]
    states = {name: metric.prepare(x) for name, x in zip(names, seen, strict=True)}
    return all_pairs(metric, states, judge or Permutation(n_permutations=99), pairs)


def labels(axis):
    return [label.get_text() for label in axis.get_xticklabels()]


def test_those_that_are_alike_stand_side_by_side():
    figure = figures.pair_matrix(table(list("abcdef")), "title", METRIC.name)
    above, axis = figure.axes[1], figure.axes[0]
    assert [set(labels(axis)[:3]), set(labels(axis)[3:])] in (
        [set("ace"), set("bdf")],
        [set("bdf"), set("ace")],
    )
    assert labels(axis) == [label.get_text() for label in axis.get_yticklabels()]
    assert len(above.lines) == 5
    assert above.get_xlim() == axis.get_xlim()
    assert figure.axes[2].get_ylabel() == METRIC.name


def test_pairs_that_do_not_beat_their_null_are_hatched_and_in_brackets():
    found = table(list("abcd"))
    axis = figures.pair_matrix(found, "t", "u").axes[0]
    weak = int((found.q >= 0.05).sum())
    assert weak > 0
    cells, hatched = axis.collections
    assert hatched.get_hatch()
    assert len(hatched.get_paths()) == weak
    assert hatched.get_zorder() > cells.get_zorder()
    texts = [text.get_text() for text in axis.texts]
    assert sum(text.startswith("(") for text in texts) == weak
    assert len(texts) == 12


def test_controls_stand_apart_with_a_tree_of_their_own():
    controls = {"pixels", "twin"}
    figure = figures.pair_matrix(table(["a", "pixels", "b", "c", "twin"]), "t", "u", controls)
    axis = figure.axes[0]
    assert set(labels(axis)[3:]) == controls
    at = np.array(axis.get_xticks())
    np.testing.assert_allclose(np.diff(at), [1, 1, 1.5, 1])
    assert len(figure.axes[1].lines) == 2 + 1
    colours = {label.get_text(): label.get_color() for label in axis.get_xticklabels()}
    assert colours["pixels"] == colours["twin"] != colours["a"]


@pytest.mark.parametrize("m", [2, 13, 50])
def test_names_do_not_overlap_whatever_their_number(m):
    names = [f"a_network_with_a_name {i}" for i in range(m)]
    figure = figures.pair_matrix(table(names, NoInference()), "t", "u")
    figure.canvas.draw()
    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    assert all(low.y0 >= high.y1 - 0.5 or high.y0 >= low.y1 - 0.5 for low, high in itertools.pairwise(boxes))
    whole = figure.bbox
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.y1 <= whole.y1 for box in boxes)
    assert all(label.get_window_extent().y0 >= 0 for label in figure.axes[0].get_xticklabels())
    assert "not tested" in figure.get_suptitle()


def test_pairs_that_were_not_asked_for_are_gray_and_far():
    found = table(list("abcd"), pairs=[(0, 1), (0, 2), (0, 3)])
    axis = figures.pair_matrix(found, "t", "u").axes[0]
    assert [text.get_text() for text in axis.texts].count("n/a") == 6
    distances = distances_of(found)
    assert distances[1, 2] == 1
    assert distances[0, 2] == pytest.approx(1 - found.calibrated[0, 2])


def test_distances_are_of_both_directions():
    found = table(list("abc"), metric=CycleKNN(3))
    assert not found.symmetric
    expected = 1 - (found.calibrated[0, 2] + found.calibrated[2, 0]) / 2
    assert distances_of(found)[0, 2] == distances_of(found)[2, 0] == pytest.approx(expected)
