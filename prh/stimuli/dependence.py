"""Stimuli that are not independent of each other: groups of them, and what is done about duplicates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from prh.errors import ConfigError
from prh.ground.progress import Reporter
from prh.ground.values import Duplicates
from prh.stimuli.stimulus_set import StimulusSet

Labels = NDArray[np.int64]


def treated(stimuli: StimulusSet, same: Labels, duplicates: Duplicates, report: Reporter) -> StimulusSet:
    """Returns the stimuli with their near duplicates dealt with; warns if there are any.

    ``one`` leaves the first of each in the order in which they were drawn, so that ``dataset.n`` is how many
    are drawn and not how many remain. ``group`` adds them to the groups that the dataset itself has, but
    leaves recordings as they are, which a second of silence in each would make one.

    Args:
        stimuli: As drawn.
        same: A number for each, the same where pictures are; see :func:`prh.stimuli.duplicates.copies`.
        duplicates: What to do.
        report: Is warned.

    Raises:
        ConfigError: Without the duplicates a class would have no stimulus.
    """
    _, firsts, counts = np.unique(same, return_index=True, return_counts=True)
    several = counts[counts > 1]
    if not len(several):
        return stimuli
    pictures = f"{len(several)} picture{'s' if len(several) > 1 else ''}"
    found = (
        f"{several.sum()} of the {len(stimuli)} stimuli show {pictures} two or more times, "
        "which any two networks agree on"
    )
    if duplicates == "one":
        report.warn(f"{found}; {len(counts)} remain, one of each (dataset.duplicates=one)")
        return _without_losing_a_class(stimuli, np.sort(firsts).astype(np.int64))
    if duplicates == "keep" or stimuli.consecutive:
        report.warn(
            f"{found}: scores are too high and p too small; one of each is kept with dataset.duplicates=one"
        )
        return stimuli
    report.warn(
        f"{found}: intervals and, up to 2,000 stimuli, p allow for it (dataset.duplicates=group), but scores "
        "are higher for it; "
        "one of each is kept with dataset.duplicates=one"
    )
    groups = same if stimuli.groups is None else joined(same, stimuli.groups)
    return replace(stimuli, groups=groups, copies=same)


def _without_losing_a_class(stimuli: StimulusSet, positions: Labels) -> StimulusSet:
    kept = stimuli.at(positions)
    lost = [name for name in kept.absent_classes() if name not in stimuli.absent_classes()]
    if lost and stimuli.captions is None:
        raise ConfigError(
            "dataset.duplicates",
            f"without near duplicates there is no {', no '.join(lost)}, "
            "and a class centroid needs at least one of each",
            "Draw more stimuli, or keep them all with dataset.duplicates=group",
        )
    return kept


def joined(a: Labels, b: Labels) -> Labels:
    """Returns the finest groups, N, that keep together whoever is together in ``a`` or in ``b``."""
    links = [np.stack([np.arange(len(part)), _first_of_its_group(part)]) for part in (a, b)]
    return components(len(a), np.concatenate(links, axis=1))


def _first_of_its_group(groups: Labels) -> Labels:
    _, firsts, inverse = np.unique(groups, return_index=True, return_inverse=True)
    first: Labels = firsts[inverse].astype(np.int64)
    return first


def components(n: int, links: Labels) -> Labels:
    """Returns numbers from 0, N, the same for all that links (2×L) join."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first, second = links.astype(np.int32)  # what SciPy looks for; older ones take no wider indices
    graph = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64)
