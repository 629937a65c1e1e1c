"""The Lightning module that trains a classifier, quietly and repeatably."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from prh.encoders.network.fit import Fit
from prh.encoders.network.network import Network
from prh.encoders.network.outputs import main_output
from prh.encoders.resources import Resources
from prh.ground.progress import Advance
from prh.stimuli.stimulus_set import StimulusSet

Batch = tuple[torch.Tensor, torch.Tensor]


class Classifier(pl.LightningModule):
    """Cross-entropy training of ``network`` on uint8 images, which it preprocesses batch by batch."""

    def __init__(self, network: torch.nn.Module, fit: Fit) -> None:
        super().__init__()
        self.network = network
        self.fit = fit

    def training_step(self, batch: Batch, index: int) -> torch.Tensor:
        """Returns the mean cross-entropy of one batch, of the main output alone."""
        images, labels = batch
        return functional.cross_entropy(main_output(self.network(self.fit.preprocess(images))), labels)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Returns AdamW at a constant rate."""
        return torch.optim.AdamW(self.network.parameters(), lr=self.fit.lr)


class _ReportBatches(pl.Callback):
    def __init__(self, advance: Advance) -> None:
        self.advance = advance

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Batch, index: int) -> None:
        self.advance(len(batch[1]))


def train(network: Network, fit: Fit, sample: StimulusSet, resources: Resources) -> torch.nn.Module:
    """Trains a fresh network on ``sample``.

    The same config gives the same parameters on one machine with the same number of threads.
    """
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.ERROR)
    loader = DataLoader(
        TensorDataset(torch.tensor(np.asarray(sample.images)), torch.tensor(sample.labels)),
        batch_size=fit.batch_size,
        shuffle=True,
        generator=torch.Generator().manual_seed(fit.seed),
    )
    with (
        torch.random.fork_rng(),
        resources.report.progress(f"Training {network.name}", fit.epochs * len(sample), "images") as advance,
    ):
        torch.manual_seed(fit.seed)
        classifier = Classifier(network.make(network.name, len(sample.class_names)), fit)
        pl.Trainer(
            max_epochs=fit.epochs,
            accelerator="cpu" if resources.device == "cpu" else "auto",
            devices=1,
            deterministic="warn",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[_ReportBatches(advance)],
        ).fit(classifier, loader)
    return classifier.network.eval().to(resources.device)


@torch.inference_mode()
def accuracy(
    network: torch.nn.Module, fit: Fit, stimuli: StimulusSet, resources: Resources, name: str
) -> float:
    """Returns the share of ``stimuli`` that the network classifies rightly."""
    right = 0
    images, labels = torch.tensor(np.asarray(stimuli.images)), torch.tensor(stimuli.labels)
    with resources.report.progress(f"Testing {name}", len(stimuli), "images") as advance:
        for image_batch, label_batch in zip(torch.split(images, 256), torch.split(labels, 256), strict=True):
            logits = main_output(network(fit.preprocess(image_batch.to(resources.device))))
            right += int((logits.argmax(1).cpu() == label_batch).sum())
            advance(len(label_batch))
    return right / len(stimuli)
