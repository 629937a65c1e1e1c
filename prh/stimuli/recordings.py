"""Which windows of recordings hang together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEWEST = 10
"""Standard errors clustered by fewer groups mean little (Cameron & Miller 2015)."""
FAINT = 0.1
"""An autocorrelation below this is taken for none."""
LONG = 4
"""Memories to a stretch: of autoregressive numbers whose correlation is 0.5 to 0.8 from one to the next, 95%
intervals of the mean then cover 92 to 94%, from 400 windows; with half of it 90 to 93%."""


def window_groups(recordings: Sequence[Any], measured: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Returns a number for each window, N, the same where windows are not independent of each other.

    Of ten recordings and more, each is a group. Fewer are cut into stretches of consecutive windows, four
    times as long as it takes what was measured to be forgotten (until its autocorrelation, averaged over
    columns, is below 0.1), but no longer than makes ten stretches of all windows together. Where that is
    too short, or something else is remembered for longer, standard errors clustered by them are too small.

    Args:
        recordings: The recording of each window, recording after recording, in the order of time.
        measured: N×S standardised numbers; rows that are not finite count for nothing.
    """
    starts = np.array([True, *(a != b for a, b in pairwise(recordings))])
    of = np.cumsum(starts) - 1
    if of[-1] + 1 >= FEWEST:
        return of.astype(np.int64)
    first = np.flatnonzero(starts)
    most = max(1, len(of) // FEWEST)
    length = min(most, LONG * _memory(of, measured, most))
    within = (np.arange(len(of)) - first[of]) // length
    return np.unique(np.stack([of, within]), axis=1, return_inverse=True)[1].astype(np.int64).ravel()


def _memory(of: NDArray[np.int64], measured: NDArray[np.floating[Any]], most: int) -> int:
    """Returns after how many windows the measurements of a recording are forgotten, ``most`` at most."""
    numbers = np.asarray(measured, dtype=float)
    spread = float(np.nanmean(numbers**2))
    for lag in range(1, most):
        pairs = (numbers[:-lag] * numbers[lag:])[of[:-lag] == of[lag:]]
        if not np.isfinite(pairs).any() or np.nanmean(pairs) < FAINT * spread:
            return lag
    return most
