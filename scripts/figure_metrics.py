"""Draws the two figures of docs/metrics.md: scores against noise, and scores of nothing against width and N.

python scripts/figure_metrics.py      # about two minutes
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich.progress import track

from prh.figures.style import PAGE, class_colours, look, save, subplots, theme
from prh.inference import Score, permutation_test
from prh.similarity import (
    CKA,
    CKNNA,
    LCSKNN,
    PWCCA,
    RSA,
    SVCCA,
    CycleKNN,
    EditKNN,
    JaccardKNN,
    Metric,
    MutualKNN,
    Procrustes,
)

FIGURES = Path(__file__).parents[1] / "docs" / "figures"
PERMUTATIONS = 100
NOISE = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
METRICS: list[Metric] = [
    *(RSA("cosine"), RSA("euclidean"), RSA("cosine", "pearson"), RSA("cosine", "kendall")),
    *(MutualKNN(), JaccardKNN(), CycleKNN(), LCSKNN(normalised=True)),
    *(EditKNN(), CKNNA(), CKA(), CKA(unbiased=True)),
    *(CKA("rbf"), SVCCA(), PWCCA(20), Procrustes()),
]
OF_NOTHING: list[Metric] = [
    *(RSA("cosine"), MutualKNN(), CKA(), CKA(unbiased=True), SVCCA(), PWCCA(), Procrustes()),
]
WIDTHS = (8, 16, 32, 64, 128, 256, 512)
SIZES = (50, 100, 200, 400, 800)


def noisy(noise: float, seed: int, n: int = 300) -> tuple[Any, Any]:
    """Two random views of one 20-dimensional world, the second one noisy."""
    generator = np.random.default_rng(seed)
    world = generator.normal(size=(n, 20))
    x, y = (world @ generator.normal(size=(20, width)) / np.sqrt(20) for width in (64, 48))
    return x, y + noise * generator.normal(size=y.shape)


def unrelated(n: int, width: int, seed: int) -> tuple[Any, Any]:
    """Two representations that have nothing in common."""
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, width)), generator.normal(size=(n, width))


def unrelated_of_width(width: int, n: int, seed: int) -> tuple[Any, Any]:
    return unrelated(n, width, seed)


def judged(metric: Metric, x: Any, y: Any) -> Score:
    return permutation_test(metric, metric.prepare(x), metric.prepare(y), n=PERMUTATIONS)


@look()
def against_noise() -> Figure:
    figure, axes = subplots(4, 4, PAGE, 6.4)
    panels = list(zip(axes.flat, METRICS, strict=True))
    for axis, metric in track(panels, "Scores against noise"):
        scores = [judged(metric, *noisy(noise, 0)) for noise in NOISE]
        mean, critical = (np.array([getattr(s, name) for s in scores]) for name in ("null_mean", "critical"))
        axis.fill_between(NOISE, mean, critical, color="#d9d9d9", linewidth=0)
        axis.plot(NOISE, mean, color=theme().faint, linewidth=0.8)
        axis.plot(NOISE, [s.value for s in scores], "o-", color=theme().model, markersize=2.5, linewidth=1.2)
        axis.set_title(metric.name, loc="left", fontweight="bold", fontsize=7)
        axis.set_ylim(-0.05, 1.05)
        axis.set_xticks([0, 2, 4, 6, 8])
    for axis in axes[-1]:
        axis.set_xlabel("noise over signal")
    for axis in axes[:, 0]:
        axis.set_ylabel("score")
    title = (
        "Two views of one world, one of them noisy: score (blue), mean and 95% of its null (gray); N = 300"
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=8)
    return figure


@look()
def of_nothing() -> Figure:
    figure, axes = subplots(2, 2, PAGE, 5.2)
    colours = class_colours(len(OF_NOTHING))
    for column, (xs, label, draw) in enumerate(
        (
            (WIDTHS, "width of both, N = 200", partial(unrelated, 200)),
            (SIZES, "N, both 128 wide", partial(unrelated_of_width, 128)),
        )
    ):
        pairs = list(zip(OF_NOTHING, colours, strict=True))
        for metric, colour in track(pairs, f"Scores of nothing against {label}"):
            means = []
            for x in xs:
                scores = [judged(metric, *draw(x, seed)) for seed in range(5)]
                means.append(
                    [np.mean([getattr(s, name) for s in scores]) for name in ("value", "calibrated")]
                )
            for row, values in enumerate(np.array(means).T):
                axes[row, column].plot(
                    xs, values, "o-", color=colour, markersize=3, linewidth=1.2, label=metric.name
                )
        for row, name in enumerate(("score", "calibrated score")):
            axes[row, column].set_xscale("log", base=2)
            axes[row, column].set_xticks(xs, xs)
            axes[row, column].minorticks_off()
            axes[row, column].set_ylim(-0.15, 1.05)
            axes[row, column].axhline(0, color="black", linewidth=0.5)
            axes[row, column].set_ylabel(name)
        axes[1, column].set_xlabel(label)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    title = (
        "Two representations that have nothing in common: what they score, and what is left beside the null"
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=8)
    return figure


def main() -> None:
    for name, figure in (("metrics_noise", against_noise), ("metrics_null", of_nothing)):
        save(figure(), FIGURES / name, 160)
        (FIGURES / f"{name}.svg").unlink()


if __name__ == "__main__":
    main()
