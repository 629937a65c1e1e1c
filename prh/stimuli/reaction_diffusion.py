"""Patterns that no human drew: a reaction–diffusion system, as a picture and as a probe's recording."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.ground.files import identity
from prh.ground.kept import KeptFiles
from prh.ground.progress import Reporter
from prh.ground.values import SETTINGS, Count, Seed
from prh.stimuli.stimulus_set import StimulusSet, no_training_data, require_enough

Rate = Annotated[float, Field(gt=0, lt=0.2)]
EVERY = 10
"""Steps between two looks of the probe."""
BRIGHTEST = 0.5
"""Concentration that is drawn white; it is hardly ever reached."""
FLAT = 0.01
"""A field whose concentrations spread less than this has no pattern."""
GROUPS = 5
BATCH = 32
MOST_NUMBERS = 1 << 28
"""Cells of all fields, or looks of all probes: a gigabyte of each."""


@dataclass(frozen=True, config=SETTINGS)
class ReactionDiffusion:
    """Gray–Scott patterns over a grid of feed and kill rates; those that die out or level off are left out.

    The picture is the second substance at the end; the signal is what a probe in the middle saw of it on
    the way; the caption is the two rates, all there is to say.

    Attributes:
        feed: Lowest and highest feed rate.
        kill: Lowest and highest kill rate.
        grid: Rates between them, on each axis.
        size: Cells, and pixels, of a side.
        steps: How long it goes on.
        simulation_seed: Of the drops that it starts from.
        n: How many patterns; None for all.
    """

    feed: tuple[Rate, Rate] = (0.01, 0.07)
    kill: tuple[Rate, Rate] = (0.045, 0.067)
    grid: Annotated[int, Field(ge=2, le=500)] = 40
    size: Annotated[int, Field(ge=16, le=1024)] = 64
    steps: Annotated[int, Field(ge=100, le=1_000_000)] = 5000
    simulation_seed: Seed = 0
    n: Count | None = None

    @field_validator("feed", "kill")
    @classmethod
    def _ascending(cls, rates: tuple[float, float]) -> tuple[float, float]:
        if rates[0] >= rates[1]:
            raise ValueError(f"[{rates[0]},{rates[1]}] needs the lower rate first")
        return rates

    @field_validator("size", "steps")
    @classmethod
    def _fits_memory(cls, value: int, info: ValidationInfo) -> int:
        each = value**2 if info.field_name == "size" else value // EVERY
        fields = info.data.get("grid", 0) ** 2
        if fields * each > MOST_NUMBERS:
            raise ValueError(f"{value} is too much for the {fields} fields of grid; use less of either")
        return value

    @property
    def key(self) -> str:
        """Identifies all that the patterns depend on."""
        return identity(self.feed, self.kill, self.grid, self.size, self.steps, self.simulation_seed)

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample, simulating once what was never simulated.

        Raises:
            ConfigError: There are fewer patterns than ``n``, or none at all; or they cannot be kept.
        """
        files = KeptFiles(data_dir / "reaction_diffusion", ".npz", "data_dir", report)
        file = files.read_or_make(self.key, lambda: self._simulated(report))
        with np.load(BytesIO(file.content)) as kept:
            images, signals, rates = kept["images"], kept["signals"], kept["rates"]
        if not len(images):
            raise ConfigError("dataset.feed", "no pattern forms at these rates", "Widen feed or kill")
        labels, names = self._groups(rates[:, 0])
        full = StimulusSet(
            name="reaction_diffusion",
            images=images,
            labels=labels,
            class_names=names,
            ids=np.arange(len(images)),
            fingerprint=f"reaction_diffusion-{self.key}",
            source=f"simulated, seed {self.simulation_seed}",
            captions=tuple(f"feed rate {feed:.4f}, kill rate {kill:.4f}" for feed, kill in rates),
            signals=signals,
        )
        require_enough(self.n, full)
        return full.sample(self.n or len(full), seed)

    training_data = held_out_data = no_training_data

    def _simulated(self, report: Reporter) -> bytes:
        from prh.stimuli.gray_scott import initial, run

        axes = np.linspace(*self.feed, self.grid), np.linspace(*self.kill, self.grid)
        rates = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float32)
        u, v = initial(len(rates), self.size, self.simulation_seed)
        spread = np.float32(0.16), np.float32(0.08)
        recorded = []
        with report.progress("Simulating reaction and diffusion", len(rates), "fields") as advance:
            for at in (slice(start, start + BATCH) for start in range(0, len(rates), BATCH)):
                feed, kill = rates[at].T.copy()
                recorded.append(run(u[at], v[at], feed, kill, *spread, self.steps, EVERY))
                advance(len(feed))
        alive = v.std(axis=(1, 2)) > FLAT
        pixels = (v[alive] * (255 / BRIGHTEST)).clip(0, 255).round().astype(np.uint8)
        signals = np.concatenate(recorded)[alive]
        stream = BytesIO()
        np.savez_compressed(stream, images=pixels[:, None], signals=signals, rates=rates[alive])
        return stream.getvalue()

    def _groups(self, feed: NDArray[np.float32]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        edges = np.linspace(*self.feed, GROUPS + 1)
        labels = np.digitize(feed, edges[1:-1]).astype(np.int64)
        present = np.unique(labels)
        names = tuple(f"feed {edges[group]:.3f}–{edges[group + 1]:.3f}" for group in present)
        return np.searchsorted(present, labels), names
