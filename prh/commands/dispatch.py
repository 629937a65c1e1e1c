"""Finds the subcommand that is meant, and calls it; imports nothing else."""

import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from prh import __version__
from prh.commands.table import COMMANDS, EXAMPLES, RUN

INSTALL = "--install-completion"
HELP = "help", "-h"
FLAGS = "-+~"
"""What an override or a flag may begin with, and no word."""


def main() -> None:
    """Runs ``prh``: a subcommand, or a run where none is named."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal cannot show is no reason to end
    word, *rest = sys.argv[1:] or [""]
    if word in HELP and rest and rest[0] in COMMANDS:
        word, rest = rest[0], ["--help"]
    if word in HELP:
        _guarded(lambda: print(teaching()), [])
    elif word == "--version":
        print(f"prh {__version__}")
    elif word == INSTALL:
        _guarded(_install, rest)
    elif word == RUN or not _is_word(word) or _completing():
        _run(rest if word == RUN else sys.argv[1:])
    elif word in COMMANDS:
        _guarded(_target(word), rest)
    else:
        _refuse(word)


def teaching() -> str:
    """Returns what ``prh help`` prints: the subcommands, a line each, and examples."""
    commands = [f"  prh {name:<9} {command.said}" for name, command in COMMANDS.items()]
    wide = max(map(len, EXAMPLES))
    examples = [f"  {line:<{wide}}  {said}" for line, said in EXAMPLES.items()]
    lines = [
        "prh: do independently trained networks organise the same stimuli in the same way?",
        "",
        "Usage: prh [COMMAND] [GROUP=OPTION ...] [KEY=VALUE ...]",
        "",
        *commands,
        "",
        *examples,
        "",
        "prh --help            groups, options and keys of a run",
        "prh help COMMAND      more on one of these",
        f"prh {INSTALL}  tab completion for bash, zsh or fish",
        "prh --version",
    ]
    return "\n".join(lines)


def _is_word(word: str) -> bool:
    """Returns whether this can be no override and no flag."""
    return bool(word) and "=" not in word and word[0] not in FLAGS


def _refuse(word: str) -> None:
    from prh.console.terminal import Terminal

    close = get_close_matches(word, COMMANDS, 1)
    meant = f"; did you mean {close[0]}?" if close else ""
    Terminal().error(f"no command {word}{meant or '.'} prh help lists them; KEY=VALUE changes a run")
    sys.exit(2)


def _completing() -> bool:
    """Returns whether a shell asks, by Hydra's flag, how a line may go on."""
    return "-sc" in sys.argv[1:3] or "--shell-completion" in sys.argv[1:3]


def _run(arguments: Sequence[str]) -> None:
    if _completing():
        from prh.commands.completion import completed

        if completed(arguments):
            return
    sys.argv[1:] = arguments
    _target(RUN)()


def _install() -> None:
    from prh.commands.completion import install

    install(sys.argv[1:])


def _target(name: str) -> Callable[[], int | None]:
    module, _, function = COMMANDS[name].target.partition(":")
    found: Callable[[], int | None] = getattr(importlib.import_module(module), function)
    return found


def _guarded(command: Callable[[], int | None], arguments: Sequence[str]) -> None:
    """Calls a subcommand; what it returns is the exit code, and what the user can mend is one line and 2."""
    from prh.errors import PrhError

    sys.argv[1:] = arguments
    try:
        code = command()
        sys.stdout.flush()
    except PrhError as error:
        from prh.console.terminal import Terminal

        Terminal().error(str(error))
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read the output, such as head, has seen enough; Python's own last flush would fail too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    if code:
        sys.exit(code)
