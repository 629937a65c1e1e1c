"""Checks by simulation that the test of a trend keeps its size and its interval its coverage.

    python scripts/check_trend.py                  # some minutes; the tables of docs/calibration.md
    python scripts/check_trend.py --repetitions 100

A model has a trait, and a pair scores the sum, or the product, of both traits and some noise; so pairs share
models. Capability has nothing to do with the trait (size), or correlates with it (coverage, power). With
families, trait and capability are alike within them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import norm, rankdata, spearmanr

from prh.inference import anchor_trend, mixed_trend, pair_trend
from prh.inference.dyads import unit
from prh.similarity.influence import Influence

STIMULI = 200
NOISE = 0.4
"""What a sample of stimuli adds to a trait of unit variance."""
SPREAD = np.sqrt(1 + NOISE**2)


def models(
    m: int, effect: float, generator: np.random.Generator, family: int = 1, shared: float = 0.0
) -> tuple[Any, Any, Any]:
    """Returns trait, capability and family of M models."""
    families = np.arange(m) // family

    def values() -> Any:
        own, common = generator.normal(size=m), generator.normal(size=m)[families]
        return np.sqrt(1 - shared) * own + np.sqrt(shared) * common

    trait = values()
    return trait, effect * trait + np.sqrt(1 - effect**2) * values(), families


def pair_scores(trait: Any, generator: np.random.Generator, noise: float, product: bool) -> Any:
    """Returns M×M scores."""
    quality = norm.cdf(trait)
    whole = quality[:, None] * quality if product else (trait[:, None] + trait) / np.sqrt(2)
    error = np.triu(generator.normal(size=whole.shape), k=1)
    return whole + noise * (0.2 if product else 1.0) * (error + error.T)


def stimuli(m: int, generator: np.random.Generator) -> tuple[Any, Influence]:
    """Returns what a sample of stimuli adds to M×M scores, which is alike for pairs that share a model."""
    at = np.triu_indices(m, k=1)
    each = NOISE * np.sqrt(STIMULI) * generator.normal(size=(STIMULI, m))
    values = ((each[:, :, None] + each[:, None]) / np.sqrt(2))[:, at[0], at[1]]
    influence = Influence(values - values.mean(axis=0), np.zeros((2, len(at[0]))), 0.0)
    whole = each.mean(axis=0)
    return (whole[:, None] + whole) / np.sqrt(2), influence


def p_of_pairs(
    generator: np.random.Generator, seed: int, m: int, effect: float = 0.0, product: bool = False
) -> float:
    trait, capability, _ = models(m, effect, generator)
    return quick(pair_trend, pair_scores(trait, generator, 0.5, product), capability, seed)


def p_of_anchor(generator: np.random.Generator, seed: int, m: int, effect: float = 0.0) -> float:
    trait, capability, _ = models(m, effect, generator)
    return quick(anchor_trend, trait, capability, seed)


def p_as_if_independent(generator: np.random.Generator, seed: int, m: int) -> float:
    trait, capability, _ = models(m, 0, generator)
    at, ranks = np.triu_indices(m, k=1), rankdata(capability)
    scores = pair_scores(trait, generator, 0.5, False)
    return float(spearmanr((ranks[:, None] + ranks)[at], scores[at], alternative="greater").pvalue)


def p_of_families(generator: np.random.Generator, seed: int, m: int, family: int, blocks: bool) -> float:
    trait, capability, labels = models(m, 0, generator, family, 0.7)
    scores = pair_scores(trait, generator, 0.5, False)
    return quick(pair_trend, scores, capability, seed, labels if blocks else None)


def quick(test: Any, scores: Any, capability: Any, seed: int, families: Any = None) -> float:
    return float(test(scores, capability, families, n=499, bootstrap=0, seed=seed).p)


def rejects(repetitions: int, p: Callable[..., float], m: int, *rest: Any) -> float:
    """Returns the percentage of repetitions with a p of at most 0.05."""
    generator = np.random.default_rng(m)
    return 100 * float(np.mean([p(generator, k, m, *rest) <= 0.05 for k in range(repetitions)]))


def row(*cells: Any) -> None:
    print("| " + " | ".join(f"{c:.2f}" if isinstance(c, float) else str(c) for c in cells) + " |", flush=True)


def size(repetitions: int) -> None:
    print("\n| models | pairs, sum | pairs, product | anchor | pairs as if independent |")
    print("|---:|---:|---:|---:|---:|")
    for m in (4, 5, 8, 12, 20, 50):
        tests = ((p_of_pairs,), (p_of_pairs, 0.0, True), (p_of_anchor,), (p_as_if_independent,))
        row(m, *(f"{rejects(repetitions, p, m, *rest):.1f}" for p, *rest in tests))


def families(repetitions: int) -> None:
    print("\n| models | families of | blocks | free |")
    print("|---:|---:|---:|---:|")
    for m, family in ((12, 3), (20, 4), (50, 5)):
        found = [rejects(repetitions, p_of_families, m, family, blocks) for blocks in (True, False)]
        row(m, family, *(f"{value:.1f}" for value in found))


@cache
def truth(effect: float, noise: float, pairs: bool) -> float:
    """Returns the trend of very many models."""
    generator = np.random.default_rng(1)
    trait, capability, _ = models(1500, effect, generator)
    if not pairs:
        return float(spearmanr(capability, trait).statistic)
    at = np.triu_indices(1500, k=1)
    ranks = rankdata(capability)
    scores = pair_scores(trait, generator, noise, False)[at]
    x, y = unit(rankdata((ranks[:, None] + ranks)[at])[None]), unit(rankdata(scores)[None])
    return float((x @ y.T)[0, 0])


def coverage(repetitions: int) -> None:
    print("\n| models | effect | pairs | pairs, other stimuli too | anchor | width for pairs | for anchor |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for effect in (0.0, 0.5, 0.9):
        true = (
            truth(effect, 0.5, True),
            truth(effect / SPREAD, 0.5 / SPREAD, True),
            truth(effect, 0.5, False),
        )
        for m in (6, 8, 12, 20, 50):
            generator = np.random.default_rng([m, int(10 * effect)])
            count = repetitions if m < 50 else repetitions // 4
            found = [intervals(generator, k, m, effect) for k in range(count)]
            held = [[low <= t <= high for (low, high), t in zip(ends, true, strict=True)] for ends in found]
            widths = np.diff(np.array(found), axis=2).mean(axis=0)[:, 0]
            row(
                m,
                effect,
                *(f"{v:.1f}" for v in 100 * np.mean(held, axis=0)),
                float(widths[0]),
                float(widths[2]),
            )


def intervals(generator: np.random.Generator, seed: int, m: int, effect: float) -> list[tuple[float, float]]:
    """Returns the intervals of pairs, of pairs over a sample of stimuli, and with an anchor."""
    trait, capability, _ = models(m, effect, generator)
    plain = pair_scores(trait, generator, 0.5, False)
    moved, influence = stimuli(m, generator)
    found = (
        pair_trend(plain, capability, n=19, bootstrap=300, seed=seed),
        pair_trend(plain + moved, capability, None, influence, n=19, bootstrap=300, seed=seed),
        anchor_trend(trait, capability, n=19, bootstrap=300, seed=seed),
    )
    return [(trend.ci_low, trend.ci_high) for trend in found]


def mixed(repetitions: int) -> None:
    """Size of the mixed model's test, with families too, and coverage of its slope."""
    print("\n| models | families of | size, sum | size, product | coverage, effect 0 | 0.5 | 0.9 |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for m, family, shared in (
        (8, 1, 0.0),
        (12, 1, 0.0),
        (20, 1, 0.0),
        (50, 1, 0.0),
        (12, 3, 0.7),
        (20, 4, 0.7),
    ):
        count = repetitions if m < 50 else repetitions // 4
        cells = [
            f"{100 * np.mean([p <= 0.05 for _, _, p in slopes(count, m, 0.0, family, shared, True)]):.1f}"
        ]
        for effect in (0.0, 0.5, 0.9):
            found = slopes(count, m, effect, family, shared, False)
            # A pair scores √2 times its mean trait, which capability predicts by its effect.
            cells.append(f"{100 * np.mean([a <= np.sqrt(2) * effect <= b for a, b, _ in found]):.1f}")
            if effect == 0:
                cells.insert(0, f"{100 * np.mean([p <= 0.05 for _, _, p in found]):.1f}")
        row(m, family, *cells)


def slopes(
    count: int, m: int, effect: float, family: int, shared: float, product: bool
) -> list[tuple[float, float, float]]:
    """Returns interval and p of the slope in so many worlds."""
    generator, found = np.random.default_rng(m), []
    for _ in range(count):
        trait, capability, labels = models(m, effect, generator, family, shared)
        scores = pair_scores(trait, generator, 0.5, product)
        one = mixed_trend(scores, capability, labels if family > 1 else None)
        if one is not None:
            found.append((one.ci_low, one.ci_high, one.p))
    return found


def power(repetitions: int) -> None:
    print("\n| models | detectable ρ of pairs | found | with an anchor | found |")
    print("|---:|---:|---:|---:|---:|")
    for m in (5, 8, 12, 20, 50):
        cells: list[Any] = []
        for pairs, p in ((True, p_of_pairs), (False, p_of_anchor)):
            wanted = detectable(m, pairs)
            found = rejects(repetitions, p, m, effect_of(wanted, pairs))
            cells += [wanted, f"{found:.0f}"]
        row(m, *cells)


def detectable(m: int, pairs: bool) -> float:
    """Returns what a trend over M models says of its own power, on average."""
    generator, told = np.random.default_rng(m), []
    for seed in range(20):
        trait, capability, _ = models(m, 0, generator)
        scores = pair_scores(trait, generator, 0.5, False) if pairs else trait
        test: Any = pair_trend if pairs else anchor_trend
        told.append(test(scores, capability, n=499, bootstrap=0, seed=seed).detectable)
    return float(np.nanmean(told))


def effect_of(rho: float, pairs: bool) -> float:
    """Returns how strongly capability must go with the trait for a trend of ρ."""
    effects = np.linspace(0, 0.999, 12)
    return float(np.interp(rho, [truth(effect, 0.5, pairs) for effect in effects], effects))


def main() -> None:
    parser = argparse.ArgumentParser(prog="check_trend.py", description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--only", choices=["size", "families", "coverage", "mixed", "power"], action="append")
    asked = parser.parse_args()
    for check in (size, families, coverage, mixed, power):
        if not asked.only or check.__name__ in asked.only:
            check(asked.repetitions)


if __name__ == "__main__":
    main()
