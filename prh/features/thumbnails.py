"""Thumbnails of the stimuli, for what is looked for in pixels; those of images on disk are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from prh.features.segments import Ids
from prh.features.store import FeatureStore
from prh.ground.files import safe_name
from prh.ground.progress import Reporter
from prh.stimuli.duplicates import BLOCK, SIDE, Thumbnails, thumbnails
from prh.stimuli.images import LazyImages
from prh.stimuli.stimulus_set import StimulusSet

AT_A_TIME = 64
"""Images that are opened together."""


def thumbnails_of(stimuli: StimulusSet, store: FeatureStore, report: Reporter) -> Thumbnails:
    """Returns a thumbnail of every stimulus, uint8 N×D, opening only images whose thumbnail is not kept."""
    images = stimuli.images
    if not isinstance(images, LazyImages):
        parts = [thumbnails(np.asarray(images[at])) for at in _slices(len(stimuli), BLOCK)]
        return np.concatenate(parts)

    def compute(missing: Ids) -> Iterator[tuple[Ids, dict[str, Any]]]:
        position = {int(row): index for index, row in enumerate(stimuli.ids)}
        at = np.array([position[int(row)] for row in missing], dtype=np.int64)
        with report.progress("Making thumbnails", len(at), "images") as advance:
            for part in _slices(len(at), AT_A_TIME):
                yield missing[part], {layer: thumbnails(np.asarray(images[at[part]]))}
                advance(len(missing[part]))

    layer = f"{SIDE}px"
    kept = store.fetch(f"thumbnails/{safe_name(stimuli.fingerprint)}", [layer], stimuli.ids, compute)
    return cast(Thumbnails, kept[layer])


def _slices(n: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, n, size))
