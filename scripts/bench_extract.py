"""What extraction costs over the bare forward pass: same images, same batches, same process.

Prints both times and their ratio for each model and precision, medians over alternating rounds.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from prh.config import resolve
from prh.encoders import Resources, VisionEncoder
from prh.features.forward import Extraction, extract
from prh.ground.conf import CONF
from prh.ground.progress import Silent
from prh.stimuli import StimulusSet


def bare(encoder: VisionEncoder, stimuli: StimulusSet, how: Extraction) -> Callable[[], None]:
    """Returns the forward pass alone: network and preprocessed batches are ready before the clock starts."""
    network = encoder.load(how.device)
    batches = [
        encoder.weights.preprocess(batch)
        .expand(-1, len(encoder.weights.preprocess.mean), -1, -1)
        .contiguous(memory_format=torch.channels_last)
        for batch in torch.split(torch.tensor(stimuli.images), how.batch_size)
    ]

    def run() -> None:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=how.precision == "bf16"):
            for batch in batches:
                network(batch)

    return run


def whole(
    encoder: VisionEncoder, stimuli: StimulusSet, layers: list[str], how: Extraction
) -> Callable[[], None]:
    """Returns all that a run does for new rows but writing them: load, trace, preprocess, read."""

    def run() -> None:
        for _ in extract(encoder, stimuli, layers, how):
            pass

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["efficientnet_lite0", "fashion_cnn"])
    parser.add_argument("--n", type=int, default=512, help="images (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds (%(default)s)")
    arguments = parser.parse_args()
    print(f"{'model':<20}{'precision':<11}{'bare s':>8}{'extract s':>11}{'ratio':>7}{'images/s':>10}")
    for name in arguments.models:
        for precision in ("fp32", "bf16"):
            measure(name, precision, arguments.n, arguments.rounds)


def measure(name: str, precision: str, n: int, rounds: int) -> None:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose(
            "config", [f"model={name}", f"dataset.n={n}", f"precision={precision}", "output_dir=."]
        )
    settings = resolve(OmegaConf.to_container(config, resolve=True))  # type: ignore[arg-type]
    data, cache = (Path(folder).expanduser() for folder in (settings.data_dir, settings.cache_dir))
    resources = Resources(settings.dataset, data, cache, "cpu", Silent())
    encoder = settings.model.resolve("model", resources)
    stimuli = settings.dataset.draw(0, data, Silent())
    how = Extraction("avg", "cpu", settings.precision, settings.batch_size)
    work = bare(encoder, stimuli, how), whole(encoder, stimuli, settings.layers.of(encoder), how)
    times: tuple[list[float], list[float]] = [], []
    for _ in range(rounds):
        for task, spent in zip(work, times, strict=True):
            start = time.perf_counter()
            task()
            spent.append(time.perf_counter() - start)
    base, full = map(statistics.median, times)
    print(f"{name:<20}{precision:<11}{base:>8.2f}{full:>11.2f}{full / base:>7.2f}{n / full:>10.0f}")


if __name__ == "__main__":
    main()
