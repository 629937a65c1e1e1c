"""Alignment against capability: points, intervals, names, and what the trend says."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from prh import figures
from prh.figures import ModelPoint
from prh.inference import anchor_trend


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def points(m, control=None):
    models = [
        ModelPoint(f"net{i}", 0.1 * i, 0.1 * i - 0.02, 0.1 * i + 0.02, 10.0 ** (i + 5)) for i in range(m)
    ]
    return models + ([control] if control else [])


def trend(models):
    return anchor_trend([p.score for p in models], [p.capability for p in models], bootstrap=100)


def test_models_are_where_they_should_be_with_interval_name_and_p():
    models = points(6)
    figure = figures.alignment_by_capability(
        {"parameters": (models, trend(models))}, "t", "unit", ["parameters"]
    )
    axis = figure.axes[0]
    assert axis.get_xscale() == "log"
    at = [(c[0].get_xdata()[0], c[0].get_ydata()[0]) for c in axis.containers]
    assert at == [(p.capability, p.score) for p in models]
    assert all(container.has_yerr for container in axis.containers)
    assert {p.name for p in models} <= {text.get_text() for text in axis.texts}
    title = axis.get_title(loc="left")
    assert "ρ = 1.00" in title
    assert "p = 0.00139 exact" in title
    assert "6 models" in title


def test_three_models_cannot_tell():
    models = points(3)
    axis = figures.alignment_by_capability({"accuracy": (models, trend(models))}, "t", "u").axes[0]
    assert "3 models cannot tell" in axis.get_title(loc="left")
    assert "0.17" in axis.get_title(loc="left")
    assert axis.get_xscale() == "linear"


def test_what_has_no_capability_is_a_line_and_controls_are_hollow():
    pixels = ModelPoint("pixels", 0.05, np.nan, np.nan, np.nan, control=True)
    twin = ModelPoint("twin", 0.02, np.nan, np.nan, 1e6, control=True)
    axis = figures.alignment_by_capability({"x": ([*points(4), pixels, twin], None)}, "t", "u").axes[0]
    assert any(set(line.get_ydata()) == {0.05} for line in axis.lines)
    hollow = [c for c in axis.containers if c[0].get_markerfacecolor() == "#ffffff"]
    assert [c[0].get_ydata()[0] for c in hollow] == [0.02]
    assert not hollow[0].has_yerr
    assert "pixels" in {text.get_text() for text in axis.texts}
    assert "no trend" in axis.get_title(loc="left")


def test_panels_share_their_scores():
    a, b = points(4), points(8)
    figure = figures.alignment_by_capability({"a": (a, trend(a)), "b": (b, trend(b))}, "t", "u")
    first, second = figure.axes
    assert first.get_ylim() == second.get_ylim()
    assert second.get_xlabel() == "b"
