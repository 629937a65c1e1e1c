"""Which stimuli are nearly the same picture, found in their pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from prh.stimuli.dependence import Labels, components

Thumbnails = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIDE = 32
"""Pixels of a thumbnail; at 16 the different trousers of Fashion-MNIST are alike, too."""
ALIKE = 0.995
"""Correlation of two thumbnails. Copies that were compressed or resized lie above it, other drawings after
one template (OpenMoji's faces, keycaps and clocks) and other trousers below."""
BLOCK = 512
FEW = 2000
"""So many thumbnails are compared in full at once."""
SKETCHED, DIRECTIONS = 500, 64
ROUNDING = 1e-4
"""Of correlations in single precision, so that none is ruled out by it."""


def thumbnails(images: NDArray[np.uint8]) -> Thumbnails:
    """Returns the means of up to 32×32 equal fields of every image, N×(C·h·w) of N×C×H×W.

    Sides that 32 does not divide have fields that differ by a pixel; smaller ones stay as they are.
    """
    rows, columns = (np.arange(n) * side // n for n, side in ((min(s, SIDE), s) for s in images.shape[2:]))
    sums = np.add.reduceat(images, rows, axis=2, dtype=np.uint32)
    sums = np.add.reduceat(sums, columns, axis=3, dtype=np.uint32)
    heights, widths = np.diff(rows, append=images.shape[2]), np.diff(columns, append=images.shape[3])
    means = sums / np.outer(heights, widths)
    return means.round().astype(np.uint8).reshape(len(images), -1)


def copies(small: Thumbnails, advance: Callable[[int], None] = lambda step: None) -> Labels:
    """Returns a number for each stimulus, N, the same where pictures are nearly the same.

    Two are if their thumbnails are equal, or correlate by at least 0.995, whatever their brightness and
    contrast; so are two that have a chain of such pairs between them. Crops and mirror images are not
    found. Time grows with N², memory with N.

    Args:
        small: N×D thumbnails.
        advance: Called with the number of stimuli done.
    """
    first = _first_of_its_kind(small)
    different = np.unique(first)
    links = [np.stack([np.arange(len(small)), first])]
    links += [different[pairs] for pairs in _close_pairs(small[different], advance)]
    advance(len(small) - len(different))
    return components(len(small), np.concatenate(links, axis=1))


def _first_of_its_kind(small: Thumbnails) -> Labels:
    """Returns where each thumbnail occurs for the first time, N."""
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(row.tobytes(), at) for at, row in enumerate(small)], dtype=np.int64)


def _close_pairs(small: Thumbnails, advance: Callable[[int], None]) -> Iterator[Labels]:
    """Yields the pairs that correlate, 2×P, block by block.

    What two unit vectors share outside a subspace is at most the product of what each has outside it, so
    64 directions rule out nearly all pairs, and the rest are looked at in full.
    """
    sketch = _unit(small) if len(small) <= FEW else _sketch(small)
    for start in range(0, len(small), BLOCK):
        bound = sketch[start : start + BLOCK] @ sketch[start:].T
        pairs = start + np.stack(np.nonzero(np.triu(bound >= ALIKE - ROUNDING, 1)))
        for part in np.array_split(pairs, 1 + pairs.shape[1] // BLOCK, axis=1):
            left, right = _unit(small[part[0]]), _unit(small[part[1]])
            yield part[:, np.einsum("pd,pd->p", left, right) >= ALIKE]
        advance(len(bound))


def _sketch(small: Thumbnails) -> Floats:
    """Returns every unit vector's coordinates in the main directions of 500, and the length of the rest."""
    directions = np.linalg.svd(_unit(small[:SKETCHED]), full_matrices=False)[2][:DIRECTIONS]
    parts = [_unit(small[start : start + BLOCK]) @ directions.T for start in range(0, len(small), BLOCK)]
    inside = np.concatenate(parts)
    outside = np.sqrt(np.maximum(1 - np.square(inside).sum(axis=1, keepdims=True), 0))
    return np.concatenate([inside, outside], axis=1)


def _unit(small: Thumbnails) -> Floats:
    """Returns thumbnails with mean 0 and length 1, those of a single shade as zeros."""
    centred = small.astype(np.float32)
    centred -= centred.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: Floats = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    return unit
