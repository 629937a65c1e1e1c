"""Draws the pictures that explain nulls and intervals, from the default run's features and from simulations.

python scripts/figure_explain.py              # about two minutes once python -m prh.run was run
python scripts/figure_explain.py null best    # two of them
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from check_calibration import draw
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prh.config import resolve
from prh.console.terminal import Terminal
from prh.encoders import Resources
from prh.encoders.resources import choose_device
from prh.experiment import drawn, sentences_about
from prh.features import Features, FeatureStore, Shown, features_of
from prh.figures.style import PAGE, look, save, subplots
from prh.figures.themes import PAPER
from prh.findings.comparing import centroids
from prh.inference import max_over_layers_test, permutation_test, score_interval
from prh.inference.centroids import over_both, over_images
from prh.inference.null import permuted_null
from prh.run import composed
from prh.similarity import RSA, Metric
from prh.stimuli import StimulusSet

FIGURES = Path(__file__).parents[1] / "docs" / "figures"
LIGHT = "#d9d9d9"
ALL_ORDERS = 100_000
"""Asked for where all 10! of ten classes are meant, which are walked through."""


@cache
def default_run() -> tuple[dict[str, Features], dict[str, Features], StimulusSet, Metric]:
    """Returns the features of the default run by image and by class, the images and the metric."""
    settings, terminal = resolve(composed(["output_dir=unused"])), Terminal()
    device = choose_device(settings.device)
    resources = Resources(settings.dataset, settings.data_dir, settings.cache_dir, device, terminal)
    store, how = FeatureStore(settings.cache_dir / "features", terminal), settings.extraction(device)
    stimuli = drawn(settings, store, terminal)
    prompts = sentences_about(stimuli, settings.prompt, settings.captions)
    shown = Shown(stimuli, prompts, "classes", settings.layers.text_pool, how, store, terminal)
    text = settings.text.resolve(resources)
    found = {"text": features_of(text, settings.layers.of_text(text), shown)}
    for role in ("model", "reference"):
        encoder = getattr(settings, role).resolve(role, resources)
        found[role] = features_of(encoder, settings.layers.of(encoder), shown)
    return found, centroids(found, stimuli), stimuli, settings.metric


def last(features: Mapping[str, Features], role: str) -> Any:
    return features[role][features[role].last]


def null_panel(axis: Axes, metric: Metric, x: Any, y: Any, bins: int, title: str) -> None:
    a, b = metric.prepare(x), metric.for_text().prepare(y)
    n = 1000 if len(x) > 40 else ALL_ORDERS
    score, null = permutation_test(metric, a, b), permuted_null(metric, [a], [b], n, 0)
    heights, edges = np.histogram(null.scores, bins, density=True)
    colours = [PAPER.reference if left >= score.value else LIGHT for left in edges[:-1]]
    axis.bar(edges[:-1], heights, np.diff(edges), align="edge", color=colours)
    axis.axvline(score.value, color=PAPER.model, linewidth=1.5)
    text = f"score {score.value:.3f}\np = {score.p:.3f}{', exact' if score.exact else ''}"
    side = -1 if len(x) > 40 else 1  # where the null is not
    place, align = (4 * side, -4), "right" if side < 0 else "left"
    axis.annotate(
        text, (score.value, axis.get_ylim()[1]), place, textcoords="offset points", ha=align, va="top"
    )
    axis.set(xlabel=metric.name, yticks=[])
    axis.set_title(title, loc="left")


@look()
def null() -> Figure:
    features, classes, stimuli, metric = default_run()
    figure, ((left, right),) = subplots(1, 2, PAGE, 2.5)
    names = {role: found.encoder for role, found in features.items()}
    by_image = f"{names['model']} × {names['reference']},\n{len(stimuli)} images, 1,000 shuffles"
    null_panel(left, metric, last(features, "model"), last(features, "reference"), 12, by_image)
    left.set_xlim(-0.1, 0.6)
    by_class = f"{names['reference']} × {names['text']},\n10 class centroids, all 10! orders"
    null_panel(right, metric.for_classes(), last(classes, "reference"), last(classes, "text"), 70, by_class)
    return figure


@look()
def best() -> Figure:
    _, classes, _, metric = default_run()
    figure, ((left, right),) = subplots(1, 2, PAGE, 2.7)
    few = metric.for_classes()
    layers = [few.prepare(x) for x in classes["model"].values()]
    words = few.for_text().prepare(last(classes, "text"))
    scores = permuted_null(few, layers, [words], ALL_ORDERS, 0).scores[:, :, 0]
    tested = max_over_layers_test(few, layers, [words])
    alone = float(np.mean(scores[:, tested.at[0]] >= tested.value - 1e-9))
    bins = np.linspace(-1, 1, 90)
    label = f"this layer alone, p = {alone:.3f}"
    left.hist(scores[:, tested.at[0]], bins, density=True, color=LIGHT, label=label)
    label = f"best of {len(layers)} layers, p = {tested.p:.3f}"
    left.hist(scores.max(axis=1), bins, density=True, histtype="step", color=PAPER.reference, label=label)
    left.axvline(tested.value, color=PAPER.model, linewidth=1.5, label=f"score {tested.value:.3f}")
    left.set(xlabel=few.name, yticks=[], ylim=(0, left.get_ylim()[1] * 1.45))
    left.set_title(f"Best layer of {classes['model'].encoder} × {classes['text'].encoder}", loc="left")
    left.legend(frameon=False, loc="upper left")
    counts = (1, 2, 5, 10, 20)
    shares = np.array([false_positives(count) for count in counts]) * 100
    right.plot(
        counts,
        shares[:, 0],
        "o-",
        color=PAPER.faint,
        markersize=3.5,
        linewidth=1.2,
        label="p of the best layer, as if it were the only one",
    )
    right.plot(
        counts,
        shares[:, 1],
        "o-",
        color=PAPER.reference,
        markersize=3.5,
        linewidth=1.2,
        label="p corrected for choosing",
    )
    right.axhline(5, color="black", linewidth=0.6, linestyle=":")
    right.set(
        xticks=counts,
        xlabel="layers to choose from",
        ylabel="% of unrelated networks with p ≤ 0.05",
        ylim=(0, 100),
    )
    right.set_title("Networks that have nothing in common", loc="left")
    right.legend(frameon=False, loc="upper left")
    return figure


def false_positives(layers: int, repetitions: int = 400) -> tuple[float, float]:
    """Returns how often the best of unrelated layers has p ≤ 0.05, as if alone and corrected."""
    metric, generator = RSA("cosine", "pearson"), np.random.default_rng(layers)
    found = []
    for _ in range(repetitions):
        a = [metric.prepare(generator.normal(size=(41, 8))) for _ in range(layers)]
        b = metric.prepare(generator.normal(size=(41, 8)))
        scores = permuted_null(metric, a, [b], 99, int(generator.integers(2**31))).scores[:, :, 0]
        seen = np.array([metric.compare(one, b) for one in a])
        alone = (1 + (scores >= seen).sum(axis=0)) / 100
        corrected = (1 + (scores.max(axis=1) >= seen.max()).sum()) / 100
        found.append((alone[seen.argmax()] <= 0.05, corrected <= 0.05))
    return tuple(np.mean(found, axis=0))


@look()
def intervals() -> Figure:
    features, classes, stimuli, metric = default_run()
    few, labels, words = metric.for_classes(), stimuli.labels, last(classes, "text")
    figure, ((left, right),) = subplots(1, 2, PAGE, 2.6)
    names = ["other images\nof these ten classes", "ten other\nclasses", "other classes and\nother images"]
    for shift, role, colour in ((0.12, "model", PAPER.model), (-0.12, "reference", PAPER.reference)):
        x, centres = last(features, role), last(classes, role)
        value = few.compare(few.prepare(centres), few.for_text().prepare(words))
        images, both = (
            kind(few, x, words, labels, metric_y=few.for_text()) for kind in (over_images, over_both)
        )
        ends = [
            (images.ci_low, images.ci_high),
            score_interval(few, centres, words),
            (both.ci_low, both.ci_high),
        ]
        for place, (low, high) in enumerate(ends):
            left.plot([low, high], [2 - place + shift] * 2, color=colour, linewidth=2)
            left.plot(value, 2 - place + shift, "o", color=colour, markersize=3.5)
        left.plot([], [], "o-", color=colour, markersize=3.5, label=f"× {features[role].encoder}")
    left.axvline(0, color="black", linewidth=0.6, linestyle=":")
    left.set(yticks=[2, 1, 0], yticklabels=names, xticks=[-1, -0.5, 0, 0.5, 1], xlabel=few.name)
    left.set(xlim=(-1, 1), ylim=(-0.5, 3.1))
    left.set_title(f"{classes['text'].encoder} reads ten class names", loc="left")
    left.legend(frameon=False, loc="upper left", ncols=2)
    resampled(right, few, last(features, "reference"), words, labels, stimuli.class_names)
    right.set_title(f"× {features['reference'].encoder}, seen otherwise", loc="left")
    return figure


def resampled(axis: Axes, metric: Metric, x: Any, words: Any, labels: Any, names: tuple[str, ...]) -> None:
    """Shows the score with other images drawn of each class, and with each class left out."""
    generator, members = np.random.default_rng(0), [np.flatnonzero(labels == c) for c in range(len(names))]

    def score(kept: list[int], of: list[Any]) -> float:
        centres = np.array([x[of[c]].mean(axis=0) for c in kept])
        return metric.compare(metric.prepare(centres), metric.for_text().prepare(words[kept]))

    everything = list(range(len(names)))
    drawn_anew = [score(everything, [generator.choice(m, len(m)) for m in members]) for _ in range(200)]
    axis.plot(drawn_anew, 1 + generator.uniform(-0.15, 0.15, 200), ".", color=PAPER.faint, markersize=2)
    without = [score([c for c in everything if c != out], members) for out in everything]
    order = np.argsort(without)
    axis.plot(np.array(without)[order], [0] * len(names), "o", color=PAPER.reference, markersize=3.5)
    for place in (order[0], order[-1]):
        axis.annotate(
            f"without\n{names[place]}",
            (without[place], 0),
            (0, -6),
            textcoords="offset points",
            ha="center",
            va="top",
        )
    axis.axvline(score(everything, members), color="black", linewidth=0.6, linestyle=":")
    axis.set(
        yticks=[1, 0], yticklabels=["other images\n(200 draws)", "one class\nleft out"], xlabel=metric.name
    )
    axis.set_ylim(-0.9, 1.5)
    axis.margins(x=0.15)


@look()
def coverage() -> Figure:
    metric, generator = RSA("cosine", "spearman"), np.random.default_rng(0)

    def sample() -> tuple[Any, Any]:
        return draw("aligned", 200, generator)[0]

    def score(x: Any, y: Any) -> float:
        return metric.compare(metric.prepare(x), metric.prepare(y))

    truth = float(np.mean([score(*sample()) for _ in range(2000)]))
    samples = [sample() for _ in range(100)]
    figure, ((axis,),) = subplots(1, 1, PAGE, 2.2)
    missed = 0
    for place, (x, y) in enumerate(samples):
        low, high = score_interval(metric, x, y)
        missed += not low <= truth <= high
        colour = LIGHT if low <= truth <= high else PAPER.reference
        axis.plot([place, place], [low, high], color=colour, linewidth=2)
        axis.plot(place, score(x, y), "o", color=PAPER.faint, markersize=1.6)
    axis.axhline(truth, color=PAPER.model, linewidth=1)
    axis.set(xlabel="sample of 200 stimuli", ylabel=metric.name, xlim=(-1, 100))
    axis.set_title(
        f"100 samples of one world: {100 - missed} intervals hold the mean of all (blue), {missed} do not",
        loc="left",
    )
    return figure


def main() -> None:
    known = {"null": null, "best": best, "intervals": intervals, "coverage": coverage}
    for name in sys.argv[1:] or known:
        save(known[name](), FIGURES / f"explain_{name}", 160)
        for ending in ("svg", "pdf"):
            (FIGURES / f"explain_{name}.{ending}").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
