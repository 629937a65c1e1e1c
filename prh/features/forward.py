"""One forward pass after another: what a network's layers answer to batches of stimuli."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from prh.encoders.vision import VisionEncoder
from prh.features.features import Matrix
from prh.features.pooling import Pool, pooled
from prh.features.store import Batch
from prh.stimuli.stimulus_set import StimulusSet

if TYPE_CHECKING:
    import torch

    from prh.features.hooks import Ran

Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True)
class Extraction:
    """How features are computed.

    Attributes:
        pool: How positions become one vector.
        device: ``cpu``, ``cuda`` or another that torch knows.
        precision: ``bf16`` runs the network under autocast; features are kept as float32.
        batch_size: Images per forward pass.
        devices: GPUs, or processes where ``device`` is the CPU, that share the work on each machine.
        num_nodes: Machines that share it.
    """

    pool: Pool
    device: str
    precision: Precision
    batch_size: int
    devices: int = 1
    num_nodes: int = 1


def extract(
    encoder: VisionEncoder, stimuli: StimulusSet, layers: Sequence[str], how: Extraction
) -> Iterator[Batch]:
    """Yields the row ids and one float32 matrix per layer, batch by batch."""
    import torch

    forward = Forward(encoder, layers, how, how.device)
    for start in range(0, len(stimuli), how.batch_size):
        images = torch.tensor(np.asarray(stimuli.images[start : start + how.batch_size]))
        yield stimuli.ids[start : start + how.batch_size], forward(images)


class Forward:
    """A network on its device, ready to be shown batch after batch of uint8 images."""

    def __init__(self, encoder: VisionEncoder, layers: Sequence[str], how: Extraction, device: str) -> None:
        self.encoder, self.layers, self.how, self.device = encoder, layers, how, device
        self.network = encoder.load(device)
        self.ran: dict[str, Ran] = {}

    def __call__(self, images: torch.Tensor) -> dict[str, Matrix]:
        """Returns one float32 matrix per layer, a row per image."""
        import torch

        from prh.features.hooks import LayerReader
        from prh.features.layers import traced

        preprocess, bf16 = self.encoder.weights.preprocess, self.how.precision == "bf16"
        shown = preprocess(images.to(self.device)).contiguous(memory_format=torch.channels_last)
        shown = shown.expand(-1, len(preprocess.mean), -1, -1)
        if not self.ran:
            self.ran = traced(self.encoder, (shown.shape[1], shown.shape[2], shown.shape[3]))
        autocast = torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=bf16)

        def reduce(output: torch.Tensor, ran: Ran) -> torch.Tensor:
            return pooled(output, self.how.pool, ran.axes, ran.placeless)

        reader = LayerReader(self.network, self.layers, self.ran, reduce)
        with reader, torch.inference_mode(), autocast:
            return {name: output.float().cpu().numpy() for name, output in reader(shown).items()}
