"""Who is nearest to whom: the neighbourhoods that the metrics of neighbours compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from prh.similarity.arrays import Array, torch_device, unit_rows

Indices = NDArray[np.int64]


def _whole_or_share(k: float) -> float:
    if k >= 1 and k != int(k):
        raise ValueError(f"k must be a whole number, or a share of the stimuli below 1, not {k:g}")
    return int(k) if k >= 1 else k


Count = Annotated[float, Field(gt=0), AfterValidator(_whole_or_share)]
"""A number of neighbours, or a share of the stimuli."""


def nearest(directions: Array, k: int, block: int = 1024, device: str = "cpu") -> Indices:
    """Returns the k rows of largest cosine similarity to each row, nearest first, itself excluded.

    The N×N similarities exist block by block. In float32 the cosines of features far from the origin are
    all 1; so rows are moved to their mean first. For unit rows the order by cosine is the order by
    distance, which does not change with the origin: nearest is who has the largest x·y − |y|²/2.

    Args:
        directions: N×D rows of length one.
        k: Less than N.
        block: How many rows of the similarities exist at a time.
        device: Where they are computed.

    Returns:
        N×k indices.
    """
    import torch

    centred = directions - directions.mean(axis=0)
    centred /= max(float(np.abs(centred).max()), np.finfo(float).tiny)
    where = torch_device(device)
    rows = torch.from_numpy(centred.astype(np.float32)).to(where)
    half_squares = torch.from_numpy((centred**2).sum(axis=1).astype(np.float32) / 2).to(where)
    found = np.empty((len(rows), k), dtype=np.int64)
    for start in range(0, len(rows), block):
        nearness = torch.addmm(-half_squares, rows[start : start + block], rows.T)
        own = torch.arange(len(nearness), device=where)
        nearness[own, own + start] = -torch.inf
        found[start : start + block] = nearness.topk(k, dim=1).indices.cpu().numpy()
    return found


def neighbourhoods(matrix: Array, k: float, block: int, device: str, name: str) -> tuple[Array, Indices]:
    """Returns the directions of N×D features, rows of length one, and the k nearest of each, N×k.

    Raises:
        ValueError: ``k`` is not less than N.
        DegenerateFeatures: Some rows are zero.
    """
    count = neighbours(k, matrix, name)
    directions = unit_rows(matrix, name, "zero")
    return directions, nearest(directions, count, block, device)


def neighbours(k: float, matrix: Array, name: str) -> int:
    """Returns how many neighbours ``k`` means for N×D features: below 1, that share of the rows.

    Raises:
        ValueError: ``k`` is not less than N.
    """
    count = int(k) if k >= 1 else max(1, round(k * len(matrix)))
    if count >= len(matrix):
        raise ValueError(f"k must be less than the {len(matrix)} rows of {name}, not {k:g}")
    return count


def named(k: float) -> str:
    """Returns what names call ``k`` neighbours, or a share ``k`` of all stimuli."""
    return f"{k}-NN" if k >= 1 else f"{100 * k:g}%-NN"


@dataclass(frozen=True)
class Neighborhoods:
    """The nearest neighbours of every stimulus.

    Attributes:
        indices: N×k, nearest first.
        weights: How often each stimulus counts, N.
    """

    indices: Indices
    weights: Indices

    @property
    def n(self) -> int:
        """Number of stimuli."""
        return len(self.indices)

    def permute(self, order: Indices) -> Neighborhoods:
        """Returns the neighbourhoods of the rows taken in ``order``."""
        return Neighborhoods(np.argsort(order)[self.indices[order]], self.weights[order])

    def resample(self, counts: Indices) -> Neighborhoods:
        """Returns the neighbourhoods with stimulus i counting ``counts[i]`` times.

        They stay those of the full sample: among the fewer different stimuli of a bootstrap sample, k
        neighbours would be a larger share, and every score larger than the one it is to surround.
        """
        return Neighborhoods(self.indices, counts)
