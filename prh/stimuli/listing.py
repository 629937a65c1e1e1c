"""A dataset as a list of images that are read when they are needed, and a sample of those that can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from prh.errors import ConfigError
from prh.ground.files import readable
from prh.ground.progress import Reporter
from prh.stimuli.images import LazyImages, bad_ones
from prh.stimuli.stimulus_set import StimulusSet, require_enough, require_every_class, sample_order

BadFiles = Literal["error", "skip"]
NAMED = 5
"""So many bad files are named; of more, the number."""


@dataclass(frozen=True)
class Listing:
    """All that is known of a dataset before its images are opened.

    Attributes:
        name: As in :class:`StimulusSet`, and so are the other fields that stand there.
        images: Of all N rows.
        labels: N.
        class_names: One per class.
        fingerprint: Of the whole.
        source: Where it was found.
        captions: One per row, or None.
        names: What messages call each row, N.
        problems: What is wrong with rows, known without opening them.
        signals: As in :class:`StimulusSet`, N×T, or None.
        groups: As there, N, or None.
        consecutive: As there; rows are then in the order of time.
        wordings: As there, N, or None.
    """

    name: str
    images: LazyImages
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    fingerprint: str
    source: str
    names: Sequence[str]
    captions: tuple[str, ...] | None = None
    problems: dict[int, str] = field(default_factory=dict)
    signals: NDArray[np.float32] | None = None
    groups: NDArray[np.int64] | None = None
    consecutive: bool = False
    wordings: tuple[tuple[str, ...], ...] | None = None

    def whole(self) -> StimulusSet:
        """Returns all rows, good or bad."""
        rows = np.arange(len(self.labels))
        return StimulusSet(
            readable(self.name),
            self.images,
            self.labels,
            tuple(map(readable, self.class_names)),
            rows,
            self.fingerprint,
            readable(self.source),
            None if self.captions is None else tuple(map(readable, self.captions)),
            signals=self.signals,
            names=tuple(map(readable, self.names)),
            groups=self.groups,
            consecutive=self.consecutive,
            wordings=None if self.wordings is None else tuple(map(_readable, self.wordings)),
        )

    def draw(self, n: int | None, seed: int, bad_files: BadFiles, report: Reporter) -> StimulusSet:
        """Returns the first ``n`` rows that can be shown, of one seeded permutation.

        Raises:
            ConfigError: There are fewer; a class has none; or a row cannot be shown and none may be skipped.
        """
        full = self.whole()
        require_enough(n, full)
        order = sample_order(len(full), seed)
        wanted, done, good = len(full) if n is None else n, 0, list[int]()
        while len(good) < wanted and done < len(order):
            rows = order[done : done + wanted - len(good)]
            done += len(rows)
            found = self._bad(rows, report)
            if found:
                complain(self.name, list(found.values()), bad_files, report)
            good += [int(row) for row in rows if int(row) not in found]
        if not good or (n is not None and len(good) < n):
            raise ConfigError(
                "dataset.n", f"only {len(good)} of the {len(full)} stimuli of {self.name} can be shown"
            )
        sample = full.at(np.array(good, dtype=np.int64))
        if self.captions is None:
            require_every_class(sample, full, seed)
        return sample

    def _bad(self, rows: NDArray[np.int64], report: Reporter) -> dict[int, str]:
        found = {int(row): self.problems[int(row)] for row in rows if int(row) in self.problems}
        rest = np.array([row for row in rows if int(row) not in found], dtype=np.int64)
        opened = bad_ones(self.images[rest], [self.names[row] for row in rest], report)
        return found | {int(rest[position]): reason for position, reason in opened.items()}


def _readable(wordings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(readable, wordings))


def complain(name: str, reasons: Sequence[str], bad_files: BadFiles, report: Reporter) -> None:
    """Warns of what is left out of the dataset ``name``.

    Raises:
        ConfigError: Nothing may be.
    """
    named = "; ".join(reasons[:NAMED]) + (
        f"; and {len(reasons) - NAMED} more" if len(reasons) > NAMED else ""
    )
    if bad_files == "error":
        raise ConfigError(
            "dataset.bad_files",
            f"{len(reasons)} of {name} cannot be shown: {named}",
            "Mend or remove them, or leave them out with dataset.bad_files=skip",
        )
    report.warn(f"left out {len(reasons)} of {name}: {named} (dataset.bad_files=skip)")
