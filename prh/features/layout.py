"""UMAP layouts (McInnes et al. 2018): each layer's is started from, and turned towards, the one before it."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from prh.features.features import Features, Matrix
from prh.features.segments import Ids
from prh.features.store import Batch, FeatureStore
from prh.ground.files import identity
from prh.ground.progress import Reporter

Layout = NDArray[np.float32]


@dataclass(frozen=True)
class Umap:
    """How layers are laid out.

    Attributes:
        layers: How many of them at most.
        points: The first so many stimuli.
        neighbors: Of each point, that UMAP keeps near.
        min_dist: Of points in the plane.
        seed: Of UMAP's generator.
    """

    layers: int
    points: int
    neighbors: int
    min_dist: float
    seed: int


def umap_layouts(
    features: Features, how: Umap, store: FeatureStore, report: Reporter
) -> dict[str, Layout | None]:
    """Returns a place in the plane for each of the first ``points`` stimuli, layer by layer.

    The layouts can be compared by eye, since each starts from its predecessor. Of more than
    ``layers`` layers, as many are laid out, evenly spaced, the first and the last among them. A
    layer with NaN or infinite values has None.
    """
    layouts: dict[str, Layout | None] = {}
    before, key = None, ""
    shown = evenly_spaced(list(features), how.layers)
    with report.progress(f"UMAP of {features.encoder}", len(shown), "layers") as advance:
        for name in shown:
            matrix, layouts[name] = features[name][: how.points], None
            if np.isfinite(features[name]).all():
                key = layout_key(matrix, key, how)
                layouts[name] = before = _kept(key, matrix, before, how, store)
            advance(1)
    return layouts


def evenly_spaced(names: Sequence[str], most: int) -> list[str]:
    """Returns at most ``most`` of the names in their order, the last one among them."""
    places = np.linspace(len(names) - 1, 0, min(most, len(names))).round().astype(int)
    return [names[place] for place in places[::-1]]


def _kept(key: str, matrix: Matrix, before: Layout | None, how: Umap, store: FeatureStore) -> Layout:
    def compute(missing: Ids) -> Iterator[Batch]:
        # A layout is a whole: were some of its rows lost, the others would be laid out anew with them.
        yield np.arange(len(matrix)), {key: _umap(matrix, before, how)}

    return store.fetch("layouts", [key], np.arange(len(matrix)), compute)[key]


def layout_key(matrix: Matrix, before: str, how: Umap) -> str:
    """Returns what the store calls a layout: whatever determines it.

    Args:
        matrix: The layer's features, N×D.
        before: The key of the layout that this one starts from; empty for the first.
        how: How it is made.
    """
    content = hashlib.sha256(np.ascontiguousarray(matrix).tobytes()).hexdigest()
    determined_by = how.neighbors, how.min_dist, how.seed
    return identity(content, matrix.shape, before, determined_by)


def _umap(matrix: Matrix, before: Layout | None, how: Umap) -> Layout:
    from umap import UMAP

    _keep_what_is_compiled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layout = UMAP(
            n_neighbors=min(how.neighbors, len(matrix) - 1),
            min_dist=how.min_dist,
            init=_principal_plane(matrix) if before is None else before.copy(),
            random_state=how.seed,
            n_jobs=1,
        ).fit_transform(matrix)
    centred = layout - layout.mean(axis=0)
    return np.asarray(centred if before is None else _turned_towards(centred, before), dtype=np.float32)


@cache
def _keep_what_is_compiled() -> None:
    """Has numba keep what it compiles of UMAP, which takes it ten seconds in each process."""
    from numba.core.dispatcher import Dispatcher
    from umap import distances, layouts, spectral, umap_, utils

    for module in (distances, layouts, spectral, umap_, utils):
        for function in vars(module).values():
            if isinstance(function, Dispatcher):
                with suppress(RuntimeError):  # there is no folder to keep it in
                    function.enable_caching()


def _principal_plane(matrix: Matrix) -> Layout:
    centred = matrix - matrix.mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    plane = left[:, :2] * singular[:2]
    return np.asarray(10 * plane / max(float(np.abs(plane).max()), 1e-12), dtype=np.float32)


def _turned_towards(layout: Layout, target: Layout) -> Layout:
    """Rotates and reflects ``layout`` so that points lie as near as may be to where they lay (Procrustes)."""
    left, _, right = np.linalg.svd(layout.T @ target)
    turned: Layout = layout @ (left @ right)
    return turned
