"""Tab completion: Hydra's for the keys of a run, the table of commands for the rest."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from prh.commands.table import COMMANDS, RUN
from prh.errors import PrhError

LINE = "COMP_LINE"
"""The environment variable by which a shell says what was typed so far."""
PROGRAM = "prh"


def completed(arguments: Sequence[str]) -> bool:
    """Answers a shell's question for words that are no run's; returns whether that was all.

    Args:
        arguments: Hydra's: ``-sc query=bash``.
    """
    words = os.environ.get(LINE, "").split()
    fresh = os.environ.get(LINE, " ").endswith(" ")
    if not any(argument.startswith("query=") for argument in arguments):
        return False
    typed = words[1:] if fresh else words[1:-1]
    if typed and typed[0] in COMMANDS and typed[0] != RUN:
        print("\n".join(COMMANDS[typed[0]].words))
        return True
    if typed and typed[0] == RUN:
        os.environ[LINE] = " ".join([PROGRAM, *words[2:], *([""] if fresh else [])])
    elif not typed:
        start = "" if fresh else words[-1]
        print("\n".join(name for name in COMMANDS if name.startswith(start)))
    return False


def install(asked: Sequence[str]) -> None:
    """Writes the script that a shell completes ``prh`` with, and says how it is read.

    Args:
        asked: The name of a shell, or nothing, for the shell that runs.

    Raises:
        PrhError: There is none for that shell.
    """
    shell = asked[0] if asked else Path(os.environ.get("SHELL", "")).name
    if shell not in PLACES:
        raise PrhError(
            f"no completion for {shell or 'a shell without name'}; name one of {', '.join(PLACES)}"
        )
    folder, remark = PLACES[shell]
    path = Path(os.environ.get(*folder[0])).expanduser() / folder[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script(shell))
    print(f"Written: {path}\n{remark.format(path=path)}")


def script(shell: str) -> str:
    """Returns Hydra's script for a shell."""
    written, before = io.StringIO(), sys.argv
    sys.argv = [PROGRAM, "-sc", f"install={'fish' if shell == 'fish' else 'bash'}"]
    module, _, function = COMMANDS[RUN].target.partition(":")
    try:
        with contextlib.redirect_stdout(written):
            getattr(importlib.import_module(module), function)()
    finally:
        sys.argv = before
    return written.getvalue()


Folder = tuple[tuple[str, str], str]
DATA: tuple[str, str] = ("XDG_DATA_HOME", "~/.local/share")
PLACES: dict[str, tuple[Folder, str]] = {
    "bash": (
        (DATA, "bash-completion/completions/prh"),
        "New shells read it where bash-completion is installed; elsewhere add to ~/.bashrc: source {path}",
    ),
    "zsh": (
        (DATA, "prh/completion.zsh"),
        "Add to ~/.zshrc: autoload -U +X bashcompinit && bashcompinit && source {path}",
    ),
    "fish": ((("XDG_CONFIG_HOME", "~/.config"), "fish/completions/prh.fish"), "New shells read it."),
}
"""Where each shell looks for it, and what is to be done beside."""
