"""How well classes cluster, with what each stimulus contributes: for intervals over stimuli.

A stimulus counts in its own silhouette and purity and in those of the others, whose distances and neighbours
it is among. Standard errors that look at its own alone are too small: their 95% intervals cover 75–90%.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array, as_matrix
from prh.similarity.clusters import class_distances, larger_of
from prh.similarity.distances import Distance, as_square, rdm

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class ClusterValues:
    """Pseudo-values of N stimuli: their mean is the score, their spread over √N its standard error.

    Attributes:
        silhouette: Of the silhouette coefficient (Rousseeuw 1987), N.
        purity: Of the share of the k nearest neighbours that are of the same class, N.
    """

    silhouette: Array
    purity: Array


def cluster_values(
    x: Any,
    labels: Labels,
    distance: Distance = "cosine",
    k: int = 10,
    among: NDArray[np.bool_] | None = None,
) -> ClusterValues:
    """Returns the pseudo-values of how well labelled stimuli cluster.

    The influence of stimulus j on a mean of silhouettes is its own share and, through the mean distances
    a_i to the own and b_i to the nearest other class, Σ_i ∂s_i/∂a_i (d_ij − a_i)/(n_i − 1), likewise for b.
    On a mean of purities: as one of i's neighbours it displaces one at the edge of i's neighbourhood, which
    is of i's class as often as those of ranks k/2 to 3k/2 are.

    Args:
        x: N×D features.
        labels: N class indices, at least two different; every class has at least two stimuli.
        distance: Between stimuli.
        k: Neighbours that count for purity; at most N − 1.
        among: N booleans; the score is then the mean over these alone, amid all.

    Raises:
        ValueError: ``x`` is no matrix, the distance is undefined for it, all labels are the same, a class
            has one stimulus alone, or ``among`` is nobody.
    """
    distances = as_square(rdm(as_matrix(x), distance))
    names, classes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if len(names) < 2 or sizes.min() < 2:
        raise ValueError("clusters need at least two classes of at least two stimuli each")
    chosen = np.ones(len(classes), dtype=bool) if among is None else among
    if not chosen.any():
        raise ValueError("no stimulus to average over")
    return ClusterValues(
        _pseudo(*_silhouettes(distances, classes, sizes, chosen), chosen),
        _pseudo(*_purities(distances, classes, min(k, len(classes) - 1), chosen), chosen),
    )


def _pseudo(own: Array, of_others: Array, chosen: NDArray[np.bool_]) -> Array:
    """Returns pseudo-values from every stimulus' own value and its influence on those of the chosen."""
    mean = float(own[chosen].mean())
    influence = np.where(chosen, own - mean, 0.0) + of_others - of_others.mean()
    values: Array = mean + influence * (len(own) / chosen.sum())
    return values


def _silhouettes(
    distances: Array, classes: Labels, sizes: Labels, chosen: NDArray[np.bool_]
) -> tuple[Array, Array]:
    rows = np.arange(len(classes))
    own, other, nearest = class_distances(distances, classes, sizes)
    larger = larger_of(own, other)
    values = (other - own) / larger
    compact = own < other
    by_own = chosen * np.where(compact, -1 / larger, -other / larger**2) / (sizes[classes] - 1)
    by_other = chosen * np.where(compact, own / larger**2, 1 / larger) / sizes[nearest]
    # Σ_i weight_i (d_ij − centre_i) over the i whose class, or nearest class, is that of j; the i of j's
    # own class include j itself, at distance zero, which is no part of a_j.
    toward = np.zeros((len(classes), len(sizes)))
    toward[rows, classes] = by_own
    toward[rows, nearest] += by_other
    shift = np.zeros_like(toward)
    shift[rows, classes] = by_own * own
    shift[rows, nearest] += by_other * other
    gathered = (distances @ toward)[rows, classes] - shift.sum(axis=0)[classes] + by_own * own
    return values, gathered


def _purities(distances: Array, classes: Labels, k: int, chosen: NDArray[np.bool_]) -> tuple[Array, Array]:
    apart = distances.copy()
    np.fill_diagonal(apart, np.inf)
    wide = min(3 * k // 2, len(classes) - 1)
    nearest = np.argpartition(apart, wide - 1, axis=1)[:, :wide]
    order = np.argsort(np.take_along_axis(apart, nearest, axis=1), axis=1, kind="stable")
    nearest = np.take_along_axis(nearest, order, axis=1)
    same = classes[nearest] == classes[:, None]
    edge = same[:, (k + 1) // 2 :].mean(axis=1) if wide > (k + 1) // 2 else same[:, -1].astype(float)
    gain = chosen[:, None] * (same[:, :k] - edge[:, None]) / k
    of_others = np.bincount(nearest[:, :k].ravel(), weights=gain.ravel(), minlength=len(classes))
    return same[:, :k].mean(axis=1), of_others.astype(float)
