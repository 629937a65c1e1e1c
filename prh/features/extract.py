"""The extraction runner: shows stimuli to an encoder and keeps what its layers answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from prh.encoders.text import TextEncoder
from prh.encoders.vision import VisionEncoder
from prh.features.features import Features, Matrix
from prh.features.pooling import Pool, pooled
from prh.features.store import Batch, FeatureStore, Ids
from prh.files import identity
from prh.progress import Reporter
from prh.stimuli.stimulus_set import StimulusSet

Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True)
class Extraction:
    """How features are computed: ``bf16`` runs the network under autocast; features are kept as float32."""

    pool: Pool
    device: str
    precision: Precision
    batch_size: int


def vision_features(
    encoder: VisionEncoder,
    stimuli: StimulusSet,
    layers: Sequence[str],
    how: Extraction,
    store: FeatureStore,
    report: Reporter,
) -> Features:
    """Returns one row per stimulus for each layer, running the network only for rows the store lacks."""
    position = {int(row): index for index, row in enumerate(stimuli.ids)}

    def compute(missing: Ids) -> Iterator[Batch]:
        shown = stimuli.at(np.array([position[int(row)] for row in missing]))
        with report.progress(f"Extracting {encoder.name}", len(shown), "images") as advance:
            for ids, matrices in extract(encoder, shown, layers, how):
                yield ids, matrices
                advance(len(ids))

    shelf = f"{encoder.name}-{encoder.fingerprint}/{stimuli.fingerprint}/{how.pool}-{how.precision}"
    return Features(encoder.name, store.fetch(shelf, layers, stimuli.ids, compute))


def extract(
    encoder: VisionEncoder, stimuli: StimulusSet, layers: Sequence[str], how: Extraction
) -> Iterator[Batch]:
    """Yields the row ids and one float32 matrix per layer, batch by batch."""
    import torch

    from prh.features.hooks import LayerReader, trace

    network = encoder.load(how.device)
    shape = encoder.weights.preprocess(torch.tensor(stimuli.images[:1])).shape[1:]
    calls = trace(encoder.outline(), (shape[0], shape[1], shape[2]))
    autocast = torch.autocast(torch.device(how.device).type, torch.bfloat16, enabled=how.precision == "bf16")
    reader = LayerReader(network, layers, calls, lambda output: pooled(output, how.pool))
    with reader, torch.inference_mode(), autocast:
        for start in range(0, len(stimuli), how.batch_size):
            images = torch.tensor(stimuli.images[start : start + how.batch_size]).to(how.device)
            shown = encoder.weights.preprocess(images).contiguous(memory_format=torch.channels_last)
            outputs = reader(shown.expand(-1, shape[0], -1, -1))
            matrices = {name: output.float().cpu().numpy() for name, output in outputs.items()}
            yield stimuli.ids[start : start + how.batch_size], matrices


def text_features(
    encoder: TextEncoder, sentences: Sequence[str], store: FeatureStore, report: Reporter
) -> Features:
    """Returns one row per class, encoding the sentences only if the store lacks them."""

    def compute(missing: Ids) -> Iterator[Batch]:
        with report.progress(f"Encoding with {encoder.label}", 0, ""):
            embeddings: Matrix = encoder.encode([sentences[row] for row in missing])
        yield missing, {"embedding": embeddings}

    shelf = f"{encoder.label}-{encoder.fingerprint}/sentences-{identity(*sentences)}"
    matrices = store.fetch(shelf, ["embedding"], np.arange(len(sentences)), compute)
    return Features(encoder.label, matrices, rows="classes")
