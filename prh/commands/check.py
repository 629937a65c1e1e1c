"""One thing that is looked at by ``prh doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from prh.ground.downloads import INSTEAD

Verdict = Literal["good", "told", "bad"]
"""``told`` is what a run can do without, such as a network or an extra."""
WITHOUT_NETWORK = f"what is here is used; {INSTEAD} and text=minilm need no download"


@dataclass(frozen=True)
class Check:
    """What was found.

    Attributes:
        topic: What it belongs to.
        name: What was looked at.
        said: What was found, in words.
        verdict: Whether a run can do with it.
        remedy: What to do, where something is wrong or lacking.
    """

    topic: str
    name: str
    said: str
    verdict: Verdict = "good"
    remedy: str = ""
