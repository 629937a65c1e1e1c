"""How well the classes of labelled stimuli form clusters in a representation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array, as_matrix
from prh.similarity.distances import Distance, as_square, rdm


@dataclass(frozen=True)
class ClusterScores:
    """Two views of the same question.

    Attributes:
        silhouette: Mean silhouette coefficient (Rousseeuw 1987), in [−1, 1]: are classes compact and apart?
        purity: Mean share of a stimulus' k nearest neighbours that are of its class, in [0, 1].
    """

    silhouette: float
    purity: float


def cluster_scores(
    x: Any, labels: NDArray[np.int64], distance: Distance = "cosine", k: int = 10
) -> ClusterScores:
    """Scores how labelled stimuli cluster.

    Args:
        x: N×D features.
        labels: N class indices, at least two different.
        distance: Between stimuli.
        k: Neighbours that count for purity, the stimulus itself excluded; at most N − 1.

    Raises:
        ValueError: ``x`` is no matrix, the distance is undefined for it, or all labels are the same.
    """
    silhouettes, purities = stimulus_scores(x, labels, distance, k)
    return ClusterScores(float(silhouettes.mean()), float(purities.mean()))


def stimulus_scores(
    x: Any, labels: NDArray[np.int64], distance: Distance = "cosine", k: int = 10
) -> tuple[Array, Array]:
    """Returns the silhouette and the purity of every stimulus, N each; see :func:`cluster_scores`."""
    matrix = as_matrix(x)
    distances = as_square(rdm(matrix, distance))
    names, classes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if not 1 < len(names) < len(matrix):
        raise ValueError("clusters need at least two classes, one of them of two stimuli")
    own, other, _ = class_distances(distances, classes, sizes)
    silhouettes = (other - own) / larger_of(own, other)
    silhouettes[sizes[classes] == 1] = 0.0
    np.fill_diagonal(distances, np.inf)
    k = min(k, len(matrix) - 1)
    nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]
    return silhouettes, (classes[nearest] == classes[:, None]).mean(axis=1)


def class_distances(
    distances: Array, classes: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Returns how far each stimulus is from the others of its class and from the nearest other class.

    Args:
        distances: N×N.
        classes: The class of each stimulus, N indices.
        sizes: How many stimuli each class has, C.

    Returns:
        Mean distances within, N, and to the nearest other class, N, and which one that is, N.
    """
    rows, totals = np.arange(len(classes)), distances @ np.eye(len(sizes))[classes]
    own: Array = totals[rows, classes] / np.maximum(sizes[classes] - 1, 1)
    others = totals / sizes
    others[rows, classes] = np.inf
    nearest = others.argmin(axis=1)
    return own, others[rows, nearest], nearest


def larger_of(own: Array, other: Array) -> Array:
    """Returns what a silhouette is a share of; never zero, so that stimuli in one place have one of 0."""
    larger: Array = np.maximum(np.maximum(own, other), np.finfo(float).tiny)
    return larger
