"""Extraction on several GPUs, processes or nodes: Lightning's data parallel prediction."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import warnings
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import BasePredictionWriter
from torch.multiprocessing.spawn import ProcessException, spawn
from torch.utils.data import DataLoader, TensorDataset

from prh.encoders.vision import VisionEncoder
from prh.errors import ConfigError, PrhError
from prh.features.forward import Extraction, Forward
from prh.features.store import SEGMENT_ROWS, Batch, FeatureStore
from prh.ground.progress import Silent
from prh.stimuli.stimulus_set import StimulusSet

Shown = tuple[torch.Tensor, torch.Tensor]
"""A batch: uint8 images and their row ids."""
GRACE_S = 20.0
"""How long a process that is to stop may take to write what it has computed."""


class Predictor(pl.LightningModule):
    """One process' share: loads the network on its own device and reads the layers of its rows."""

    def __init__(self, encoder: VisionEncoder, layers: Sequence[str], how: Extraction) -> None:
        super().__init__()
        self.encoder, self.layers, self.how = encoder, layers, how
        self.forward_pass: Forward | None = None

    def on_predict_start(self) -> None:
        """Opens the network; only now is it known on which device."""
        # Lightning waits for all processes to be told, and would go on to the end of the work.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if self.device.type == "cpu":
            torch.set_num_threads(max(1, (os.cpu_count() or 1) // self.how.devices))
        self.forward_pass = Forward(self.encoder, self.layers, self.how, str(self.device))

    def predict_step(self, batch: Shown, index: int) -> Batch:
        """Returns the row ids and one float32 matrix per layer."""
        assert self.forward_pass is not None
        images, ids = batch
        return ids.cpu().numpy(), self.forward_pass(images)


class Keep(BasePredictionWriter):
    """Keeps what one process computes on the shelf itself, since processes share nothing but folders.

    Should the work break off, what was computed until then is kept.
    """

    def __init__(self, root: Path, shelf: str, layers: Sequence[str]) -> None:
        super().__init__("batch")
        self.store, self.shelf, self.layers = FeatureStore(root, Silent()), shelf, layers
        self.pending: list[Batch] = []

    def write_on_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        prediction: Any,
        batch_indices: Sequence[int] | None,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int,
    ) -> None:
        """Takes one batch, and writes a segment when enough have come together."""
        self.pending.append(prediction)
        if sum(len(ids) for ids, _ in self.pending) >= SEGMENT_ROWS:
            self._write()

    def on_predict_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes the rest."""
        self._write()

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Writes the rest, and lets the processes that Lightning started do so before it kills them."""
        started = getattr(trainer.strategy.launcher, "procs", [])
        for process in started:
            process.terminate()
        self._write()
        for process in started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)

    def _write(self) -> None:
        if self.pending:
            self.store.keep(self.shelf, self.layers, self.pending)
            self.pending = []  # only now: what was interrupted while it was written is written again


def predict(
    encoder: VisionEncoder,
    stimuli: StimulusSet,
    layers: Sequence[str],
    how: Extraction,
    root: Path,
    shelf: str,
) -> pl.Trainer:
    """Computes this process' share of the rows and keeps them on the shelf.

    Called in every process that :func:`predict_here`, srun or torchrun started; they meet in here.

    Args:
        encoder: The network.
        stimuli: What it is shown.
        layers: Names of the layers to read.
        how: Pooling, precision, batch size, and on how many devices and nodes.
        root: Of the feature store; seen by all nodes.
        shelf: Where in it.

    Raises:
        ConfigError: ``cache_dir`` cannot be written to.
        KeyboardInterrupt: The process was told to stop; what it had computed is kept.
    """
    for name in ("pytorch_lightning", "lightning_fabric", "pytorch_lightning.utilities.rank_zero"):
        logging.getLogger(name).setLevel(logging.ERROR)
    loader = DataLoader(
        TensorDataset(torch.tensor(np.asarray(stimuli.images)), torch.tensor(stimuli.ids)),
        batch_size=how.batch_size,
    )
    trainer = pl.Trainer(
        accelerator="cpu" if how.device == "cpu" else "cuda",
        devices=how.devices,
        num_nodes=how.num_nodes,
        strategy="ddp",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[Keep(root, shelf, layers)],
    )
    with warnings.catch_warnings():
        # Lightning advises data loader workers, which images that are in memory need not.
        warnings.simplefilter("ignore")
        try:
            trainer.predict(Predictor(encoder, layers, how), loader, return_predictions=False)
        except SystemExit as stopped:  # what Lightning makes of an interruption
            raise KeyboardInterrupt from stopped
    return trainer


def predict_here(
    encoder: VisionEncoder,
    stimuli: StimulusSet,
    layers: Sequence[str],
    how: Extraction,
    root: Path,
    shelf: str,
) -> None:
    """Starts a process for each device of this machine and waits until all rows are on the shelf.

    Raises:
        ConfigError: The weights do not fit the architecture, or there are fewer GPUs than asked for.
        PrhError: What stopped one of the processes and can be put right.
    """
    # What is wrong is told here, in one line, not from within a process.
    if how.device != "cpu" and (here := torch.cuda.device_count()) < how.devices:
        raise ConfigError("trainer.devices", f"{how.devices} is more than the {here} GPUs of this machine")
    encoder.load("cpu")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    refused = get_context("spawn").SimpleQueue()
    work = (encoder, stimuli, layers, how, root, shelf)
    context = spawn(_share, (refused, port, *work), nprocs=how.devices, join=False)  # type: ignore[no-untyped-call]
    try:
        while not context.join():
            pass
    except ProcessException:
        if refused.empty():
            raise
        raise PrhError(refused.get()) from None
    finally:
        # Interrupted processes keep what they have computed, and nobody is left behind.
        for process in context.processes:
            process.terminate()
        for process in context.processes:
            process.join(GRACE_S)


def _share(rank: int, refused: SimpleQueue[str], port: int, encoder: VisionEncoder, *work: Any) -> None:
    how = work[2]
    # Lightning's own spawning would import torchvision before prh could mend it.
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "TORCHELASTIC_RUN_ID": "prh"}
    world = str(how.devices)
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": world}
    os.environ |= {"LOCAL_WORLD_SIZE": world, "GROUP_RANK": "0"}
    try:
        predict(encoder, *work)
    except PrhError as error:
        refused.put(str(error))
        raise
