"""What a page says of a study beside its claims: its title, the networks it was judged on, its figures."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

FILE = "study.json"


@dataclass(frozen=True)
class Told:
    """A study as a run tells of it.

    Attributes:
        title: The study's.
        link: Where it is to be read, or found.
        networks: What was really used, by role.
        figures: Our name of each figure by the study's, in its order.
    """

    title: str
    link: str
    networks: dict[str, str]
    figures: dict[str, str]

    def write(self, folder: Path) -> None:
        """Writes ``study.json``."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Returns what a run has written; None where it wrote nothing, or broke off."""
        try:
            return cls(**json.loads((folder / FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
