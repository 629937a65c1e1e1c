"""Extraction on several GPUs, processes or nodes: Lightning's data parallel prediction."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import BasePredictionWriter
from torch.multiprocessing.spawn import spawn
from torch.utils.data import DataLoader, TensorDataset

from prh.encoders.vision import VisionEncoder
from prh.errors import ConfigError
from prh.features.extract import Extraction, Forward
from prh.features.store import Batch
from prh.files import written_whole
from prh.stimuli.stimulus_set import StimulusSet

Shown = tuple[torch.Tensor, torch.Tensor]
"""A batch: uint8 images and their row ids."""


class Predictor(pl.LightningModule):
    """One process' share: loads the network on its own device and reads the layers of its rows."""

    def __init__(self, encoder: VisionEncoder, layers: Sequence[str], how: Extraction) -> None:
        super().__init__()
        self.encoder, self.layers, self.how = encoder, layers, how
        self.forward_pass: Forward | None = None

    def on_predict_start(self) -> None:
        """Opens the network; only now is it known on which device."""
        if self.device.type == "cpu":
            torch.set_num_threads(max(1, (os.cpu_count() or 1) // self.how.devices))
        self.forward_pass = Forward(self.encoder, self.layers, self.how, str(self.device))

    def predict_step(self, batch: Shown, index: int) -> Batch:
        """Returns the row ids and one float32 matrix per layer."""
        assert self.forward_pass is not None
        images, ids = batch
        return ids.cpu().numpy(), self.forward_pass(images)


class WriteShards(BasePredictionWriter):
    """Writes every batch as a file of its own, since processes share nothing but a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__("batch")
        self.folder = folder

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
        """Writes one batch."""
        ids, matrices = prediction
        path = self.folder / f"{trainer.global_rank:04d}-{batch_idx:08d}.npz"
        with written_whole(path) as part, part.open("wb") as stream:
            np.savez(stream, ids=ids, **{f"layer_{i}": m for i, m in enumerate(matrices.values())})


def predict(
    encoder: VisionEncoder, stimuli: StimulusSet, layers: Sequence[str], how: Extraction, folder: Path
) -> pl.Trainer:
    """Computes this process' share of the rows into files under ``folder``.

    Called in every process that :func:`predict_here`, srun or torchrun started; they meet in here.

    Args:
        encoder: The network.
        stimuli: What it is shown.
        layers: Names of the layers to read.
        how: Pooling, precision, batch size, and on how many devices and nodes.
        folder: Seen by all nodes.
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
        callbacks=[WriteShards(folder)],
    )
    with warnings.catch_warnings():
        # Lightning advises data loader workers, which images that are in memory need not.
        warnings.simplefilter("ignore")
        trainer.predict(Predictor(encoder, layers, how), loader, return_predictions=False)
    return trainer


def predict_here(
    encoder: VisionEncoder, stimuli: StimulusSet, layers: Sequence[str], how: Extraction, folder: Path
) -> None:
    """Starts a process for each device of this machine and waits until all rows lie in ``folder``.

    Raises:
        ConfigError: The weights do not fit the architecture, or there are fewer GPUs than asked for.
    """
    # What is wrong is told here, in one line, not from within a process.
    if how.device != "cpu" and (here := torch.cuda.device_count()) < how.devices:
        raise ConfigError("trainer.devices", f"{how.devices} is more than the {here} GPUs of this machine")
    encoder.load("cpu")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    spawn(_share, (encoder, stimuli, layers, how, folder, port), nprocs=how.devices)  # type: ignore[no-untyped-call]


def _share(rank: int, encoder: VisionEncoder, *arguments: Any) -> None:
    *rest, port = arguments
    # Lightning's own spawning would import torchvision before prh could mend it.
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "TORCHELASTIC_RUN_ID": "prh"}
    world = str(rest[2].devices)
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": world}
    os.environ |= {"LOCAL_WORLD_SIZE": world, "GROUP_RANK": "0"}
    predict(encoder, *rest)


def shards(folder: Path, layers: Sequence[str]) -> Iterator[Batch]:
    """Yields what :func:`predict` wrote."""
    for path in sorted(folder.glob("[!.]*.npz")):
        with np.load(path) as content:
            yield content["ids"], {layer: content[f"layer_{i}"] for i, layer in enumerate(layers)}
