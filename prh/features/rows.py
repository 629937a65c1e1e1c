"""The rows that a fetch asks for, and which of them are there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prh.errors import PrhError
from prh.features.features import Matrix
from prh.features.segments import Ids

Places = tuple[Ids, Ids]
"""Positions in a list of ids, and the rows that stand there."""


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

    def places(self, ids: Ids) -> Places:
        """Returns which of ``ids`` are asked for: where they stand in it, and the rows they go to."""
        slots = np.searchsorted(self._sorted, ids).clip(max=len(self._sorted) - 1)
        positions = np.flatnonzero(self._sorted[slots] == ids)
        return positions, self._order[slots[positions]]

    def wants(self, layer: str, places: Places) -> bool:
        """Says whether any of what has these places is not here yet."""
        return not self.here[layer][places[1]].all()

    def put(self, layer: str, places: Places, values: Matrix) -> None:
        """Takes what is asked for of a matrix, N×D, whose ids have these places.

        Raises:
            PrhError: It has another number of columns than those that came before.
        """
        positions, rows = places
        if layer not in self.matrices:
            self.matrices[layer] = np.empty((len(self.ids), *values.shape[1:]), values.dtype)
        matrix = self.matrices[layer]
        if matrix.shape[1:] != values.shape[1:]:
            raise PrhError(
                f"{layer} is {matrix.shape} in one place and {values.shape} in another. "
                "Delete the folder features of cache_dir; it is computed again"
            )
        matrix[rows] = values if len(positions) == len(values) else values[positions]
        self.here[layer][rows] = True

    def lacking(self, layer: str | None = None) -> Ids:
        """Returns the rows that are not here yet, in one layer or in any, in the order asked for."""
        layers = list(self.here) if layer is None else [layer]
        here = np.logical_and.reduce([self.here[name] for name in layers])
        lacking: Ids = self.ids[~here]
        return lacking
