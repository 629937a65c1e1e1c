"""One self-contained HTML page for a run or a sweep: what came out, pictures, tables, nothing to load."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

from prh.report.pictures import figures
from prh.report.tables import table
from prh.report.terms import Glossary


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
        alternatives: Caption to what the picture shows, in words, for whoever cannot see it.
        remarks: What is said after the table, a sentence each.
        body: HTML of one's own, before the figures.
        folded: Whether it is closed until it is asked for.
        link: What can be read elsewhere, and its address.
    """

    title: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    figures: Mapping[str, Path] | None = None
    text: str = ""
    alternatives: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    body: str = ""
    folded: bool = False
    link: tuple[str, str] | None = None


def html(
    title: str,
    lead: str,
    sections: Sequence[Section],
    answer: Sequence[str] = (),
    made: Mapping[str, str] | None = None,
    data: str = "",
) -> str:
    """Returns the page.

    Args:
        title: Its heading.
        lead: A line below it.
        sections: In their order.
        answer: What was asked, and what came out, a sentence each.
        made: What it was made with, by its name: the command, the version and the like.
        data: HTML that sections share, such as the pictures that they show in parts.
    """
    glossary = Glossary()
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in answer)
    first = f'<div class="answer">{said}{glossary.explained(answer)}</div>' if answer else ""
    below = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    names = _names(sections)
    body = "\n".join(_section(one, name, glossary) for name, one in zip(names, sections, strict=True))
    links = "".join(
        f'<li><a href="#{name}">{escape(one.title)}</a></li>'
        for name, one in zip(names, sections, strict=True)
    )
    contents = f'<nav aria-label="Contents"><ul>{links}</ul></nav>' if len(sections) > 2 else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title>'
        f"<style>{_part('style.css')}</style></head><body>"
        f'<a class="skip" href="#results">Skip to the results</a>'
        f"<header><h1>{escape(title)}</h1>{first}{below}{_made(made)}</header>"
        f'{contents}<main id="results" tabindex="-1">{body}</main>'
        f"{data}<script>{_part('script.js')}</script></body></html>\n"
    )


def _section(section: Section, name: str, glossary: Glossary) -> str:
    parts = [f"<p>{escape(section.text)}</p>"] if section.text else []
    if section.link:
        words, address = map(escape, section.link)
        parts.append(f'<p><a href="{address}">{words}</a></p>')
    parts += [section.body] if section.body else []
    parts += [figures(section.figures, section.alternatives)] if section.figures else []
    parts += [table(section.title, section.columns, section.rows)] if section.rows else []
    if section.remarks:
        remarks = "".join(f"<li>{escape(remark)}</li>" for remark in section.remarks)
        parts.append(f'<ul class="remarks">{remarks}</ul>')
    parts.append(glossary.explained(_words(section)))
    inside = "\n".join(filter(None, parts))
    if section.folded:
        closed = f"Show {section.title[0].lower()}{section.title[1:]}"
        inside = f"<details><summary>{escape(closed)}</summary>{inside}</details>"
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(section.title)}</h2>{inside}</section>'


def _words(section: Section) -> list[str]:
    """Returns all that a reader of the section meets, but for the numbers."""
    firsts = [str(row[0]) for row in section.rows if row]
    return [
        *(section.title, section.text, *section.columns, *firsts),
        *(*section.remarks, *(section.figures or {}), *section.alternatives.values()),
    ]


def _names(sections: Sequence[Section]) -> list[str]:
    """Returns a name for each section that links can have, none twice."""
    words = (re.sub(r"[^a-z0-9]+", "-", one.title.lower()).strip("-") for one in sections)
    return [f"s{place}-{word}".rstrip("-") for place, word in enumerate(words, 1)]


def _made(made: Mapping[str, str] | None) -> str:
    facts = (
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in (made or {}).items()
    )
    return f'<dl class="facts">{"".join(facts)}</dl>' if made else ""


@cache
def _part(name: str) -> str:
    """Returns a file that lies beside this module."""
    return (files(__package__) / name).read_text(encoding="utf-8")
