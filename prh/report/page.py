"""One self-contained HTML page for a run or a sweep: tables that sort, figures inside, nothing to load."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from prh.report.strip import Strip

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #3f90da; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin-top: 2.2rem }
p.lead { color: GrayText; margin-top: 0 } h1, p.lead { overflow-wrap: anywhere }
div.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .85rem }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap }
th { cursor: pointer; position: sticky; top: 0; background: Canvas } th:hover { color: var(--accent) }
th[data-order=up]::after { content: " ▲" } th[data-order=down]::after { content: " ▼" }
tr:hover td { background: var(--soft) } td.number { text-align: right }
td.long { white-space: normal; min-width: 11rem }
figure { margin: 1rem 0 } figcaption { color: GrayText; font-size: .85rem }
.strip { display: inline-block; margin-right: .8rem } .strip span { display: block; font-size: .75rem }
.strip line, .strip circle { stroke: var(--accent); fill: var(--accent); stroke-width: 1.5 }
.strip .below line, .strip .below circle { stroke: #bd1f01; fill: #bd1f01 }
.strip .either circle { fill: Canvas } .strip .zero { stroke: #8886; stroke-dasharray: 3 3; stroke-width: 1 }
img { max-width: 100%; background: white; border-radius: 4px; padding: 4px; box-sizing: border-box }
"""
LONG = 32
"""Words of more characters are broken into lines in a table."""
SORT = """
for (const head of document.querySelectorAll("th")) head.onclick = () => {
  const table = head.closest("table"), column = [...head.parentNode.children].indexOf(head);
  const up = head.dataset.order !== "up";
  for (const other of head.parentNode.children) delete other.dataset.order;
  head.dataset.order = up ? "up" : "down";
  const key = row => row.children[column].dataset.value ?? row.children[column].textContent;
  const rows = [...table.tBodies[0].rows].sort((a, b) => {
    const [x, y] = [key(a), key(b)], [m, n] = [Number(x), Number(y)];
    const order = x !== "" && y !== "" && !isNaN(m) && !isNaN(n) ? m - n : x.localeCompare(y);
    return up ? order : -order;
  });
  table.tBodies[0].append(...rows);
};
"""


@dataclass(frozen=True)
class Section:
    """A heading with a table, figures, or both.

    Attributes:
        title: The heading.
        columns: Of the table.
        rows: Strings, numbers or None; numbers are shown to three digits, small ones to one, and sort
            by their full value.
        figures: Caption to PNG file.
        text: A paragraph before both.
        link: What can be read elsewhere, and its address.
    """

    title: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    figures: Mapping[str, Path] | None = None
    text: str = ""
    link: tuple[str, str] | None = None


def html(title: str, lead: str, sections: Sequence[Section]) -> str:
    """Returns the page."""
    body = "\n".join(map(_section, sections))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f'<p class="lead">{escape(lead)}</p>{body}<script>{SORT}</script></body></html>\n'
    )


def _section(section: Section) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>"]
    if section.text:
        parts.append(f"<p>{escape(section.text)}</p>")
    if section.link:
        words, address = map(escape, section.link)
        parts.append(f'<p><a href="{address}">{words}</a></p>')
    if section.rows:
        head = "".join(f"<th>{escape(column)}</th>" for column in section.columns)
        rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in section.rows)
        parts.append(
            f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        )
    for caption, path in (section.figures or {}).items():
        image = base64.b64encode(path.read_bytes()).decode()
        parts.append(
            f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,{image}">'
            f"<figcaption>{escape(caption)}</figcaption></figure>"
        )
    return "\n".join(parts)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return f"<td>{''.join(part.svg() for part in value if isinstance(part, Strip))}</td>"
    if value is None or value != value:
        return '<td data-value="">–</td>'
    if isinstance(value, float):
        text = f"{value:.3f}" if not 0 < abs(value) < 0.001 else f"{value:.1g}"
        return f'<td class="number" data-value="{value!r}">{text}</td>'
    if isinstance(value, int):
        return f'<td class="number">{value}</td>'
    text = escape(str(value))
    return f"<td>{text}</td>" if len(text) <= LONG else f'<td class="long">{text}</td>'
