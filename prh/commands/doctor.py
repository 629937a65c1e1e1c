"""``prh doctor``: whether this machine has what runs need, and what to do where it has not."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain, groupby

from prh.commands.catalogue import default_folders
from prh.commands.check import Check
from prh.commands.machine_checks import extras, machine, software, terminal
from prh.commands.place_checks import cache, database, network
from prh.tracking.address import DEFAULT

MARKS = {"good": ("✓", "ok", "green"), "told": ("–", "--", "yellow"), "bad": ("✗", "!!", "red")}
"""Of each verdict: its mark, the same in ASCII, its colour."""


def main() -> None:
    """Looks at everything; exits with 1 where something is broken that a run needs."""
    parser = argparse.ArgumentParser(prog="prh doctor", description=__doc__)
    parser.add_argument("keys", nargs="*", metavar="KEY=VALUE", help="cache_dir, data_dir or tracking.uri")
    parser.add_argument("--json", action="store_true", help="for scripts")
    asked = parser.parse_intermixed_args()
    found = list(checks(dict(word.split("=", 1) for word in asked.keys if "=" in word)))
    if asked.json:
        print(json.dumps([asdict(check) for check in found], indent=2))
    else:
        _show(found)
    sys.exit(any(check.verdict == "bad" for check in found))


def checks(keys: dict[str, str]) -> Iterator[Check]:
    """Yields all that is looked at.

    Args:
        keys: Config keys that say where things are.
    """
    folders = default_folders(keys)
    uri = keys.get("tracking.uri", DEFAULT)
    return chain(software(), machine(), cache(folders), database(uri), network(), extras(), terminal())


def _show(found: list[Check]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    plain = not (console.encoding or "").lower().startswith("utf")
    width = max(len(check.name) for check in found)
    for topic, checks_of in groupby(found, lambda check: check.topic):
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, min_width=width)
        table.add_column(overflow="fold")
        for check in checks_of:
            mark, ascii_mark, colour = MARKS[check.verdict]
            remedy = f"\n[dim]→ {escape(check.remedy)}[/]" if check.remedy else ""
            remedy = remedy.replace("→", "->") if plain else remedy
            shown = f"[{colour}]{ascii_mark if plain else mark}[/]"
            table.add_row(shown, escape(check.name), f"{escape(check.said)}{remedy}")
        console.print(f"\n[bold cyan]{topic}[/]")
        console.print(table)
    broken = sum(check.verdict == "bad" for check in found)
    fine = "Everything that a run needs is here."
    fault = f"{broken} of these {'keeps' if broken == 1 else 'keep'} runs from working."
    console.print(f"\n{f'[bold red]{fault}[/]' if broken else fine}")
