"""RDMs that are never whole: distances computed block by block, each time they are passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array, DegenerateFeatures, torch_device, unit_rows
from prh.similarity.distances import Distance
from prh.similarity.rdms.state import RDMState

if TYPE_CHECKING:
    from torch import Tensor

Streamable = Literal["spearman", "pearson", "cosine"]
BINS = 1 << 15
"""Ranks are told apart by so many equal steps of distance."""
SAMPLE = 1024
"""So many evenly spaced stimuli say where the distances lie; they have half a million pairs."""


@dataclass(frozen=True)
class StreamedRDM:
    """What distances between stimuli are computed from, and what each is worth.

    Attributes:
        points: N×D float32, such that distances are Euclidean or cityblock between rows.
        weights: How often each stimulus occurs, N.
        distance: Of the RDM.
        compare: How it is to be correlated.
        block: How many rows of distances exist at a time.
        device: Where they are computed.
        low: The smallest distance that is told apart from smaller ones.
        step: What distances are told apart by.
        ranks: Spearman only: standardised midranks of the steps, scaled so that their squares, over all
            pairs, sum to one.
    """

    points: NDArray[np.float32]
    weights: NDArray[np.float32]
    distance: Distance
    compare: Streamable
    block: int
    device: str
    low: float
    step: float
    ranks: NDArray[np.float32]

    @property
    def n(self) -> int:
        """Number of stimuli."""
        return len(self.points)

    def blocks(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yields distances from a few rows to themselves and all later rows, and the index of the first."""
        if (where := torch_device(self.device)) != "cpu":
            yield from self._blocks_on(where)
            return
        from prh.similarity.rdms.passes import cityblock, from_products

        squares = (self.points**2).sum(axis=1)
        for start in range(0, self.n, self.block):
            rows, others = self.points[start : start + self.block], self.points[start:]
            if self.distance == "cityblock":
                yield start, cityblock(rows, others)
            else:
                yield start, from_products(rows @ others.T, squares[start:], self.distance)

    def _blocks_on(self, where: str) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yields what :meth:`blocks` does, computed on an accelerator."""
        import torch

        points = torch.from_numpy(self.points).to(where)
        squares = (points**2).sum(dim=1)
        for start in range(0, self.n, self.block):
            rows, others = points[start : start + self.block], points[start:]
            if self.distance == "cityblock":
                distances = torch.cdist(rows, others, p=1)
            else:
                distances = torch.addmm(squares[start:], rows, others.T, alpha=-2)
                distances += squares[start : start + self.block, None]
                _finished(distances, self.distance)
            yield start, distances.cpu().numpy()

    def permute(self, order: NDArray[np.int64]) -> StreamedRDM:
        """Returns the state of the rows taken in ``order``; the set of distances stays the same."""
        return replace(self, points=self.points[order], weights=self.weights[order])

    def among(self, rows: NDArray[np.int64]) -> RDMState:
        """Returns the RDM of some stimuli, few enough to hold all their distances.

        Raises:
            DegenerateFeatures: All of their distances are equal.
        """
        few = replace(self, points=self.points[rows], block=len(rows))
        _, distances = next(few.blocks())
        return RDMState.standardised(distances[np.triu_indices(len(rows), k=1)], len(rows), self.compare)


def _finished(squares: Tensor, distance: Distance) -> None:
    squares.clamp_(min=0)
    if distance in ("cosine", "correlation"):
        squares /= 2  # Between rows of length one, |u − v|² / 2 is 1 − u·v.
    elif distance == "euclidean":
        squares.sqrt_()


def streamed(
    matrix: Array, distance: Distance, compare: str, block: int, device: str, name: str = "x"
) -> StreamedRDM:
    """Prepares features for being passed over.

    Raises:
        ValueError: Kendall's τ, which needs all pairs of pairs.
        DegenerateFeatures: All distances are equal; zero or constant rows where the distance is undefined.
    """
    if compare == "kendall":
        raise ValueError(
            f"{len(matrix)} rows have too many distances for compare_by=kendall in this memory; "
            "use spearman, fewer rows or a larger memory_gb"
        )
    from scipy.spatial.distance import pdist

    if distance == "correlation":
        matrix = matrix - matrix.mean(axis=1, keepdims=True)
    if distance in ("cosine", "correlation"):
        matrix = unit_rows(matrix, name, "zero" if distance == "cosine" else "constant")
    # float32 resolves distances only where the origin is among the points.
    points = (matrix - matrix.mean(axis=0)).astype(np.float32)
    sample = points[np.unique(np.linspace(0, len(points) - 1, SAMPLE).astype(int))]
    sample = sample.astype(float)
    distances = pdist(sample, "cityblock") if distance == "cityblock" else pdist(sample, "sqeuclidean")
    if distance in ("cosine", "correlation"):
        distances /= 2
    elif distance == "euclidean":
        distances = np.sqrt(distances)
    low, high = float(distances.min()), float(distances.max())
    if high - low <= 1e-6 * high:
        raise DegenerateFeatures(f"{name} has the same distance between all pairs of rows: nothing to rank")
    margin = 0.05 * (high - low)
    low = max(0.0, low - margin)
    step = (high + margin - low) / BINS
    ones = np.ones(len(points), dtype=np.float32)
    empty = np.empty(0, dtype=np.float32)
    state = StreamedRDM(points, ones, distance, compare, block, device, low, step, empty)  # type: ignore[arg-type]
    return _ranked(state, name)


def _ranked(state: StreamedRDM, name: str) -> StreamedRDM:
    """Adds the midranks of the steps, from one pass over the distances; Spearman only."""
    if state.compare != "spearman":
        return state
    from prh.similarity.rdms.passes import histogram

    tally = np.zeros(BINS)
    for start, distances in state.blocks():
        tally += histogram(distances, state.weights[start:], state.low, state.step, BINS)
    ranks = np.cumsum(tally) - tally / 2 - tally.sum() / 2
    squares = float(tally @ ranks**2)
    if not squares > 0:
        raise DegenerateFeatures(f"{name} has the same distance between all pairs of rows: nothing to rank")
    return replace(state, ranks=(ranks / np.sqrt(squares)).astype(np.float32))


def streamed_correlation(a: StreamedRDM, b: StreamedRDM) -> float:
    """Returns the correlation of two RDMs from one pass over both."""
    from prh.similarity.rdms.passes import moments, rank_products

    total = np.zeros(1 if a.compare == "spearman" else 6)
    for (start, left), (_, right) in zip(a.blocks(), b.blocks(), strict=True):
        weights = a.weights[start:]
        if a.compare == "spearman":
            scales = a.low, a.step, b.low, b.step
            total += rank_products(left, right, weights, a.ranks, b.ranks, np.array(scales, np.float32))
        else:
            middle = (a.low, b.low) if a.compare == "pearson" else (0.0, 0.0)
            total += moments(left, right, weights, np.array(middle, np.float32))
    if a.compare == "spearman":
        return float(np.clip(total[0], -1, 1))
    pairs, sum_a, sum_b, square_a, square_b, product = total
    if a.compare == "pearson":
        product -= sum_a * sum_b / pairs
        square_a -= sum_a**2 / pairs
        square_b -= sum_b**2 / pairs
    return float(np.clip(product / np.sqrt(square_a * square_b), -1, 1))
