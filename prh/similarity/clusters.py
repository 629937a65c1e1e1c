"""How well the classes of labelled stimuli form clusters in a representation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array, as_matrix
from prh.similarity.distances import Distance, rdm


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
    from scipy.spatial.distance import squareform
    from sklearn.metrics import silhouette_samples

    matrix = as_matrix(x)
    distances = squareform(rdm(matrix, distance), checks=False)
    silhouettes = silhouette_samples(distances, labels, metric="precomputed")
    np.fill_diagonal(distances, np.inf)
    k = min(k, len(matrix) - 1)
    nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]
    return silhouettes, (labels[nearest] == labels[:, None]).mean(axis=1)
