"""Sums a sweep up on its parent run: a table of all jobs, figures, a report.

    python -m prh.sweep SWEEP

A multirun does this by itself when it ends; by hand it is for one that was killed, or to draw it anew.
"""

import argparse
import sys

from prh.console.terminal import Terminal
from prh.errors import PrhError
from prh.sweep.summing import summarise, sweep_meant

DEFAULT_URI = "sqlite:///mlruns/mlflow.db"


def main() -> None:
    """Sums up one sweep from the command line."""
    parser = argparse.ArgumentParser(prog="prh sweep", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "sweep",
        metavar="SWEEP",
        help="its output folder, or the id of its parent run in MLflow; the beginning is enough",
    )
    parser.add_argument("--uri", default=DEFAULT_URI, help="MLflow tracking URI (%(default)s)")
    asked = parser.parse_args()
    terminal = Terminal()
    try:
        found = summarise(asked.uri, sweep_meant(asked.uri, asked.sweep))
    except PrhError as error:
        terminal.error(str(error))
        sys.exit(2)
    terminal.enumerate(found.claims)
    for name, reason in found.failures.items():
        terminal.say(f"{name} failed: {reason}")
    for line in found.undrawn:
        terminal.warn(line)
    terminal.say(found.said)
    terminal.say(f"Summary  {found.place}")


if __name__ == "__main__":
    main()
