"""A run as it was recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from prh.tracking.finding import SHORT

SWEPT = "sweep."
"""What the tags begin with that say what a job of a sweep was given."""


ROLES = ("model", "reference", "text")
"""The encoders that every run may have; others go by names of their own."""


@dataclass(frozen=True)
class Recorded:
    """What is known of one run, as it was recorded.

    Attributes:
        run_id: In MLflow.
        name: What MLflow calls it.
        status: FINISHED, FAILED, KILLED or RUNNING.
        params: Every config value by its key.
        tags: Facts that are words.
        metrics: Numbers.
        folder: Its files.
        jobs: Of a sweep's parent, those that finished.
        among: Whether it is told of together with the other jobs of a sweep.
        lacking: The keys that texts asked for and that are not recorded.
    """

    run_id: str
    name: str
    status: str
    params: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, float]
    folder: Path
    jobs: tuple[Recorded, ...] = ()
    among: bool = False
    lacking: set[str] = field(default_factory=set)

    @property
    def short_id(self) -> str:
        """The first characters of the run's id."""
        return self.run_id[:SHORT]

    @property
    def files(self) -> Path:
        """Where figures and tables lie: of a sweep, its summary."""
        return self.folder / "summary" if self.jobs else self.folder

    @property
    def metric(self) -> str:
        """What the metric is called in the run's name, where it comes after the two networks."""
        parts = [part for part in self.name.split(" · ") if not re.fullmatch(r"[\w.]+=\S*", part)]
        return parts[2] if len(parts) > 2 and not self.jobs else ""

    @property
    def swept(self) -> list[str]:
        """The keys that tell a sweep's jobs apart."""
        keys = [key for key in self.tags.get("prh.swept", "").split(",") if key]
        return [key for key in keys if len({job.tags.get(f"{SWEPT}{key}") for job in self.jobs}) > 1]

    def value(self, key: str) -> str | None:
        """Returns a config value; None where it is null, or not recorded, which is remembered."""
        if key not in self.params:
            self.lacking.add(key)
        return None if (found := self.params.get(key)) in (None, "None") else found

    def tag(self, key: str) -> str | None:
        """Returns a fact; None where it is not recorded, which is remembered."""
        if key not in self.tags:
            self.lacking.add(key)
        return self.tags.get(key)

    def seed(self, key: str) -> str:
        """Returns a seed in words, empty if unknown; one that a job was given is told with what was swept."""
        value = self.value(key)
        own = self.among and value is not None and value == self.tags.get(f"{SWEPT}seed")
        return "the run's seed" if own else "" if value is None else f"seed {value}"

    def kind(self, key: str) -> str:
        """Returns the class that the option of a group named, without its module; empty if unknown."""
        return (self.value(f"{key}._target_") or "").rpartition(".")[2]

    def of(self, role: str, key: str = "") -> str:
        """Returns the key of an encoder's node, or one in it; those beside the three stand under ``also``."""
        node = role if role in ROLES else f"also.{role}"
        return f"{node}.{key}" if key else node

    @property
    def roles(self) -> list[str]:
        """The config keys of the run's encoders."""
        also = [found[1] for key in self.params if (found := re.fullmatch(r"also\.(\w+)\._target_", key))]
        return [role for role in ROLES if f"{role}._target_" in self.params] + also
