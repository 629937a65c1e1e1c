"""Checks by simulation that intervals hold what they should and that tests keep their size.

    python scripts/check_calibration.py --quick              # seven minutes on two cores
    python scripts/check_calibration.py --main --write       # the three main metrics, 400 repetitions a cell
    python scripts/check_calibration.py --write              # every metric as often, some hours
    python scripts/check_calibration.py --quick --seed 7 --only "mutual 10-NN"

Samples are drawn again and again from a world: OpenMoji's pictures and names, Fashion-MNIST seen by two
networks, or made ones. An interval should hold the mean score of all samples of its size 95 times in 100; a
test at 5 % should reject 5 times in 100 where nothing is the case. Exit code 1 if any line is out of bounds.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from prh.inference import (
    compare_scores,
    influences,
    intervals,
    max_over_layers_test,
    permutation_test,
)
from prh.inference.compare import differences
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
from prh.similarity.influence import Influence

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        RSA("cosine"),
        RSA("euclidean", "pearson"),
        RSA("cosine", "kendall"),
        *(MutualKNN(k) for k in (1, 5, 10, 50, 0.01)),
        JaccardKNN(10),
        CycleKNN(10),
        LCSKNN(10),
        EditKNN(10),
        CKNNA(10),
        CKA(unbiased=True),
        CKA(unbiased=False),
        CKA("rbf", unbiased=True),
        SVCCA(10),
        PWCCA(50),
        Procrustes(),
    )
}
MAIN = ("mutual 10-NN", "RSA (cosine, spearman)", "CKA (linear, unbiased)")
"""The metrics that people use most, and that every test is checked with."""
REAL = ("openmoji", "fashion_mnist")
WORLDS = (*REAL, "aligned", "clustered", "unrelated")
BOUNDS = {"stimuli": (93.0, 99.0), "classes": (92.0, 99.5), "size": (3.0, 7.0)}
"""Between which percentages lines must lie, give or take two Monte-Carlo errors."""
POPULATION = 3000
"""So many stimuli of Fashion-MNIST, and so many made ones in ``clustered``, are drawn from."""
Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Cell:
    """One simulation: what is checked, of which metric, in which world, over how many stimuli."""

    check: str
    metric: str
    world: str
    n: int
    repetitions: int
    seed: int


@dataclass(frozen=True)
class Line:
    """What came of it; percentages, the ratio of the standard errors to the scores' own, the mean score."""

    cell: Cell
    percent: float
    ratio: float
    mean: float

    @property
    def error(self) -> float:
        """Monte-Carlo standard error of the percentage, of the nominal 5 or 95 at least."""
        share = min(max(self.percent / 100, 0.05), 0.95)
        return 100 * float(np.sqrt(share * (1 - share) / self.cell.repetitions))

    @property
    def bounds(self) -> tuple[float, float]:
        """Where the percentage should lie."""
        return BOUNDS[
            {
                "coverage": "stimuli",
                "difference": "stimuli",
                "classes": "classes",
                "difference_of_classes": "classes",
            }.get(self.cell.check, "size")
        ]

    @property
    def holds(self) -> bool:
        """Whether it does, give or take two Monte-Carlo errors."""
        low, high = self.bounds
        return low - 2 * self.error <= self.percent <= high + 2 * self.error


@cache
def features(world: str) -> dict[str, np.ndarray]:
    """Returns real features, from the feature store or extracted into it."""
    from prh.config import resolve
    from prh.console.terminal import Terminal
    from prh.encoders import Resources
    from prh.encoders.resources import choose_device
    from prh.experiment import sentences_about
    from prh.features import FeatureStore, text_features, vision_features
    from prh.run import composed

    overrides = {"openmoji": ["dataset=openmoji"], "fashion_mnist": [f"dataset.n={POPULATION}"]}[world]
    settings, terminal = resolve(composed(["output_dir=unused", "layers=last", *overrides])), Terminal()
    device = choose_device(settings.device)
    resources = Resources(settings.dataset, settings.data_dir, settings.cache_dir, device, terminal)
    store, how = FeatureStore(settings.cache_dir / "features", terminal), settings.extraction(device)
    stimuli = settings.dataset.draw(settings.seed, settings.data_dir, terminal)
    found: dict[str, np.ndarray] = {}
    for key in ("model", "reference"):
        encoder = getattr(settings, key).resolve(key, resources)
        seen = vision_features(encoder, stimuli, settings.layers.of(encoder), how, store, terminal)
        found[key] = seen[seen.last].astype(float)
    if stimuli.captions is not None:
        text = settings.text.resolve(resources)
        words = sentences_about(stimuli, settings.prompt, settings.captions)
        pool = settings.layers.text_pool
        read = text_features(text, words, text.layers[-1:], pool, "stimuli", store, terminal)
        found["text"] = read[read.last].astype(float)
    return found


@cache
def pairs(world: str) -> Pair | None:
    """Returns the real pair of representations that a world draws from; None where it makes its own."""
    if world == "openmoji":
        return features(world)["model"], features(world)["text"]
    if world == "fashion_mnist":
        return features(world)["model"], features(world)["reference"]
    return None


def draw(world: str, n: int, generator: np.random.Generator) -> tuple[Pair, float]:
    """Returns a sample of n paired stimuli, and the share of a real world that it leaves."""
    real = pairs(world)
    if real is not None:
        rows = generator.choice(len(real[0]), n, replace=False)
        return (real[0][rows], real[1][rows]), 1 - n / len(real[0])
    mixed = np.random.default_rng(5)
    shared = generator.normal(size=(n, 10)) * np.linspace(2, 1, 10)
    if world == "clustered":
        centres, label = mixed.normal(size=(2, 20, 10)), generator.integers(0, 20, n)
        noise = generator.normal(size=(2, n, 10))
        return (2 * centres[0][label] + noise[0], 2 * centres[1][label] + 0.3 * noise[0] + noise[1]), 1.0
    ways = mixed.normal(size=(10, 30)), mixed.normal(size=(10, 20))
    other = shared + 0.7 * generator.normal(size=shared.shape)
    if world == "unrelated":
        other = generator.normal(size=shared.shape) * np.linspace(2, 1, 10)
    return (shared @ ways[0], other @ ways[1]), 1.0


def coverage(cell: Cell) -> Line:
    """How often intervals hold the mean score of all samples of as many stimuli or classes."""
    metric = METRICS[cell.metric]
    metric = metric.for_classes() if cell.check == "classes" else metric
    generator = np.random.default_rng([cell.seed, cell.n, len(cell.world)])
    scores, ends, errors, left = [], [], [], 1.0
    for repetition in range(cell.repetitions):
        (x, y), left = draw(cell.world, cell.n, generator)
        a, b = metric.prepare(x), metric.prepare(y)
        score = metric.compare(a, b)
        if not np.isfinite(score):
            continue
        found = influences(metric, [a], [b], seed=repetition)
        low, high = intervals(metric, np.array([[score]]), found)
        scores.append(score)
        ends.append((low[0, 0], high[0, 0]))
        errors.append(float(found.se[0, 0]))
    return held(cell, scores, ends, errors, left)


def difference(cell: Cell) -> Line:
    """How often the interval of a difference of two networks holds the mean difference."""
    metric, found = METRICS[cell.metric], features("openmoji")
    metric = metric.for_classes() if cell.check == "difference_of_classes" else metric
    generator = np.random.default_rng([cell.seed, cell.n])
    values, ends, errors = [], [], []
    for repetition in range(cell.repetitions):
        rows = generator.choice(len(found["text"]), cell.n, replace=False)
        model, reference, text = (found[name][rows] for name in ("model", "reference", "text"))
        result = compare_scores(metric, model, reference, text, seed=repetition)
        values.append(result.value)
        ends.append((result.ci_low, result.ci_high))
        errors.append(result.se)
    return held(cell, values, ends, errors, 1 - cell.n / len(found["text"]))


def held(
    cell: Cell,
    values: Sequence[float],
    ends: Sequence[tuple[float, float]],
    errors: Sequence[float],
    left: float,
) -> Line:
    """Returns the line of a coverage; samples of a finite world lie nearer to its mean, by √left."""
    mean, near = float(np.mean(values)), float(np.sqrt(left))
    inside = [
        (value - low) * near >= value - mean and (high - value) * near >= mean - value
        for value, (low, high) in zip(values, ends, strict=True)
    ]
    ratio = np.sqrt(np.nanmean(np.square(errors))) * near / np.std(values, ddof=1)
    return Line(cell, 100 * float(np.mean(inside)), float(ratio), mean)


def size_of_permutation_test(cell: Cell) -> Line:
    metric = METRICS[cell.metric]

    def p(generator: np.random.Generator, repetition: int) -> float:
        (x, y), _ = draw("unrelated", cell.n, generator)
        return permutation_test(metric, metric.prepare(x), metric.prepare(y), n=199, seed=repetition).p

    return rejected(cell, p)


def size_of_max_over_layers(cell: Cell) -> Line:
    metric = METRICS[cell.metric]

    def p(generator: np.random.Generator, repetition: int) -> float:
        def states() -> list[Any]:
            x = generator.normal(size=(cell.n, 8))
            layers = [x, x + generator.normal(size=x.shape), np.tanh(x), x[:, :4]]
            return [metric.prepare(layer) for layer in layers]

        return max_over_layers_test(metric, states(), states(), n=199, seed=repetition).p

    return rejected(cell, p)


def size_of_compare_scores(cell: Cell) -> Line:
    """Two networks that are alike in how near they are to a third: their differences are noise."""
    metric = METRICS[cell.metric]

    def p(generator: np.random.Generator, repetition: int) -> float:
        y = generator.normal(size=(cell.n, 8)) * np.linspace(2, 1, 8)
        near, other = (y + generator.normal(size=y.shape) for _ in range(2))
        return compare_scores(metric, near, other, y, seed=repetition).p

    return rejected(cell, p)


def size_of_corrected(cell: Cell) -> Line:
    """The smallest corrected p of eight correlated differences that are all zero."""

    def p(generator: np.random.Generator, repetition: int) -> float:
        values = generator.normal(size=(cell.n, 8)) + generator.normal(size=(cell.n, 1))
        influence = Influence(values - values.mean(axis=0), np.zeros((1, 8)), 0.0)
        return min(d.p_corrected for d in differences(values.mean(axis=0), influence, seed=repetition))

    return rejected(cell, p)


def rejected(cell: Cell, p: Callable[[np.random.Generator, int], float]) -> Line:
    generator = np.random.default_rng([cell.seed, cell.n, 1])
    values = np.array([p(generator, repetition) for repetition in range(cell.repetitions)])
    return Line(cell, 100 * float((values <= 0.05).mean()), float("nan"), float("nan"))


CHECKS: dict[str, Callable[[Cell], Line]] = {
    "coverage": coverage,
    "classes": coverage,
    "difference": difference,
    "difference_of_classes": difference,
    "permutation_test": size_of_permutation_test,
    "max_over_layers_test": size_of_max_over_layers,
    "compare_scores": size_of_compare_scores,
    "p_corrected": size_of_corrected,
}


def plan(quick: bool, seed: int) -> Iterator[Cell]:
    """Yields every simulation, the longest first."""
    many, some = (200, 200) if quick else (400, 400)
    sizes = (200,) if quick else (200, 400, 1000)
    for name in reversed(METRICS):
        for world in WORLDS:
            for n in sizes:
                slow = name.startswith(("PWCCA", "Procrustes")) or (n == 1000 and name not in MAIN)
                if not (quick and slow and world == "clustered"):
                    yield Cell("coverage", name, world, n, many // 2 if slow else many, seed)
        for n in (10, 40) if quick else (10, 20, 40):
            for world in ("openmoji", "aligned") if quick else ("openmoji", "aligned", "unrelated"):
                if not name.startswith("mutual") or name == "mutual 10-NN":
                    yield Cell("classes", name, world, n, some // 2 if quick else some, seed)
    for name in MAIN:
        yield Cell("difference", name, "openmoji", 300, many, seed)
        for n in (10, 20, 40):
            yield Cell("difference_of_classes", name, "openmoji", n, some, seed)
        yield Cell("permutation_test", name, "unrelated", 50, 5 * many, seed)
        yield Cell("max_over_layers_test", name, "unrelated", 50, 5 * many, seed)
        yield Cell("compare_scores", name, "aligned", 200, 5 * many, seed)
    for name in ("CKA (linear)", "Procrustes", "SVCCA (10)"):
        yield Cell("compare_scores", name, "aligned", 100, many, seed)
    yield Cell("p_corrected", "mutual 10-NN", "aligned", 200, 5 * many, seed)


def one_thread() -> None:
    """Leaves the other cores to the other processes."""
    import numba
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    numba.set_num_threads(1)
    threadpool_limits(1)


def checked(cell: Cell) -> Line:
    return CHECKS[cell.check](cell)


def tables(lines: Sequence[Line]) -> str:
    """Returns the results as Markdown, a table for each check."""
    titles = {
        "coverage": "Coverage of intervals over stimuli, nominally 95 %",
        "classes": "Coverage of intervals over class centroids, nominally 95 %",
        "difference": "Coverage of the difference of two networks (`compare_scores`), nominally 95 %",
        "difference_of_classes": "Coverage of that difference over class centroids, nominally 95 %",
        "permutation_test": "Size of `permutation_test`, nominally 5 %",
        "max_over_layers_test": "Size of `max_over_layers_test`, nominally 5 %",
        "compare_scores": "Size of `compare_scores`, nominally 5 %",
        "p_corrected": "Size of the smallest of eight corrected p, nominally 5 %",
    }
    parts = []
    for check, title in titles.items():
        rows = [line for line in lines if line.cell.check == check]
        if rows:
            parts += [f"### {title}", "", *_table(rows), ""]
    return "\n".join(parts)


def _table(rows: Sequence[Line]) -> list[str]:
    heads = "metric | world | n | repetitions | mean score | SE / true SE | %"
    marks = ["|---|---|---:|---:|---:|---:|---:|"]
    found = []
    for line in sorted(rows, key=lambda r: (list(METRICS).index(r.cell.metric), r.cell.world, r.cell.n)):
        cell, known = line.cell, np.isfinite(line.ratio)
        name = METRICS[cell.metric].for_classes().name if "classes" in cell.check else cell.metric
        numbers = (f"{line.mean:.3f}", f"{line.ratio:.2f}") if known else ("", "")
        percent = f"{line.percent:.1f} ± {line.error:.1f}" + ("" if line.holds else " **out**")
        shown = (name, cell.world, cell.n, cell.repetitions, *numbers, percent)
        found.append("| " + " | ".join(map(str, shown)) + " |")
    return [f"| {heads} |", *marks, *found]


def pooled(lines: Sequence[Line]) -> list[str]:
    """Returns a line per metric: coverage over all worlds together."""
    found = []
    for check in ("coverage", "classes"):
        for name in METRICS:
            of_it = [line for line in lines if (line.cell.check, line.cell.metric) == (check, name)]
            if of_it:
                weights = [line.cell.repetitions for line in of_it]
                percent = np.average([line.percent for line in of_it], weights=weights)
                low, high = of_it[0].bounds
                error = 100 * float(np.sqrt(0.05 * 0.95 / np.sum(weights)))
                mark = "" if low - 2 * error <= percent <= high + 2 * error else "  OUT OF BOUNDS"
                shown = f"{percent:5.1f} ± {error:.1f} %  (of {low:g} to {high:g}){mark}"
                found.append(f"{check:9s} {name:28s} {shown}")
    return found


def write(text: str, section: str) -> None:
    """Puts tables into their section of docs/calibration.md, in place of those that it has."""
    page = Path(__file__).parents[1] / "docs" / "calibration.md"
    head, section, rest = page.read_text(encoding="utf-8").partition(section)
    body, next_section, after = rest.partition("\n## ")
    words = body.partition("\n### ")[0].rstrip()
    page.write_text(f"{head}{section}{words}\n\n{text}{next_section}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="check_calibration.py", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer cells and repetitions")
    parser.add_argument("--main", action="store_true", help=f"{', '.join(MAIN)} alone")
    parser.add_argument("--seed", type=int, default=0, help="of all draws (%(default)s)")
    parser.add_argument("--only", action="append", help="checks, metrics or worlds that hold this text")
    parser.add_argument("--repetitions", type=int, help="in every cell")
    parser.add_argument("--write", action="store_true", help="write docs/calibration.md")
    asked = parser.parse_args()
    cells = [
        cell
        for cell in plan(asked.quick, asked.seed)
        if any(text in f"{cell.check} {cell.metric} {cell.world}" for text in asked.only or [""])
        and (cell.metric in MAIN or not asked.main)
    ]
    if asked.repetitions:
        cells = [replace(cell, repetitions=asked.repetitions) for cell in cells]
    for world in REAL:
        features(world)
    lines: list[Line] = []
    from prh.console.terminal import Terminal

    progress = Terminal().progress("Simulating", len(cells), "cells")
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork"), one_thread) as pool, progress as advance:
        for line in pool.map(checked, cells):
            lines.append(line)
            advance(1)
    text = tables(lines)
    print(text)
    print("\n".join(pooled(lines)))
    if asked.write:
        write(text, "## Main cells" if asked.main else "## Tables")
    out = [line for line in lines if not line.holds]
    print(f"{len(lines) - len(out)} of {len(lines)} lines within bounds, give or take two Monte-Carlo errors")
    sys.exit(1 if out else 0)


if __name__ == "__main__":
    main()
