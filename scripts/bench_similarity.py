"""Time and memory of every metric beside the bare products it needs, its peers and the dense formulas.

Each measurement is a process of its own, so that its peak memory is its own; ratios are between
measurements of one run. Writes docs/benchmarks.md.

    python scripts/bench_similarity.py                  # everything, about a quarter of an hour
    python scripts/bench_similarity.py --sizes 1000     # one size
    python scripts/bench_similarity.py --only cka       # what has cka in its name
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTHS = 512, 384
SIZES = 1000, 3000, 10_000, 30_000, 60_000
OUTPUT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
Features = NDArray[np.float32]
Run = Callable[[Features, Features], Any]


def features(n: int, seed: int = 0) -> tuple[Features, Features]:
    """Two representations that share half of what they know."""
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=(n, 64)).astype(np.float32)
    x, y = (
        shared @ generator.normal(size=(64, width)).astype(np.float32)
        + 8 * generator.normal(size=(n, width)).astype(np.float32)
        for width in WIDTHS
    )
    return x, y


def metric(name: str, **options: Any) -> Run:
    """One of prh's own, looked up when it runs."""

    def run(x: Features, y: Features) -> float:
        from prh import similarity

        return float(getattr(similarity, name)(x, y, **options))

    return run


def similarity_products(x: Features, y: Features) -> None:
    """The floor of neighbours and RDMs: X Xᵀ and Y Yᵀ, block by block."""
    import torch

    for z in (torch.from_numpy(x), torch.from_numpy(y)):
        for start in range(0, len(z), 1024):
            z[start : start + 1024] @ z.T


def feature_products(x: Features, y: Features) -> None:
    """The floor of linear CKA: XᵀY, XᵀX and YᵀY."""
    import torch

    a, b = torch.from_numpy(x), torch.from_numpy(y)
    for left, right in ((a, b), (a, a), (b, b)):
        left.T @ right


def dense_masks(x: Features, k: int = 10) -> tuple[Any, Any]:
    import torch

    z = torch.nn.functional.normalize(torch.from_numpy(x), dim=1)
    kernel = z @ z.T
    order = (kernel - 2 * torch.diag(kernel.diagonal())).argsort(dim=1, descending=True)
    return torch.zeros(len(z), len(z)).scatter_(1, order[:, :k], 1), kernel


def dense_mutual_knn(x: Features, y: Features) -> float:
    """A full sort and two N×N masks."""
    return float((dense_masks(x)[0] * dense_masks(y)[0]).sum() / (10 * len(x)))


def dense_cka(x: Features, y: Features) -> float:
    """tr(KHLH) by N×N×N products."""
    import torch

    k, m = (z @ z.T for z in (torch.from_numpy(x), torch.from_numpy(y)))
    h = torch.eye(len(k)) - 1 / len(k)
    kc, mc = k @ h, m @ h
    cross, own_k, own_m = (torch.trace(a @ b) for a, b in ((kc, mc), (kc, kc), (mc, mc)))
    return float(cross / (own_k * own_m).sqrt())


def dense_unbiased(k: Any, m: Any) -> Any:
    n = len(k)
    inner = (k * m.T).sum() + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * (k @ m).sum() / (n - 2)
    return inner / (n * (n - 3))


def dense_unbiased_cka(x: Features, y: Features) -> float:
    """The unbiased HSIC by N×N×N products."""
    import torch

    kernels = [z @ z.T for z in (torch.from_numpy(x), torch.from_numpy(y))]
    k, m = (kernel - torch.diag(kernel.diagonal()) for kernel in kernels)
    return float(dense_unbiased(k, m) / (dense_unbiased(k, k) * dense_unbiased(m, m)).sqrt())


def dense_cknna(x: Features, y: Features) -> float:
    """N×N masks, kernels and their products."""
    (mask_a, k), (mask_b, m) = dense_masks(x), dense_masks(y)
    mutual = mask_a * mask_b
    cross = dense_unbiased(mutual * k, mutual * m)
    own = dense_unbiased(mask_a * k, mask_a * k) * dense_unbiased(mask_b * m, mask_b * m)
    return float(cross / own.sqrt())


def sklearn_mutual_knn(x: Features, y: Features) -> float:
    """scikit-learn's neighbours, NumPy's intersections."""
    from sklearn.neighbors import NearestNeighbors

    near = [
        NearestNeighbors(n_neighbors=10, metric="cosine").fit(z).kneighbors(return_distance=False)
        for z in (x, y)
    ]
    return float(np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(*near, strict=True)]))


def rsatoolbox_spearman(x: Features, y: Features) -> float:
    """calc_rdm and compare."""
    from rsatoolbox import data, rdm

    toolbox: Any = rdm
    describe: Any = data.Dataset  # type: ignore[attr-defined]
    left, right = (toolbox.calc_rdm(describe(z.astype(float)), method="correlation") for z in (x, y))
    return float(toolbox.compare(left, right, method="spearman")[0, 0])


def scipy_spearman(x: Features, y: Features) -> float:
    """pdist and spearmanr."""
    from scipy.spatial.distance import pdist
    from scipy.stats import spearmanr

    left, right = (pdist(z.astype(float), "cosine") for z in (x, y))
    return float(spearmanr(left, right).statistic)


OURS: dict[str, tuple[Run, int]] = {
    "mutual_knn": (metric("mutual_knn"), 60_000),
    "jaccard_knn": (metric("jaccard_knn"), 30_000),
    "cycle_knn": (metric("cycle_knn"), 30_000),
    "lcs_knn": (metric("lcs_knn"), 30_000),
    "edit_knn": (metric("edit_knn"), 30_000),
    "cknna": (metric("cknna"), 60_000),
    "cka linear": (metric("cka"), 60_000),
    "cka linear unbiased": (metric("cka", unbiased=True), 60_000),
    "cka rbf": (metric("cka", kernel="rbf"), 30_000),
    "svcca": (metric("svcca"), 60_000),
    "pwcca": (metric("pwcca"), 60_000),
    "procrustes": (metric("procrustes"), 60_000),
    "rsa spearman": (metric("rsa"), 60_000),
    "rsa spearman, correlation distance": (metric("rsa", distance="correlation"), 3000),
    "rsa pearson": (metric("rsa", compare="pearson"), 60_000),
    "rsa kendall": (metric("rsa", compare="kendall"), 3000),
}
"""Each with the largest size it is measured at."""
PEERS: dict[str, tuple[Run, int, tuple[str, ...]]] = {
    "two bare N×N products": (similarity_products, 60_000, ("mutual_knn", "cknna", "cka rbf", "rsa pearson")),
    "three bare D×D products": (feature_products, 60_000, ("cka linear", "cka linear unbiased")),
    "dense masks: mutual_knn": (dense_mutual_knn, 10_000, ("mutual_knn",)),
    "dense formula: cka": (dense_cka, 10_000, ("cka linear",)),
    "dense formula: unbiased cka": (dense_unbiased_cka, 10_000, ("cka linear unbiased",)),
    "dense masks: cknna": (dense_cknna, 10_000, ("cknna",)),
    "scikit-learn: mutual_knn": (sklearn_mutual_knn, 10_000, ("mutual_knn",)),
    "rsatoolbox: spearman": (rsatoolbox_spearman, 3000, ("rsa spearman, correlation distance",)),
    "SciPy: spearman": (scipy_spearman, 3000, ("rsa spearman",)),
}
"""Each with the largest size it is measured at, and what it is a reference for."""


def measure(name: str, n: int) -> dict[str, float]:
    """Runs one case in this process: seconds, peak memory in GiB and the value."""
    run = OURS[name][0] if name in OURS else PEERS[name][0]
    run(*features(200))
    x, y = features(n)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds: list[float] = []
    value = None
    while not seconds or (sum(seconds) < 3 and len(seconds) < 7):
        start = time.perf_counter()
        value = run(x, y)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = {"seconds": min(seconds), "peak": peak / 2**20, "before": before / 2**20}
    return result | ({} if value is None else {"value": value})


def in_a_process(name: str, n: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", name, str(n)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, float] = json.loads(printed.splitlines()[-1])
    return result


def permutations() -> list[list[str]]:
    """1,000 permutations, and a 13 × 13 grid, as multiples of one prepare; N = 1,000."""
    from prh.inference import permutation_test
    from prh.similarity import CKA, RSA, MutualKNN, grid

    x, y = features(1000)
    rows = []
    for one in (MutualKNN(), RSA(), CKA()):
        a, b = one.prepare(x), one.prepare(y)
        permutation_test(one, a, b, n=10)
        layers = {str(i): features(1000, i)[0] for i in range(13)}
        prepare = clock(partial(one.prepare, x))
        null = clock(partial(permutation_test, one, a, b, n=1000))
        whole = clock(partial(grid, one, layers, layers))
        rows.append([one.name, f"{null:.2f} s", f"{null / prepare:.0f}", f"{whole / (26 * prepare):.2f}"])
    return rows


def calibration() -> list[list[str]]:
    """max_over_layers_test against the package calibrated-similarity: 6 × 3 layers, N = 1,000, K = 200."""
    import torch
    from calibrated_similarity import calibrate_layers

    from prh.inference import max_over_layers_test, permutation_orders
    from prh.similarity import CKA, RSA, MutualKNN

    layers = [features(1000, seed) for seed in range(6)]
    # Layers of one network share what they see.
    xs, ys = [x for x, _ in layers], [layers[0][1] + y for _, y in layers[:3]]
    rows = []
    for one in (MutualKNN(), CKA(), RSA()):
        one(xs[0], ys[0])
        start = time.perf_counter()
        ours = max_over_layers_test(one, [one.prepare(x) for x in xs], [one.prepare(y) for y in ys], 200)
        mine = time.perf_counter() - start
        orders = iter(torch.from_numpy(permutation_orders(1000, 200, 0)))
        start = time.perf_counter()
        score, p, tau = calibrate_layers(
            [torch.from_numpy(x) for x in xs],
            [torch.from_numpy(y) for y in ys],
            one,
            K=200,
            perm_fn=partial(following, orders),
        )
        theirs = time.perf_counter() - start
        assert abs(float(tau) - ours.critical) < 1e-5, (tau, ours.critical)
        assert abs(float(p) - ours.p) < 1e-6, (p, ours.p)
        assert abs(float(score) - ours.excess) < 1e-5, (score, ours.excess)
        rows.append(
            [one.name, f"{ours.critical:.4f}", f"{ours.p:.3f}", f"{mine:.2f} s", f"{theirs / mine:.0f} ×"]
        )
    return rows


def following(orders: Iterator[Any], n: int, device: object) -> Any:
    """The next permutation, in the form that calibrated-similarity asks for one."""
    return next(orders)


def clock(run: Callable[[], Any], repeats: int = 3) -> float:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--only", default="")
    parser.add_argument("--measure", nargs=2, metavar=("NAME", "N"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.measure[0], int(asked.measure[1]))))
        return
    found: dict[tuple[str, int], dict[str, float]] = {}
    limits = {name: largest for name, (_, largest) in OURS.items()}
    limits |= {name: largest for name, (_, largest, _) in PEERS.items()}
    for name, largest in limits.items():
        for n in asked.sizes:
            if n <= largest and asked.only in name:
                found[name, n] = in_a_process(name, n)
                print(
                    f"{name:38}{n:7}{found[name, n]['seconds']:10.3f} s{found[name, n]['peak']:8.2f} GiB",
                    flush=True,
                )
    times = [
        [name, *(cost(found.get((name, n))) for n in asked.sizes)]
        for name in limits
        if any((name, n) in found for n in asked.sizes)
    ]
    ratios = [
        [ours, peer, *(ratio(found, ours, peer, n) for n in asked.sizes)]
        for peer, (_, _, compared) in PEERS.items()
        for ours in compared
        if any((ours, n) in found and (peer, n) in found for n in asked.sizes)
    ]
    sizes = [f"N = {n:,}" for n in asked.sizes]
    parts = {
        "Time and peak memory of the whole process": table(["", *sizes], times),
        "prh's time as a multiple of the reference's": table(["prh", "reference", *sizes], ratios),
    }
    if not asked.only:
        parts["Permutations and grids, N = 1,000"] = table(
            ["metric", "1,000 permutations", "in prepares", "13 × 13 grid, in 26 prepares"], permutations()
        )
        parts["Calibration of the best of 6 × 3 layers, N = 1,000, 200 permutations"] = table(
            ["metric", "τ, both", "p, both", "prh", "calibrated-similarity takes"], calibration()
        )
    text = "\n\n".join(f"## {title}\n\n{part}" for title, part in parts.items())
    print("\n" + text)
    if not asked.only and tuple(asked.sizes) == SIZES:
        _, marker, store = OUTPUT.read_text().partition(STORE)  # bench_store.py's numbers stay
        OUTPUT.write_text(
            HEAD.format(cores=os.cpu_count(), machine=platform.machine(), python=platform.python_version())
            + text
            + "\n"
            + (f"\n{marker}{store}" if marker else "")
        )


STORE = "## Keeping features"
HEAD = """# Benchmarks

Written by `python scripts/bench_similarity.py`: N stimuli, 512 and 384 features, {cores} cores ({machine}),
Python {python}. Seconds are the least of up to seven runs and belong to this machine; the ratios are what
carries over. Every measurement is a process of its own, libraries and features included in its memory.

"""


def cost(case: dict[str, float] | None) -> str:
    return "" if case is None else f"{case['seconds']:.3g} s, {case['peak']:.1f} GiB"


def ratio(found: dict[tuple[str, int], dict[str, float]], ours: str, peer: str, n: int) -> str:
    if (ours, n) not in found or (peer, n) not in found:
        return ""
    value = found[ours, n]["seconds"] / found[peer, n]["seconds"]
    return f"{value:.2f}" if value >= 0.1 else f"1/{1 / value:.0f}"


if __name__ == "__main__":
    main()
