"""The rows that a fetch asks for, and which of them are there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prh.errors import PrhError
from prh.features.features import Matrix
from prh.features.segments import Ids


class Rows:
    """A matrix per layer that is filled row by row, from the store or by computing.

    Args:
        layers: Names of the layers.
        ids: The rows, N, each once.

    Raises:
        ValueError: A row is asked for twice.
    """

    def __init__(self, layers: Sequence[str], ids: Ids) -> None:
        self.ids = ids
        self._order = np.argsort(ids, kind="stable")
        self._sorted = ids[self._order]
        if (self._sorted[1:] == self._sorted[:-1]).any():
            raise ValueError("a row is asked for twice")
        self.here: dict[str, NDArray[np.bool_]] = {layer: np.zeros(len(ids), dtype=bool) for layer in layers}
        self.matrices: dict[str, Matrix] = {}

    def wants(self, layer: str, ids: Ids) -> bool:
        """Says whether any of ``ids`` is asked for and not here yet."""
        _, rows = self._places(ids)
        return not self.here[layer][rows].all()

    def put(self, layer: str, ids: Ids, values: Matrix) -> None:
        """Takes what is asked for of a matrix that has a row for each of ``ids``, N×D.

        Raises:
            PrhError: It has another number of columns than those that came before.
        """
        positions, rows = self._places(ids)
        if layer not in self.matrices:
            self.matrices[layer] = np.empty((len(self.ids), *values.shape[1:]), values.dtype)
        matrix = self.matrices[layer]
        if matrix.shape[1:] != values.shape[1:] or len(values) != len(ids):
            raise PrhError(
                f"{layer} is {matrix.shape} in one place and {values.shape} in another. "
                "Delete the folder features of cache_dir; it is computed again"
            )
        matrix[rows] = values[positions]
        self.here[layer][rows] = True

    def lacking(self, layer: str | None = None) -> Ids:
        """Returns the rows that are not here yet, in one layer or in any, in the order asked for."""
        layers = list(self.here) if layer is None else [layer]
        here = np.logical_and.reduce([self.here[name] for name in layers])
        lacking: Ids = self.ids[~here]
        return lacking

    def _places(self, ids: Ids) -> tuple[Ids, Ids]:
        """Returns which of ``ids`` are asked for, as positions in it, and the rows they go to."""
        slots = np.searchsorted(self._sorted, ids).clip(max=len(self._sorted) - 1)
        positions = np.flatnonzero(self._sorted[slots] == ids)
        return positions, self._order[slots[positions]]
