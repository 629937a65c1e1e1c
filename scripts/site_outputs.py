"""Runs the commands that the site's pages show, and keeps what they say and draw.

    python scripts/site_outputs.py tutorial how-to/sweeps      # these pages; without names, all of them
    python scripts/site_outputs.py tutorial --only article     # one output of a page

A page shows a command in a block of ``bash`` or ``python`` and, next, its output as a block that holds only
``--8<-- "NAME.txt"``. This runs a page's blocks down to the last of these in one empty folder, writes the
outputs to ``docs/outputs/NAME.txt``, and copies the figures that the page shows as ``figures/PAGE/NAME.png``
below a command and above the next from what it drew. Blocks marked ``{ .bash .manual }`` are not run.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
COMMAND = re.compile(r"^ *```(?P<kind>bash|python)\n(?P<command>.*?)^ *```\n", re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r'\A\s*(?:.*\n)?\s*```text\n *--8<-- "(?P<name>[\w-]+)\.txt"\n *```')
PROGRAMS = {"bash": ["bash", "-eu"], "python": [sys.executable, "-"]}
PICTURE = re.compile(r"figures/(?P<place>[\w-]+/(?P<name>[\w-]+)\.png)")


@dataclass(frozen=True)
class Shown:
    """A command of a page, the name of its output if that is shown, and the figures shown below it."""

    program: list[str]
    command: str
    output: str | None
    figures: dict[str, str]


def shown(page: str) -> Iterator[Shown]:
    """Yields the commands that a page shows, from top to bottom."""
    blocks = list(COMMAND.finditer(page))
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        below = page[block.end() : following.start() if following else None]
        output = OUTPUT.match(below)
        figures = {found["place"]: found["name"] for found in PICTURE.finditer(below)}
        yield Shown(PROGRAMS[block["kind"]], block["command"], output and output["name"], figures)


def said(shown: Shown, folder: Path) -> str:
    """Runs what a page shows as a person in that folder would, and returns what it says of the result.

    Raises:
        SystemExit: The command fails.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    print(f"\n$ {shown.command.strip()}", flush=True)
    done = subprocess.run(
        shown.program, input=shown.command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"exit code {done.returncode}: {done.stdout}")
    lines = done.stdout.replace(f"{folder}/", "").splitlines()
    return "\n".join(line.rstrip() for line in lines).strip() + "\n"


def keep_figures(figures: dict[str, str], folder: Path) -> None:
    """Copies the newest picture of each name to its place among the site's figures."""
    for place, name in figures.items():
        drawn = sorted(folder.rglob(f"{name}.png"), key=lambda path: path.stat().st_mtime)
        if drawn:
            (DOCS / "figures" / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(drawn[-1], DOCS / "figures" / place)
        else:
            print(f"  no figure {name} was drawn for {place}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="*", help="pages below docs/, without .md")
    parser.add_argument("--only", help="one output of a page; commands without output are run, too")
    parser.add_argument("--folder", type=Path, help="where to run, for a second look at what is there")
    asked = parser.parse_args()
    pages = asked.pages or sorted(str(path.relative_to(DOCS))[:-3] for path in DOCS.rglob("*.md"))
    for name in pages:
        known = list(shown((DOCS / f"{name}.md").read_text()))
        while known and not (known[-1].output or known[-1].figures):
            known.pop()
        if not known:
            continue
        folder = asked.folder or Path(tempfile.mkdtemp(prefix="prh-site-"))
        for one in known:
            if asked.only and one.output not in (None, asked.only):
                continue
            text = said(one, folder)
            if one.output:
                (DOCS / "outputs").mkdir(exist_ok=True)
                (DOCS / "outputs" / f"{one.output}.txt").write_text(text)
            keep_figures(one.figures, folder)
        print(f"{name}: run in {folder}")


if __name__ == "__main__":
    main()
