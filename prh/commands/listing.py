"""``prh list``: what can be chosen, and whether it is here, a download or an extra."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from prh.commands.catalogue import Option, catalogue, default_folders
from prh.errors import PrhError
from prh.ground.conf import groups

FIRST = "model", "text", "dataset", "metric"
"""What is listed where nothing is named."""
COLOURS = {"here": "green", "made": "green", "download": "yellow", "extra": "magenta", "name": "cyan"}
STATE = 24
"""Columns that a state takes, so that what an option is starts at one place in all of a group."""
USE = {"model": "model=OPTION, model@reference=OPTION", "experiment": "+experiment=OPTION"}


def main() -> None:
    """Lists the options of some groups."""
    parser = argparse.ArgumentParser(prog="prh list", description=__doc__)
    parser.add_argument(
        "what", nargs="*", help=f"{', '.join(groups())}, or all ({', '.join(FIRST)}); cache_dir=, data_dir="
    )
    parser.add_argument("--config-dir", "-cd", type=Path, help="a folder with groups of your own")
    parser.add_argument("--json", action="store_true", help="for scripts")
    asked = parser.parse_intermixed_args()
    folders = default_folders(dict(word.split("=", 1) for word in asked.what if "=" in word))
    more = [asked.config_dir] if asked.config_dir else []
    named = [word for word in asked.what if "=" not in word]
    found = {group: catalogue(group, folders, more) for group in _groups(named, more)}
    if asked.json:
        print(json.dumps([_plain(option) for options in found.values() for option in options], indent=2))
    else:
        _show(found)


def _groups(named: Sequence[str], more: Sequence[Path]) -> list[str]:
    """Returns the groups that are meant, by one's name or by that of many.

    Raises:
        PrhError: There is none of that name.
    """
    known = groups(*more)
    if "all" in named:
        return known
    meant = {group: group for group in known} | {f"{group}s": group for group in known}
    if unknown := [word for word in named if word not in meant]:
        raise PrhError(f"there is no group {unknown[0]}; prh list all, or one of {', '.join(known)}")
    return list(dict.fromkeys(meant[word] for word in named)) or list(FIRST)


def _plain(option: Option) -> dict[str, object]:
    about = {"group": option.group, "option": option.name, "about": option.about}
    return about | asdict(option.state)


def _show(found: dict[str, list[Option]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    for group, options in found.items():
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(min_width=STATE, max_width=STATE)
        table.add_column()
        for option in options:
            colour = COLOURS[option.state.kind]
            said = f"[{colour}]{escape(option.state.said)}[/]"
            table.add_row(f"[bold]{escape(option.name)}[/]", said, escape(option.about))
        console.print(f"\n[bold cyan]{group}[/]  [dim]{escape(USE.get(group, f'{group}=OPTION'))}[/]")
        console.print(table)
    console.print(f"\n[dim]{_summary([option for options in found.values() for option in options])}[/]")


def _summary(options: Sequence[Option]) -> str:
    """Returns how many of the options need nothing, and what the others need."""
    kinds = Counter[str](option.state.kind for option in options)
    words = {
        "here": "here",
        "made": "made here on first use",
        "download": "to be downloaded",
        "extra": "in need of a package",
        "name": "of your own",
    }
    counted = ", ".join(f"{kinds[kind]} {said}" for kind, said in words.items() if kinds[kind])
    unsized = any(option.state.kind == "download" and option.state.megabytes is None for option in options)
    return counted + ("; a run says how large before it downloads" if unsized else "")
