"""One matrix per layer, rows paired with the stimuli or classes they describe."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Rows = Literal["stimuli", "classes"]


@dataclass(frozen=True)
class Features(Mapping[str, Matrix]):
    """A mapping from layer name, shallow to deep, to an N×D matrix.

    Attributes:
        encoder: Name of the encoder that made them.
        matrices: float32, N×D for each layer; D differs between layers.
        rows: Whether a row describes a stimulus or a class.
    """

    encoder: str
    matrices: dict[str, Matrix]
    rows: Rows = "stimuli"

    def __getitem__(self, layer: str) -> Matrix:
        return self.matrices[layer]

    def __iter__(self) -> Iterator[str]:
        return iter(self.matrices)

    def __len__(self) -> int:
        return len(self.matrices)

    @property
    def last(self) -> str:
        """The name of the deepest layer."""
        return list(self.matrices)[-1]

    def by_class(self, labels: NDArray[np.int64], n_classes: int) -> "Features":
        """Returns class centroids: the mean feature vector of each class' stimuli, C×D.

        Args:
            labels: N, in ``range(n_classes)``; every class occurs.
            n_classes: C.

        Raises:
            ValueError: Rows are classes already, or a class has no stimulus.
        """
        if self.rows == "classes":
            raise ValueError("these features have one row per class already")
        counts = np.bincount(labels, minlength=n_classes)
        if (counts == 0).any():
            raise ValueError(f"no stimulus belongs to class {np.flatnonzero(counts == 0).tolist()}")
        membership = np.zeros((n_classes, len(labels)))
        membership[labels, np.arange(len(labels))] = 1.0 / counts[labels]
        centroids = {name: (membership @ matrix).astype(np.float32) for name, matrix in self.items()}
        return Features(self.encoder, centroids, rows="classes")
