"""Writes a recorded run as a folder for a paper: figures, tables, methods, citations and the command.

prh export 3f2a91c0                                # a run of MLflow's, by the beginning of its id
prh export outputs/2026-01-31/12-00-00 --folder ~/paper/results
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from prh.console.terminal import Terminal
from prh.errors import PrhError
from prh.ground.files import refused_by_disk
from prh.tracking.address import DEFAULT

KINDS = ("paper",)
"""What a run can be exported to."""


def main(argv: Sequence[str] | None = None) -> None:
    """Exports one run from the command line; what the user can mend is one line and exit code 2."""
    parser = argparse.ArgumentParser(
        prog="prh export",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "run", metavar="RUN", help="a run's id, its beginning is enough, or its output folder; a sweep's too"
    )
    parser.add_argument(
        "--to", default="paper", metavar="KIND", help="paper, the only kind so far (%(default)s)"
    )
    parser.add_argument(
        "--folder", type=Path, help="where to write (paper/ and the beginning of the run's id)"
    )
    parser.add_argument("--uri", default=DEFAULT, help="MLflow tracking URI, for ids (%(default)s)")
    parser.add_argument("--force", action="store_true", help="write over what is in the folder")
    asked = parser.parse_args(argv)
    terminal = Terminal()
    try:
        with refused_by_disk("--folder"):
            _export(asked, terminal)
    except PrhError as error:
        terminal.error(str(error))
        sys.exit(2)


def _export(asked: argparse.Namespace, terminal: Terminal) -> None:
    from prh.export.reading import recorded

    if asked.to not in KINDS:
        raise PrhError(
            f"--to: there is no kind {asked.to!r}. --to paper is the only one; "
            f"where to write is --folder {asked.to}"
        )
    with tempfile.TemporaryDirectory() as scratch:
        run = recorded(asked.run, asked.uri, Path(scratch))
        folder: Path = (asked.folder or Path("paper") / run.short_id).expanduser()
        _prepare(folder, asked.force)
        from prh.export.paper import write_paper

        with terminal.progress("Exporting", 0, ""):
            notes = write_paper(run, folder)
    for note in notes:
        terminal.warn(note)
    terminal.say(f"Exported {run.name}")
    terminal.say(f"Folder   {folder}, README.txt says what is in it")


def _prepare(folder: Path, force: bool) -> None:
    """Makes the folder, unless it holds something that would be written over unasked.

    Raises:
        PrhError: It does, or is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise PrhError(f"--folder: {folder} is a file; name a folder")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise PrhError(
            f"--folder: {folder} is not empty; name another with --folder, or write over it with --force"
        )
    folder.mkdir(parents=True, exist_ok=True)
