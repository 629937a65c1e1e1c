"""Times all pairs of many encoders, beside judging pair after pair.

    python scripts/bench_pairs.py                 # 50 encoders, 1,000 stimuli
    python scripts/bench_pairs.py 20 500 --metric mutual_knn

Features of the width of real networks (64 to 2,048), partly correlated. ``all_pairs`` judges their 1,225
pairs with 1,000 permutations and intervals; ``Permutation.judge`` a sample of pairs one by one, each side
prepared once, from which its time for all of them follows. Seconds belong to this machine, and CPU seconds to
what else it does; the ratio carries over.
"""

from __future__ import annotations

import argparse
import resource
from time import perf_counter, process_time
from typing import Any

import numpy as np

from prh.inference import Permutation, all_pairs
from prh.similarity import RSA, Metric, MutualKNN

METRICS: dict[str, Metric] = {"cosine": RSA("cosine"), "mutual_knn": MutualKNN(10)}
WIDTHS = (64, 192, 384, 512, 768, 1024, 1280, 2048)
SAMPLE = 12
GIB = 2**20


def features(encoders: int, n: int) -> dict[str, Any]:
    """Returns encoder to N×D features that share more or less of what there is to see."""
    generator = np.random.default_rng(0)
    world = generator.normal(size=(n, 64)) * np.linspace(2, 0.2, 64)
    found = {}
    for index in range(encoders):
        width = WIDTHS[index % len(WIDTHS)]
        seen = world @ generator.normal(size=(64, width)) / 8
        found[f"encoder {index}"] = seen + (0.5 + index % 5) * generator.normal(size=(n, width))
    return found


class Clock:
    """Seconds and CPU seconds since it was made."""

    def __init__(self) -> None:
        self.start = perf_counter(), process_time()

    def read(self) -> tuple[float, float]:
        """Returns both."""
        return perf_counter() - self.start[0], process_time() - self.start[1]


def measure(name: str, metric: Metric, encoders: int, n: int) -> str:
    """Returns a line of the table."""
    inputs, judge = features(encoders, n), Permutation()
    few = {key: metric.prepare(inputs[key][:60]) for key in list(inputs)[:3]}
    all_pairs(metric, few, judge)  # compiles
    clock = Clock()
    states = {key: metric.prepare(x, key) for key, x in inputs.items()}
    prepared = clock.read()[0]
    clock = Clock()
    table = all_pairs(metric, states, judge)
    together, cpu = clock.read()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    names, generator = list(states), np.random.default_rng(1)
    first, second = np.triu_indices(encoders, k=1)
    sample = generator.choice(len(first), min(SAMPLE, len(first)), replace=False)
    clock = Clock()
    for i, j in zip(first[sample], second[sample], strict=True):
        alone = judge.judge(metric, {"a": states[names[i]]}, {"b": states[names[j]]}).last
        if abs(alone.null_mean - table.null_mean[i, j]) > 1e-12 or alone.p != table.p[i, j]:
            raise SystemExit(f"{names[i]} × {names[j]}: {alone} is not {table.cell(i, j)}")
    one_by_one, cpu_alone = (seconds * len(first) / len(sample) for seconds in clock.read())
    return (
        f"| {name} | {encoders} | {len(first):,} | {n:,} | {prepared:.1f} s | {together:.0f} s | {cpu:.0f} s "
        f"| {memory:.1f} GiB | {one_by_one:.0f} s | {one_by_one / together:.1f} | {cpu_alone / cpu:.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench_pairs.py", description=__doc__.splitlines()[0])
    parser.add_argument("encoders", type=int, nargs="?", default=50)
    parser.add_argument("n", type=int, nargs="?", default=1000, help="stimuli")
    parser.add_argument("--metric", choices=METRICS, action="append")
    asked = parser.parse_args()
    print("| metric | encoders | pairs | N | prepare | all pairs | CPU | memory | one by one | × | × CPU |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name in asked.metric or METRICS:
        print(measure(name, METRICS[name], asked.encoders, asked.n), flush=True)


if __name__ == "__main__":
    main()
