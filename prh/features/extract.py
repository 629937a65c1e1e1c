"""The extraction runner: shows stimuli to an encoder and keeps what its layers answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import cast

import numpy as np
from numpy.typing import NDArray

from prh.encoders.encoder import Encoder, sense_of
from prh.encoders.text import TextEncoder
from prh.encoders.text.encoder import count_cut, limit_of
from prh.encoders.text.tokens import TokenPool
from prh.encoders.vision import VisionEncoder
from prh.errors import ConfigError
from prh.features.features import Features, Matrix, Rows
from prh.features.forward import Extraction, extract
from prh.features.pooling import KEPT_AS
from prh.features.segments import Ids
from prh.features.store import Batch, FeatureStore
from prh.ground.files import safe_name
from prh.ground.progress import Reporter
from prh.ground.rates import note_rate
from prh.stimuli.stimulus_set import StimulusSet

ABSENT = -1
"""Stands for the row of a sentence that a stimulus has not."""


@dataclass(frozen=True)
class Shown:
    """What encoders are shown, and how their answers are read and kept.

    Attributes:
        stimuli: Whose images or signals are seen.
        prompts: What is read of each stimulus or class, one list of sentences per template and caption, None
            where a stimulus has fewer captions than others.
        rows: What a sentence stands for.
        text_pool: How a sentence's tokens become one vector.
        how: How features of images and signals are computed.
        store: Keeps all of them.
        report: Told of progress.
    """

    stimuli: StimulusSet
    prompts: Sequence[Sequence[str | None]]
    rows: Rows
    text_pool: TokenPool
    how: Extraction
    store: FeatureStore
    report: Reporter


def features_of(encoder: Encoder, layers: Sequence[str], shown: Shown) -> Features:
    """Returns what some layers of an encoder of any sense make of what it is shown."""
    if sense_of(encoder) == "words":
        reads = cast(TextEncoder, encoder)
        pool, store, report = shown.text_pool, shown.store, shown.report
        return text_features(reads, shown.prompts, layers, pool, shown.rows, store, report)
    sees = cast(VisionEncoder, encoder)
    return vision_features(sees, shown.stimuli, layers, shown.how, shown.store, shown.report)


def vision_features(
    encoder: VisionEncoder,
    stimuli: StimulusSet,
    layers: Sequence[str],
    how: Extraction,
    store: FeatureStore,
    report: Reporter,
) -> Features:
    """Returns one row per stimulus for each layer, running the network only for rows the store lacks."""
    shelf = shelf_of(encoder, stimuli, how)

    def compute(missing: Ids) -> Iterator[Batch]:
        shown = showing(encoder, stimuli, missing)
        if how.devices * how.num_nodes > 1:
            from prh.features.distributed import predict_here

            with report.progress(f"Extracting {encoder.name} on {how.devices} devices", 0, ""):
                predict_here(encoder, shown, layers, how, store.root, shelf)
            return
        start = time.perf_counter()
        with report.progress(f"Extracting {encoder.name}", len(shown), encoder.sense) as advance:
            for ids, matrices in extract(encoder, shown, layers, how):
                yield ids, matrices
                advance(len(ids))
        note_rate(store.root, seeing(encoder.name, how), len(shown), time.perf_counter() - start)

    return Features(encoder.name, store.fetch(shelf, layers, stimuli.ids, compute))


def seeing(name: str, how: Extraction) -> str:
    """Returns what the speed is kept by at which an encoder is shown stimuli."""
    return f"{name} on {how.device}, {how.precision}, batches of {how.batch_size}"


def reading(encoder: TextEncoder) -> str:
    """Returns what the speed is kept by at which an encoder reads sentences."""
    return f"{encoder.label} on {getattr(encoder, 'device', 'cpu')}"


def showing(encoder: VisionEncoder, stimuli: StimulusSet, rows: Ids) -> StimulusSet:
    """Returns the stimuli with the given row ids, in that order, as the encoder senses them.

    Raises:
        ConfigError: The encoder listens to signals, and the stimuli have none.
    """
    position = {int(row): index for index, row in enumerate(stimuli.ids)}
    shown = stimuli.at(np.array([position[int(row)] for row in rows], dtype=np.int64))
    if encoder.model.senses == "images":
        return shown
    if shown.signals is None:
        raise ConfigError(
            encoder.key,
            f"{encoder.name} reads signals, and {stimuli.name} has none",
            "Use a dataset that has, e.g. dataset=reaction_diffusion, or a model that sees images",
        )
    return replace(shown, images=shown.signals[:, None, None])


def shelf_of(encoder: VisionEncoder, stimuli: StimulusSet, how: Extraction) -> str:
    """Returns where the store keeps these features: whatever determines them but layer and row."""
    name, dataset = safe_name(encoder.name), safe_name(stimuli.fingerprint)
    pool = KEPT_AS.get(how.pool, how.pool)
    return f"{name}-{encoder.fingerprint}/{dataset}/{pool}-{how.precision}"


def text_features(
    encoder: TextEncoder,
    prompts: Sequence[Sequence[str | None]],
    layers: Sequence[str],
    pool: TokenPool,
    rows: Rows,
    store: FeatureStore,
    report: Reporter,
) -> Features:
    """Returns one row per name, encoding only sentences that the store lacks.

    Args:
        encoder: Reads the sentences.
        prompts: One list of sentences per template and caption; a row is the mean over those that are there.
        layers: Of the encoder.
        pool: How a sentence's tokens become one vector.
        rows: What a name stands for.
        store: Where sentences are kept, under their own hash, whatever experiment they occur in.
        report: Told of progress.
    """
    of_row = {row_of(sentence): sentence for sentences in prompts for sentence in sentences if sentence}
    if cut := count_cut(encoder, list(of_row.values())):
        report.warn(
            f"{cut} of {len(of_row)} sentences are longer than the {limit_of(encoder)} tokens that "
            f"{encoder.label} reads, and are cut there"
        )

    def compute(missing: Ids) -> Iterator[Batch]:
        # Sentences of about one length together: little padding.
        missing = missing[np.argsort([len(of_row[int(row)]) for row in missing], kind="stable")]
        start = time.perf_counter()
        with report.progress(f"Encoding with {encoder.label}", len(missing), "sentences") as advance:
            done = 0
            for batch in encoder.encode([of_row[int(row)] for row in missing], layers, pool):
                size = len(next(iter(batch.values())))
                yield missing[done : done + size], batch
                done += size
                advance(size)
        note_rate(store.root, reading(encoder), len(missing), time.perf_counter() - start)

    shelf = text_shelf(encoder, pool)
    kept = np.array(list(of_row), dtype=np.int64)
    matrices = store.fetch(shelf, layers, kept, compute)
    place = {row: index for index, row in enumerate(of_row)}
    chosen = np.array([[place[row_of(s)] if s else ABSENT for s in sentences] for sentences in prompts])
    averaged = {layer: mean_of(matrix, chosen) for layer, matrix in matrices.items()}
    return Features(encoder.label, averaged, rows=rows)


def mean_of(matrix: Matrix, chosen: NDArray[np.int64]) -> Matrix:
    """Returns the mean of some rows of a matrix for each stimulus.

    Args:
        matrix: M×D.
        chosen: K×N, the rows of each of N stimuli, :data:`ABSENT` where it has fewer; at least one each.
    """
    there = chosen != ABSENT
    if there.all():
        same: Matrix = matrix[chosen].mean(axis=0)
        return same
    total = np.zeros((chosen.shape[1], matrix.shape[1]), dtype=np.float64)
    for rows, has in zip(chosen, there, strict=True):
        total[has] += matrix[rows[has]]
    mean: Matrix = (total / there.sum(axis=0)[:, None]).astype(np.float32)
    return mean


def text_shelf(encoder: TextEncoder, pool: TokenPool) -> str:
    """Returns where the store keeps sentences: whatever determines their vectors but layer and sentence."""
    return f"{safe_name(encoder.label)}-{encoder.fingerprint}/sentences-{pool}"


def row_of(sentence: str) -> int:
    """Returns the row of the store that a sentence has for itself, from its hash."""
    return int.from_bytes(sha256(sentence.encode()).digest()[:8]) >> 1
