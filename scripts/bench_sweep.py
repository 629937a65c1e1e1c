"""What a cold sweep over sample sizes and seeds costs in extraction, beside its largest job alone.

Both start from an empty feature store, in the same process, alternating. The samples of n = 10,000 are the
whole test split, so no sweep needs more rows than its largest job does; the rest is the store's own work.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from itertools import product
from pathlib import Path

from prh.config import Settings, resolve
from prh.encoders import Resources, VisionEncoder
from prh.features import FeatureStore, vision_features
from prh.ground.progress import Silent
from prh.run import composed

SIZES, SEEDS = (100, 300, 1000, 3000, 10000), range(5)


def extraction(settings: Settings, encoder: VisionEncoder, jobs: list[tuple[int, int]]) -> float:
    """Returns the seconds that extracting the jobs' samples one after the other takes from an empty store."""
    layers, how = settings.layers.of(encoder), settings.extraction("cpu")
    samples = [replace(settings.dataset, n=n).draw(seed, settings.data_dir, Silent()) for n, seed in jobs]
    with tempfile.TemporaryDirectory() as folder:
        store = FeatureStore(Path(folder), Silent())
        start = time.perf_counter()
        for sample in samples:
            vision_features(encoder, sample, layers, how, store, Silent())
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", nargs="*", default=["fashion_cnn", "resnet18"])
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds (%(default)s)")
    asked = parser.parse_args()
    print(f"{'model':<14}{'largest job s':>14}{'sweep of 25 s':>15}{'ratio':>7}")
    for name in asked.models:
        settings = resolve(composed([f"model={name}", "device=cpu", "output_dir=."]))
        resources = Resources(settings.dataset, settings.data_dir, settings.cache_dir, "cpu", Silent())
        encoder = settings.model.resolve("model", resources)
        times = [
            (
                extraction(settings, encoder, [(max(SIZES), 0)]),
                extraction(settings, encoder, list(product(SIZES, SEEDS))),
            )
            for _ in range(asked.rounds)
        ]
        alone, sweep = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{name:<14}{alone:>14.2f}{sweep:>15.2f}{sweep / alone:>7.2f}")


if __name__ == "__main__":
    main()
