"""Colours that all eyes can tell apart, on the ground of every theme; and what else a theme changes."""

from itertools import combinations
from typing import get_args

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from prh import figures
from prh.figures.colour import Scale, contrast, ink_on, readable
from prh.figures.style import COLUMN, PAGE, class_colours, drawn_in
from prh.figures.themes import THEMES
from prh.ground.values import Look
from tests.figures.test_figures import grid

EYES = {
    "all cones": np.eye(3),
    "protanopia": [
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ],
    "deuteranopia": [
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ],
    "tritanopia": [
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ],
}
"""What an eye makes of linear RGB (Machado, Oliveira & Fernandes 2009, severity 1)."""
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
APART = 15
"""CIELAB differences; of 2.3 one is just noticed (Mahy, Van Eycken & Oosterlinck 1994)."""


def lab(colours, eye):
    """CIELAB (CIE 1976, D65) of colours as an eye sees them."""
    channels = np.array([to_rgb(colour) for colour in colours])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ np.transpose(EYES[eye]), 0, 1) @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116).T
    return np.column_stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.fixture(autouse=True, params=THEMES)
def theme(request):
    with drawn_in(request.param):
        yield THEMES[request.param]
    plt.close("all")


@pytest.mark.parametrize("eye", EYES)
def test_colours_for_different_things_in_one_figure_are_told_apart(theme, eye):
    together = [
        theme.classes,
        [theme.model, theme.reference, theme.faint, theme.ground],
        [theme.band, theme.ground],
    ]
    for colours, least in zip(together, (APART, APART, 6), strict=True):
        seen = lab(colours, eye)
        for one, other in combinations(range(len(colours)), 2):
            assert np.linalg.norm(seen[one] - seen[other]) > least, (colours[one], colours[other])


@pytest.mark.parametrize("eye", EYES)
def test_the_map_of_scores_grows_lighter_in_even_steps_for_every_eye(theme, eye):
    colours = plt.get_cmap(theme.sequential)(np.linspace(0, 1, 33))
    steps = np.diff(lab(colours, eye)[:, 0])
    assert (steps > 0.2).all()
    apart = np.linalg.norm(lab(colours[4:], eye) - lab(colours[:-4], eye), axis=1)
    assert apart.min() > 5


def test_text_lines_and_dots_stand_out_from_the_ground(theme):
    assert contrast(theme.ink, theme.ground) > 12
    assert contrast(theme.faint, theme.ground) >= 4.5
    for colour in (*theme.classes, theme.model, theme.reference):
        assert contrast(colour, theme.ground) >= 3
        assert contrast(readable(colour), theme.ground) >= 4.5
    for colour in plt.get_cmap(theme.sequential)(np.linspace(0, 1, 33)):
        assert contrast(ink_on(colour), colour) >= 4.5
    assert class_colours(12)[10] == class_colours(12)[0] == theme.classes[0]


def test_a_theme_gives_sizes_and_colours(theme):
    figure = figures.layer_heatmap(grid(), "title", "a", "b", "unit")
    assert figure.get_figwidth() / theme.width == pytest.approx(COLUMN if theme.room == 1 else PAGE)
    assert figure.get_facecolor() == pytest.approx((*to_rgb(theme.ground), 1))
    axis = figure.axes[0]
    assert axis.xaxis.label.get_fontsize() == pytest.approx(8 * theme.type)
    assert axis.get_yticklabels()[0].get_color() == theme.ink
    assert THEMES["paper"].type == THEMES["paper"].width == 1
    assert (COLUMN, PAGE) == (3.5, 7.1)


def test_every_look_that_a_config_takes_has_a_theme():
    assert set(get_args(Look)) == set(THEMES)


def test_a_score_far_out_does_not_swallow_the_scale_and_the_bar_says_so():
    scores = np.linspace(0.05, 0.15, 63).reshape(9, 7)
    plain = Scale.of(scores)
    assert (plain.low, plain.high) == (0, pytest.approx(0.15))
    scores[8, 6] = 0.85
    scale = Scale.of(scores)
    assert scale.high < 0.2
    figure = figures.layer_heatmap(grid(9, 7, scores=scores), "title", "a", "b", "unit")
    assert figure.axes[1].get_ylabel() == "unit\nlast colour: up to 0.85"
    assert "0.85" in [text.get_text() for text in figure.axes[0].texts]
    halves = np.repeat([0.1, 0.9], 20)
    assert Scale.of(halves).high == pytest.approx(0.9)
    assert Scale.of(np.array([np.nan])).high == 1
