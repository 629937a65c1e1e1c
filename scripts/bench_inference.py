"""Times p and interval of many stimuli: shifts and bags beside permutations and samples drawn one by one.

    python scripts/bench_inference.py            # 3,000 and 10,000 stimuli, 6 × 3 layers, a few minutes
    python scripts/bench_inference.py 3000

Printed are the seconds of 1,000 permutations and 1,000 bootstrap samples, and how many times as long they
take when each is drawn from all stimuli on its own, extrapolated from a few.
"""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

import numpy as np

from prh.inference import permutation_orders
from prh.inference.bootstrap import bags, bootstrap_counts
from prh.similarity import RSA

FEW = 20
MANY = 1000


def main() -> None:
    """Measures each number of stimuli on the command line."""
    for n in [int(word) for word in sys.argv[1:]] or [3000, 10_000]:
        generator = np.random.default_rng(0)
        shared = generator.normal(size=(n, 10))
        metric = RSA()
        states: list[Any] = [metric.prepare(shared + generator.normal(size=(n, 10))) for _ in range(9)]
        a, b = states[:6], states[6:]
        orders, counts = permutation_orders(n, FEW, 0), bootstrap_counts(n, FEW, 0)
        # Compiles, and leaves what states keep for the next draws in place.
        metric.permuted(a, b, orders[:1])
        metric.resampled(a, b, counts[:1])
        metric.shifted(a[:1], b[:1], orders[0], np.array([1]))
        starts = [perf_counter()]
        metric.shifted(a, b, orders[0], np.arange(MANY))
        starts.append(perf_counter())
        for sample in bags(n, metric.bag, MANY, 0):
            metric.resampled(a, b, sample)
        starts.append(perf_counter())
        metric.permuted(a, b, orders)
        starts.append(perf_counter())
        metric.resampled(a, b, counts)
        starts.append(perf_counter())
        shifts, bagged, permuted, resampled = np.diff(starts)
        print(
            f"N = {n:,}: null {shifts:.1f} s, one by one {permuted * MANY / FEW / shifts:.0f} x; "
            f"interval {bagged:.1f} s, from all stimuli {resampled * MANY / FEW / bagged:.0f} x"
        )


if __name__ == "__main__":
    main()
