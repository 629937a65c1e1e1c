"""A small picture of the numbers behind a verdict, as wide as a cell of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from prh.study import Part

HEIGHT, STEP, MARGIN = 44, 9, 6
"""Of a picture, and from one number to the next, in pixels."""


@dataclass(frozen=True)
class Strip:
    """Numbers with their intervals side by side, a dashed line at 0.

    Attributes:
        label: What tells it from others in the same cell.
        parts: The numbers, e.g. one per layer.
    """

    label: str
    parts: Sequence[Part]

    def words(self) -> str:
        """Returns what a person hears who does not see it."""
        least = min(self.parts, key=lambda part: part.value)
        most = max(self.parts, key=lambda part: part.value)
        if len(self.parts) == 1:
            return str(least)
        return f"{len(self.parts)} numbers with intervals, from {least} to {most}"

    def svg(self) -> str:
        """Returns it as an element of a page; each number says under the pointer what it is."""
        ends = [end for part in self.parts for end in (part.low, part.high)]
        low, high = min(0.0, *ends), max(0.0, *ends)
        scale = (HEIGHT - 2 * MARGIN) / ((high - low) or 1.0)
        width = STEP * len(self.parts) + 2 * MARGIN

        def y(value: float) -> float:
            return round(MARGIN + (high - value) * scale, 1)

        marks = [
            f'<g class="{_side(part)}"><title>{escape(str(part))}</title>'
            f'<line x1="{x}" x2="{x}" y1="{y(part.high)}" y2="{y(part.low)}"/>'
            f'<circle cx="{x}" cy="{y(part.value)}" r="2.5"/></g>'
            for x, part in ((MARGIN + STEP * (i + 0.5), part) for i, part in enumerate(self.parts))
        ]
        zero = f'<line class="zero" x1="0" x2="{width}" y1="{y(0)}" y2="{y(0)}"/>'
        label = f"<span>{escape(self.label)}</span>" if self.label else ""
        return (
            f'<div class="strip">{label}<svg role="img" aria-label="{escape(self.words())}" width="{width}" '
            f'height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}">{zero}{"".join(marks)}</svg></div>'
        )


def _side(part: Part) -> str:
    """Returns where a number lies for sure."""
    return "above" if part.low > 0 else "below" if part.high < 0 else "either"
