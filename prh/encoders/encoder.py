"""What all encoders have, whatever they sense."""

from __future__ import annotations

from typing import Any, Literal, Protocol

Sense = Literal["images", "signals", "words"]
"""What of a stimulus an encoder takes in."""


class Encoder(Protocol):
    """An encoder whose weights are at hand. One may also have a ``sense``; one that has none reads words."""

    @property
    def label(self) -> str:
        """What tables and figures call it."""

    @property
    def source(self) -> str:
        """Where its weights came from, for the record."""

    @property
    def sha256(self) -> str:
        """Of the weights."""

    @property
    def fingerprint(self) -> str:
        """Identifies all that its features depend on but stimuli, layer and pooling."""


def sense_of(encoder: Any) -> Sense:
    """Returns what an encoder takes in."""
    sense: Sense = getattr(encoder, "sense", "words")
    return sense


def substitute_of(encoder: Any) -> str:
    """Returns what an encoder is in place of what could not be had; empty where it is what was asked for."""
    return str(getattr(encoder, "substitute", ""))
