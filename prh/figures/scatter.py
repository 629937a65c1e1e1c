"""RSA by eye: does a pair of classes that lies apart in one modality lie apart in the other?"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import rankdata

from prh.figures.labels import halo, titled, wrapped
from prh.figures.placing import keep_apart
from prh.figures.style import COLUMN, look, pt, spot, stroke, subplots, theme
from prh.figures.text import CLASS, TITLE, brief
from prh.ground.numbers import interval, number
from prh.inference.score import Score, p_text
from prh.similarity.arrays import Array


@look()
def rsa_scatter(
    vision: Array,
    text: Array,
    class_names: Sequence[str],
    score: Score,
    metric: str,
    title: str,
    axis_names: tuple[str, str],
    colour: str,
    named: int = 4,
) -> Figure:
    """Draws one dot per pair of classes and a trend with its 95% band.

    Named are the pairs whose ranks agree least, which lower the score, and those farthest from the line.

    Args:
        vision: Condensed RDM of class centroids.
        text: Condensed RDM of the class names, same order.
        class_names: C names.
        score: Shown in the title.
        metric: Its name.
        title: Names the comparison.
        axis_names: Labels of the vision axis, x, and the text axis, y.
        colour: Of the dots.
        named: How many pairs of either kind are named; some are of both.
    """
    figure, axes = subplots(1, 1, COLUMN, COLUMN)
    axis = axes[0, 0]
    if np.isfinite(vision).all():
        _draw_pairs(axis, vision, text, class_names, colour, named)
    else:
        axis.text(0.5, 0.5, "no distances:\ndegenerate features", transform=axis.transAxes, ha="center")
    across, up = (scale * figure.get_figwidth() for scale in (0.8, 0.68))
    axis.set_xlabel(wrapped(figure, brief(axis_names[0], TITLE), across, 8))
    axis.set_ylabel(wrapped(figure, brief(axis_names[1], TITLE), up, 8))
    verdict = f"{metric}: {number(score.value, 3)}"
    if np.isfinite(score.p):
        p = p_text(score.p, score.p_se, score.exact)
        verdict += f"\n95% interval over classes {interval(score.ci_low, score.ci_high, 2)}\np = {p}"
    titled(axis, brief(title, TITLE), verdict, across)
    return figure


def _draw_pairs(
    axis: Axes, vision: Array, text: Array, class_names: Sequence[str], colour: str, named: int
) -> None:
    line = np.polyfit(vision, text, 1)
    grid, low, high = _trend_band(vision, text, len(class_names))
    axis.fill_between(grid, low, high, color=theme().faint, alpha=0.25, linewidth=0)
    axis.plot(grid, np.polyval(line, grid), color=theme().faint, linewidth=stroke(1.2))
    axis.scatter(vision, text, s=spot(16), color=colour, alpha=0.8, linewidths=0)
    pairs = list(combinations([brief(name, CLASS) for name in class_names], 2))
    misfit = np.abs(rankdata(vision) - rankdata(text))
    residual = np.abs(text - np.polyval(line, vision))
    texts = [
        halo(axis, vision[i], text[i], f"{pairs[i][0]} – {pairs[i][1]}", fontsize=pt(6))
        for i in sorted({*np.argsort(misfit)[-named:], *np.argsort(residual)[-named:]})
    ]
    pad = 0.08 * np.ptp(text)
    axis.set_ylim(text.min() - pad, text.max() + pad)
    axis.margins(x=0.06)
    keep_apart(axis, texts, list(zip(vision, text, text, strict=True)))


def _trend_band(x: Array, y: Array, n_classes: int, n: int = 1000) -> tuple[Array, Array, Array]:
    """Returns where the line of least squares lies in 95% of bootstrap samples of the classes.

    Classes are resampled, not pairs: the pairs of one class are not independent of each other.
    """
    rows, columns = np.triu_indices(n_classes, k=1)
    grid = np.linspace(x.min(), x.max(), 50)
    lines = []
    for counts in samples_of_classes(n_classes, n, seed=0):
        weights = np.sqrt(counts[rows] * counts[columns])
        if np.ptp(x[weights > 0]) > 0:
            lines.append(np.polyval(np.polyfit(x, y, 1, w=weights), grid))
    low, high = np.quantile(lines, [0.025, 0.975], axis=0)
    return grid, low, high


def samples_of_classes(n_classes: int, n: int, seed: int) -> NDArray[np.int64]:
    """Returns how often each class occurs in each of ``n`` samples with replacement, n×C.

    Samples of fewer than four different classes, which say nothing, are drawn again.
    """
    generator = np.random.default_rng(seed)
    counts = np.empty((n, n_classes), dtype=np.int64)
    for row in range(n):
        while True:
            drawn = np.bincount(generator.integers(0, n_classes, n_classes), minlength=n_classes)
            if (drawn > 0).sum() >= min(4, n_classes):
                break
        counts[row] = drawn
    return counts
