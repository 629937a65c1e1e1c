"""Tables of a page: rows that sort, a first column that stays in sight, numbers to the digits that matter."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from prh.ground.numbers import short
from prh.report.strip import Strip

LONG = 32
"""Words of more characters are broken into lines in a table."""
FEWEST = 5
"""Rows that are worth sorting."""
RIGHT = ' class="number"'


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Returns a table in a box that scrolls by itself, and can be scrolled by keyboard.

    Args:
        title: What it shows, for whoever cannot see what stands above it.
        columns: Their names.
        rows: Strings, numbers, None, or lists of small pictures.
    """
    of_numbers = [all(map(_is_number, values)) for values in zip(*rows, strict=True)]
    head = "".join(
        f'<th scope="col"{RIGHT if right else ""}>{escape(column)}</th>'
        for column, right in zip(columns, of_numbers, strict=True)
    )
    body = "".join(f"<tr>{_first(row)}{''.join(map(_cell, row[1:]))}</tr>" for row in rows)
    sorts = ' class="sorts"' if len(rows) >= FEWEST else ""
    named = escape(f"Table: {title}", quote=True)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{named}"><table{sorts}>'
        f'<caption class="unseen">{escape(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int | float)


def _first(row: Sequence[object]) -> str:
    """Returns the cell that names its row."""
    return _cell(row[0] if row else "", "th", ' scope="row"')


def _cell(value: object, kind: str = "td", more: str = "") -> str:
    if isinstance(value, list):
        return f"<{kind}{more}>{''.join(part.svg() for part in value if isinstance(part, Strip))}</{kind}>"
    if value is None or value != value:
        return f'<{kind}{more}{RIGHT} data-value="">–</{kind}>'
    if isinstance(value, float):
        return f'<{kind}{more}{RIGHT} data-value="{value!r}">{short(value)}</{kind}>'
    if isinstance(value, int):
        return f"<{kind}{more}{RIGHT}>{value}</{kind}>"
    text = escape(str(value))
    long = ' class="long"' if len(text) > LONG else ""
    return f"<{kind}{more}{long}>{text}</{kind}>"
