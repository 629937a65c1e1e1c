"""How a classifier is trained."""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from prh.encoders.network.preprocess import Preprocess
from prh.ground.values import SETTINGS, BatchSize, Count, Seed


@dataclass(frozen=True, config=SETTINGS)
class Fit:
    """AdamW, constant rate, the first ``n_train`` of a seeded permutation."""

    n_train: Count
    epochs: Annotated[int, Field(ge=1, le=100_000)]
    lr: Annotated[float, Field(ge=1e-8, le=10)]
    batch_size: BatchSize
    seed: Seed
    preprocess: Preprocess
