"""Who is nearest to whom: the neighbourhoods that the metrics of neighbours compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from prh.similarity.arrays import Array, DegenerateFeatures, torch_device, unit_rows
from prh.similarity.metric import Unfit

Indices = NDArray[np.int64]


def _whole_or_share(k: float) -> float:
    if k >= 1 and k != int(k):
        raise ValueError(f"k must be a whole number, or a share of the stimuli below 1, not {k:g}")
    return int(k) if k >= 1 else k


SPARE = 2
"""At least so many neighbours beyond the k are known, so that two stimuli may be left out."""
Neighbours = Annotated[float, Field(gt=0, le=2**31), AfterValidator(_whole_or_share)]
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
        N×k indices; of equals, on the CPU the first rows.
    """
    centred = directions - directions.mean(axis=0)
    centred /= max(float(np.abs(centred).max()), np.finfo(float).tiny)
    rows = centred.astype(np.float32)
    half_squares = (centred**2).sum(axis=1).astype(np.float32) / 2
    if (where := torch_device(device)) != "cpu":
        return _nearest_on(where, rows, half_squares, k, block)
    from prh.similarity.neighbours.lists import largest

    found = np.empty((len(rows), k), dtype=np.int64)
    for start in range(0, len(rows), block):
        nearness = rows[start : start + block] @ rows.T
        nearness -= half_squares
        np.fill_diagonal(nearness[:, start:], -np.inf)
        found[start : start + block] = largest(nearness, k)
    return found


def _nearest_on(
    where: str, points: NDArray[np.float32], half_squares: NDArray[np.float32], k: int, block: int
) -> Indices:
    """Returns what :func:`nearest` does, computed on an accelerator."""
    import torch

    rows, half = torch.from_numpy(points).to(where), torch.from_numpy(half_squares).to(where)
    found = np.empty((len(rows), k), dtype=np.int64)
    for start in range(0, len(rows), block):
        nearness = torch.addmm(-half, rows[start : start + block], rows.T)
        own = torch.arange(len(nearness), device=where)
        nearness[own, own + start] = -torch.inf
        found[start : start + block] = nearness.topk(k, dim=1).indices.cpu().numpy()
    return found


def neighbourhoods(
    matrix: Array, k: float, block: int, device: str, name: str
) -> tuple[Array, Neighborhoods]:
    """Returns the directions of N×D features, rows of length one, and the neighbourhood of each.

    Raises:
        ValueError: ``k`` is not less than N.
        DegenerateFeatures: Some rows are zero.
    """
    count = neighbours(k, matrix, name)
    directions = unit_rows(matrix, name, "zero")
    reach = min(len(matrix) - 1, count + max(SPARE, count // 2))
    found = nearest(directions, reach, block, device)
    return directions, Neighborhoods(found[:, :count], found[:, count:])


def neighbours(k: float, matrix: Array, name: str) -> int:
    """Returns how many neighbours ``k`` means for N×D features: below 1, that share of the rows.

    Raises:
        ValueError: ``k`` is not less than N.
    """
    count = int(k) if k >= 1 else max(1, round(k * len(matrix)))
    if count >= len(matrix):
        raise ValueError(f"k must be less than the {len(matrix)} rows of {name}, not {k:g}")
    return count


def unfit(k: float, n: int, most: int) -> Unfit | None:
    """Returns what is wrong with ``k`` neighbours, or that share, of ``n`` stimuli; ``most`` may be."""
    count = int(k) if k >= 1 else round(k * n)
    if count < 1:
        return Unfit("k", f"a share of {k:g} of {n} is less than one neighbour", None)
    if count > most:
        why = (
            "so there are not as many"
            if count >= n
            else "so all are neighbours and nothing is left to measure"
        )
        return Unfit("k", f"{count} neighbours of each, and {n - 1} others: {why}", most)
    return None


def named(k: float) -> str:
    """Returns what names call ``k`` neighbours, or a share ``k`` of all stimuli."""
    return f"{k}-NN" if k >= 1 else f"{100 * k:g}%-NN"


@dataclass(frozen=True)
class Neighborhoods:
    """The nearest neighbours of every stimulus.

    Attributes:
        indices: N×k, nearest first.
        beyond: N×h, those that follow, and would move up if one of the k were not there.
    """

    indices: Indices
    beyond: Indices

    @property
    def n(self) -> int:
        """Number of stimuli."""
        return len(self.indices)

    @property
    def successors(self) -> Indices:
        """Who may take the place of a neighbour that is left out: the next k/2, at least one; N×h."""
        return self.beyond[:, : max(1, self.indices.shape[1] // 2)]

    def permute(self, order: Indices) -> Neighborhoods:
        """Returns the neighbourhoods of the rows taken in ``order``."""
        place = np.argsort(order)
        return Neighborhoods(place[self.indices[order]], place[self.beyond[order]])

    def among(self, rows: Indices) -> Neighborhoods:
        """Returns the neighbourhoods of some stimuli among themselves, all but two of them at least.

        Raises:
            DegenerateFeatures: Fewer than k neighbours are left.
        """
        place = np.full(self.n, -1)
        place[rows] = np.arange(len(rows))
        known = place[np.concatenate([self.indices, self.beyond], axis=1)[rows]]
        k = self.indices.shape[1]
        left = (known >= 0).sum(axis=1).min()
        if left < k:
            raise DegenerateFeatures(f"{len(rows)} rows leave fewer than {k} neighbours")
        # A stable sort moves who is left out to the end and keeps the order of the others.
        kept = np.take_along_axis(known, np.argsort(known < 0, axis=1, kind="stable"), axis=1)
        return Neighborhoods(kept[:, :k], kept[:, k:left])
