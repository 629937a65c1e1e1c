"""The subcommands of ``prh`` as data: to add one is to add a line."""

from typing import NamedTuple


class Command(NamedTuple):
    """A word after ``prh``.

    Attributes:
        target: ``module:function`` that is called with what follows the word in ``sys.argv``.
        said: What it does, in a line.
        words: What may follow, for tab completion; a run's own are Hydra's to complete.
    """

    target: str
    said: str
    words: tuple[str, ...] = ()


RUN = "run"
"""What is meant where no subcommand is named."""
COMMANDS = {
    RUN: Command("prh.run:main", "a run, or a sweep with -m; --dry-run says what it would do"),
    "list": Command(
        "prh.commands.listing:main",
        "what can be chosen, and whether it is here, a download or an extra",
        ("models", "texts", "datasets", "metrics", "prompts", "layers", "experiments", "all", "--json"),
    ),
    "doctor": Command("prh.commands.doctor:main", "whether this machine has what runs need", ("--json",)),
    "ui": Command(
        "prh.ui.server:main", "browse recorded runs", ("--uri", "--experiment", "--port", "--no-browser")
    ),
    "compare": Command(
        "prh.compare.command:main", "how recorded runs differ: RUN RUN", ("--uri", "--output")
    ),
    "export": Command(
        "prh.export.command:main",
        "a recorded run as a folder for a paper: RUN",
        ("--to", "--folder", "--uri", "--force"),
    ),
    "sweep": Command("prh.sweep.__main__:main", "sum up a sweep that was killed", ("--uri",)),
    "extract": Command("prh.extract:main", "features alone, on many devices and machines"),
    "upload": Command("prh.tracking.upload:main", "send what MLflow missed of a run"),
}
EXAMPLES = {
    "prh": "the default run, three minutes the first time",
    "prh model=resnet18 metric=cosine": "another model, another metric",
    "prh run --dry-run dataset=openmoji": "what that would compute, from where and how long",
}
