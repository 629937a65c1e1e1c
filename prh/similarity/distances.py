"""Representational dissimilarity matrices (Kriegeskorte et al. 2008)."""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from prh.similarity.arrays import Array, as_matrix, unit_rows

Distance = Literal["cosine", "euclidean", "sqeuclidean", "correlation", "cityblock"]
EPSILON = float(np.finfo(np.float64).eps)


def rdm(x: Any, distance: Distance = "cosine", name: str = "x") -> Array:
    """Returns the distances between all pairs of rows, in the order of ``scipy.spatial.distance.pdist``.

    Args:
        x: N×D features.
        distance: ``cosine`` and ``correlation`` lie in [0, 2]; the others in [0, ∞), in units of ``x``.
        name: What error messages call ``x``.

    Returns:
        float64, N(N−1)/2.

    Raises:
        ValueError: ``x`` is no matrix of numbers with at least four rows, or the distance is unknown.
        DegenerateFeatures: NaN or infinite values; all-zero rows under ``cosine``, constant rows under
            ``correlation``.
    """
    if distance not in get_args(Distance):
        raise ValueError(f"distance must be one of {', '.join(get_args(Distance))}, not {distance!r}")
    matrix = as_matrix(x, name)
    if distance == "cityblock":
        from scipy.spatial.distance import pdist

        condensed: Array = pdist(matrix, "cityblock")
        return condensed
    if distance in ("cosine", "correlation"):
        return _zeroed_below(8 * EPSILON, _condensed(1.0 - _cosines(matrix, distance, name)))
    centred = matrix - matrix.mean(axis=0)
    noise = 8 * EPSILON * (centred**2).sum(axis=1).max() + (8 * EPSILON) ** 2 * (matrix**2).sum(axis=1).max()
    squared = _zeroed_below(float(noise), _condensed(_squared_distances(centred)))
    distances: Array = np.sqrt(squared) if distance == "euclidean" else squared
    return distances


def as_square(condensed: NDArray[Any]) -> NDArray[Any]:
    """Returns what each pair of rows has, N(N−1)/2, as a symmetric matrix with zeros on its diagonal."""
    from scipy.spatial.distance import squareform

    square: NDArray[Any] = squareform(condensed, checks=False)
    return square


def _cosines(matrix: Array, distance: str, name: str) -> Array:
    if distance == "correlation":
        # Centring a constant row leaves rounding noise, not zeros, and noise has a direction.
        constant = np.ptp(matrix, axis=1) == 0
        matrix = matrix - matrix.mean(axis=1, keepdims=True)
        matrix[constant] = 0.0
        directions = unit_rows(matrix, name, "constant")
    else:
        directions = unit_rows(matrix, name, "zero")
    return directions @ directions.T


def _squared_distances(matrix: Array) -> Array:
    squares = np.einsum("ij,ij->i", matrix, matrix)
    squared: Array = squares[:, None] + squares[None, :] - 2.0 * (matrix @ matrix.T)
    return squared


def _zeroed_below(noise: float, distances: Array) -> Array:
    """Sets what rounding alone explains to zero: equal rows are at distance zero, all alike."""
    return np.where(distances > noise, distances, 0.0)


def _condensed(square: Array) -> Array:
    from scipy.spatial.distance import squareform

    condensed: Array = squareform(square, checks=False)
    return condensed
