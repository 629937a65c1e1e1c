"""Times null and interval: shifts beside permutations one by one, standard errors beside comparing alone.

    python scripts/bench_inference.py            # 3,000 and 10,000 stimuli
    python scripts/bench_inference.py 3000

RSA over 6 × 3 layers: the seconds of 1,000 permutations and of all intervals, and how many times as long
the permutations take one by one, extrapolated from a few. Mutual k-NN of one pair: how many times as long
prepare and compare take with a standard error as without.
"""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

import numpy as np

from prh.inference import influences, permutation_orders
from prh.similarity import RSA, MutualKNN

FEW = 20
MANY = 1000
REPEATS = 5


def main() -> None:
    """Measures each number of stimuli on the command line."""
    for n in [int(word) for word in sys.argv[1:]] or [3000, 10_000]:
        generator = np.random.default_rng(0)
        shared = generator.normal(size=(n, 10))
        rsa(n, [shared + generator.normal(size=(n, 10)) for _ in range(9)])
        wide = shared @ generator.normal(size=(10, 512))
        mutual_knn(n, *(wide[:, :d] + generator.normal(size=(n, d)) for d in (512, 384)))


def rsa(n: int, layers: list[Any]) -> None:
    metric = RSA()
    states: list[Any] = [metric.prepare(layer) for layer in layers]
    a, b = states[:6], states[6:]
    orders = permutation_orders(n, FEW, 0)
    # Compiles, and leaves what states keep for the next draws in place.
    metric.permuted(a, b, orders[:1])
    metric.shifted(a[:1], b[:1], orders[0], np.array([1]))
    starts = [perf_counter()]
    metric.shifted(a, b, orders[0], np.arange(MANY))
    starts.append(perf_counter())
    influences(metric, a, b)
    starts.append(perf_counter())
    metric.permuted(a, b, orders)
    starts.append(perf_counter())
    shifts, intervals, permuted = np.diff(starts)
    print(
        f"N = {n:,}: RSA null {shifts:.1f} s, one by one {permuted * MANY / FEW / shifts:.0f} x; "
        f"intervals {intervals:.1f} s"
    )


def mutual_knn(n: int, x: Any, y: Any) -> None:
    metric, alone, both = MutualKNN(10), [], []
    for _ in range(REPEATS):
        start = perf_counter()
        a, b = metric.prepare(x), metric.prepare(y)
        metric.compare(a, b)
        alone.append(perf_counter() - start)
        influences(metric, [a], [b])
        both.append(perf_counter() - start)
    print(
        f"N = {n:,}: mutual 10-NN {min(alone):.2f} s, with its standard error {min(both) / min(alone):.2f} x"
    )


if __name__ == "__main__":
    main()
