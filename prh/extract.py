"""Fills the feature store on many devices and nodes; runs that follow find the features there.

    torchrun --nproc-per-node 4 -m prh.extract trainer.devices=4 dataset.n=10000
    srun -N 2 --ntasks-per-node 4 python -m prh.extract trainer.num_nodes=2 trainer.devices=4 dataset.n=10000

Takes the groups and keys of prh.run. All nodes need to see cache_dir.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from prh.ground.extras import require_experiment

require_experiment()

from prh.config import Settings, check_settings, resolve
from prh.console.interrupts import end_quietly, interruptible
from prh.console.refusals import one_line
from prh.console.terminal import Terminal
from prh.encoders import Resources, VisionEncoder
from prh.encoders.resources import choose_device
from prh.errors import ConfigError
from prh.features import FeatureStore
from prh.features.extract import shelf_of, showing
from prh.features.forward import Extraction
from prh.ground.files import writable_folder
from prh.ground.progress import Reporter, Silent
from prh.ground.secrets import masked_traceback, withdrawn
from prh.run import USER_ERRORS, composed
from prh.stimuli import StimulusSet

RANKS = ("RANK", "SLURM_PROCID", "NODE_RANK", "LOCAL_RANK")
"""Where launchers say which of many processes this is; the first, which speaks for all, has 0 in each."""


def extract_all(settings: Settings, report: Reporter) -> None:
    """Computes what the store lacks of the model's and the reference's features; called in every process."""
    check_settings(settings, report, settings.trainer.num_nodes)
    device = choose_device(settings.device)
    resources = Resources(settings.dataset, settings.data_dir, settings.cache_dir, device, report)
    store = FeatureStore(settings.cache_dir / "features", report)
    stimuli = settings.dataset.draw(settings.seed, settings.data_dir, report)
    how = settings.extraction(device)
    asked = how.devices * how.num_nodes
    started = int(os.environ.get("WORLD_SIZE") or os.environ.get("SLURM_NTASKS") or asked)
    if started != asked:
        raise ConfigError(
            "trainer.devices",
            f"{started} processes were started, for {how.devices} devices on each of {how.num_nodes} nodes",
            "Start one process per device, or change trainer.devices or trainer.num_nodes",
        )
    for key in ("model", "reference"):
        encoder = getattr(settings, key).resolve(key, resources)
        _extract(encoder, stimuli, settings.layers.of(encoder), how, store, report)


def _extract(
    encoder: VisionEncoder,
    stimuli: StimulusSet,
    layers: Sequence[str],
    how: Extraction,
    store: FeatureStore,
    report: Reporter,
) -> None:
    from prh.features.distributed import predict

    shelf = shelf_of(encoder, stimuli, how)
    missing = store.missing(shelf, layers, stimuli.ids)
    if not len(missing):
        report.note(f"{encoder.name}: all {len(stimuli)} rows are there")
        return
    for layer in layers:
        writable_folder(store.root / shelf / layer, "cache_dir")
    shown = showing(encoder, stimuli, missing)
    with report.progress(f"Extracting {encoder.name}, {len(shown)} images", 0, ""):
        trainer = predict(encoder, shown, layers, how, store.root, shelf)
        trainer.strategy.barrier()  # the others may still be writing
    report.note(f"{encoder.name}: {len(shown)} rows, by {trainer.world_size} processes")


def main() -> None:
    """Runs in every process that srun or torchrun starts."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        return
    interruptible()
    sys.argv[1:] = withdrawn(sys.argv[1:])
    sys.excepthook = masked_traceback
    others = any(int(os.environ.get(name, 0)) for name in RANKS)
    try:
        extract_all(resolve(composed(sys.argv[1:])), Silent() if others else Terminal())
    except USER_ERRORS as error:
        Terminal().error(one_line(error, sys.argv[1:]))
        sys.exit(2)
    except KeyboardInterrupt:
        end_quietly()
        if not others:
            Terminal().error("interrupted; run the same command again to go on where it stopped")
        sys.exit(130)


if __name__ == "__main__":
    main()
