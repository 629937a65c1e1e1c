"""Times all pairs of many encoders, beside judging pair after pair.

    python scripts/bench_pairs.py                 # 50 encoders, 1,000 stimuli
    python scripts/bench_pairs.py 20 500 --metric mutual_knn
    python scripts/bench_pairs.py --networks      # torchvision's, untrained, at 64 px

Features of the width of real networks (64 to 2,048), partly correlated; or with ``--networks`` those of the
last layers of torchvision's smallest architectures on OpenMoji, extracted first and kept in the cache.
``all_pairs`` judges their 1,225 pairs with 1,000 permutations and intervals; ``Permutation.judge`` a sample
of pairs one by one, each side prepared once, from which its time for all of them follows. Runs of a triple
judge three pairs each, so that 1,225 / 3 of them would be needed: *triples* is so many times what one spends
in its stage of comparison, where it prepares both sides of each pair anew and asks what classes explain.
Seconds belong to this machine, and CPU seconds to what else it does; ratios carry over.
"""

from __future__ import annotations

import argparse
import os
import resource
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from prh.console.terminal import Terminal
from prh.features import Features
from prh.findings.comparing import compare
from prh.findings.controls import Controls
from prh.findings.question import Question
from prh.ground.progress import Silent
from prh.inference import Permutation, all_pairs
from prh.similarity import RSA, Metric, MutualKNN
from prh.stimuli import StimulusSet

METRICS: dict[str, Metric] = {"cosine": RSA("cosine"), "mutual_knn": MutualKNN(10)}
WIDTHS = (64, 192, 384, 512, 768, 1024, 1280, 2048)
SAMPLE, TRIOS = 12, 3
PLACES = (("CACHE", ""), ("DATA", "/data"))
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


def networks(count: int, n: int) -> dict[str, Any]:
    """Returns the last layers of torchvision's smallest architectures, with random weights, at 64 pixels.

    Architectures that take no such pictures are passed over.
    """
    from torchvision import models

    from prh.encoders import Preprocess, Resources, VisionModel
    from prh.encoders.weights import Random
    from prh.errors import PrhError
    from prh.features import FeatureStore, vision_features
    from prh.features.forward import Extraction
    from prh.features.layers import Last
    from prh.stimuli import OpenMoji

    report = Terminal()
    known = (os.environ.get(f"PRH_{key}_DIR", f"~/.cache/prh{end}") for key, end in PLACES)
    cache, data = (Path(place).expanduser() for place in known)
    dataset: Any = OpenMoji(n=n, language="en", size=64)
    stimuli, store = dataset.draw(0, data, report), FeatureStore(cache / "features", report)
    seen = Preprocess(resize=64, mean=[0.5] * 3, std=[0.5] * 3)
    found: dict[str, Any] = {}
    classifiers = models.list_models(module=models)
    for name in sorted(classifiers, key=lambda one: weight_of(models.get_model_weights(one))):
        where, arguments = "torchvision.models.get_model", {"name": name}
        model = VisionModel(name, where, Random(), preprocess=seen, arguments=arguments)
        try:
            encoder = model.resolve("model", Resources(dataset, data, cache, "cpu", report))
            layers = Last().of(encoder)
            how = Extraction("avg", "cpu", "fp32", 64, 1, 1)
            features = vision_features(encoder, stimuli, layers, how, store, report)
        except (PrhError, RuntimeError, ValueError, AssertionError) as error:
            report.warn(f"{name} is passed over: {str(error)[:100]}")
            continue
        if np.isfinite(features[features.last]).all():
            found[name] = features[features.last]
        if len(found) == count:
            break
    return found


def weight_of(published: Any) -> int:
    """Returns how many parameters an architecture's published weights have."""
    return int(next(iter(published)).meta["num_params"])


class Clock:
    """Seconds and CPU seconds since it was made."""

    def __init__(self) -> None:
        self.start = perf_counter(), process_time()

    def read(self) -> tuple[float, float]:
        """Returns both."""
        return perf_counter() - self.start[0], process_time() - self.start[1]


def triple(metric: Metric, inputs: Mapping[str, Any], judge: Permutation) -> tuple[float, float]:
    """Returns seconds and CPU seconds of the stage in which a run of three encoders compares them."""
    some = dict(zip(("model", "reference", "text"), inputs.items(), strict=False))
    matrices = {role: Features(name, {"last": np.asarray(x, np.float32)}) for role, (name, x) in some.items()}
    n = len(matrices["model"]["last"])
    rows, classes = np.arange(n), tuple(map(str, range(10)))
    shown = StimulusSet("set", np.zeros((n, 1, 1, 1), np.uint8), rows % 10, classes, rows, "", "", ("",) * n)
    nothing, quiet = Controls(None, {}), Silent()
    clock = Clock()
    compare(Question(metric, judge), matrices, matrices, nothing, shown, quiet)
    return clock.read()


def measure(name: str, metric: Metric, inputs: Mapping[str, Any]) -> str:
    """Returns a line of the table."""
    judge, encoders, n = Permutation(), len(inputs), len(next(iter(inputs.values())))
    small = {key: inputs[key][:60] for key in list(inputs)[:3]}
    all_pairs(metric, {key: metric.prepare(x) for key, x in small.items()}, judge)  # compiles
    triple(metric, small, judge)
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
    runs = np.mean([triple(metric, trio, judge) for trio in trios(inputs)], axis=0) * len(first) / 3
    return (
        f"| {name} | {encoders} | {len(first):,} | {n:,} | {prepared:.1f} s | {together:.0f} s | {cpu:.0f} s "
        f"| {memory:.1f} GiB | {one_by_one:.0f} s | {one_by_one / together:.1f} | {cpu_alone / cpu:.1f} "
        f"| {runs[0]:.0f} s | {runs[0] / (prepared + together):.1f} | {runs[1] / (prepared + cpu):.1f} |"
    )


def trios(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns some of the encoders, three at a time."""
    names = list(inputs)
    return [
        {name: inputs[name] for name in names[k : k + 3]}
        for k in range(0, 3 * min(TRIOS, len(names) // 3), 3)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench_pairs.py", description=__doc__.splitlines()[0])
    parser.add_argument("encoders", type=int, nargs="?", default=50)
    parser.add_argument("n", type=int, nargs="?", default=1000, help="stimuli")
    parser.add_argument("--metric", choices=METRICS, action="append")
    parser.add_argument("--networks", action="store_true", help="torchvision's, with random weights")
    asked = parser.parse_args()
    inputs = (networks if asked.networks else features)(asked.encoders, asked.n)
    head = "metric | encoders | pairs | N | prepare | all pairs | CPU | memory | one by one | × | × CPU "
    print(f"| {head}| triples | × | × CPU |")
    print("|---" + "|---:" * 13 + "|")
    for name in asked.metric or METRICS:
        print(measure(name, METRICS[name], inputs), flush=True)


if __name__ == "__main__":
    main()
