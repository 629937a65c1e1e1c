"""What runs were asked, where they differ: config keys, sources of weights, versions of the code."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from prh.compare.recorded import Recorded
from prh.tracking.runs import IDLE, conditions, tidy

FACTS = ("data", "data.n", "device", "precision", "weights.", "substitute.")
"""What the beginnings of tags say that are as good as config: where things really came from."""
CODE = ("version.", "mlflow.source.git.commit", "git.dirty")
TOLD_BY = ("dataset", "model", "reference", "text", "metric", "n", "seed", "prompt", "layers")
"""What is said of a run before all else."""
LONGEST = 60
MOST = 3
"""Keys in a label."""


def letter(place: int) -> str:
    """Returns what a run is called for short."""
    return ascii_uppercase[place] if place < len(ascii_uppercase) else f"no. {place + 1}"


def labels(runs: Sequence[Recorded]) -> list[str]:
    """Returns a letter for each run, with what tells it from the first, and the first from the second."""
    table = tidy([one.run for one in runs]).drop_duplicates("run_id").set_index("run_id")
    varied = [key for key in TOLD_BY if key in table and table[key].nunique(dropna=False) > 1]
    keys = [*varied, *(key for key in conditions(table.reset_index()) if key not in varied)]
    values = [{key: table.loc[one.run.info.run_id, key] for key in keys} for one in runs]
    found = []
    for place, (one, own) in enumerate(zip(runs, values, strict=True)):
        other = values[0] if place else values[1]
        differ = [f"{key}={short(own[key])}" for key in keys if str(own[key]) != str(other[key])]
        found.append(f"{letter(place)}: {', '.join(differ[:MOST]) or one.id}")
    return found


def differing_config(runs: Sequence[Recorded]) -> list[tuple[str, ...]]:
    """Returns each key in which runs differ with its value in each, options of groups first.

    Keys that change no score, such as ``output_dir``, are left out.
    """
    asked = [_asked(one) for one in runs]
    keys = dict.fromkeys(key for values in asked for key in values)
    rows = [(key, *(values.get(key, "") for values in asked)) for key in keys]
    differ = [row for row in rows if len({_name(row[0], value) for value in row[1:]}) > 1]
    return sorted(differ, key=lambda row: ("." in row[0], row[0].startswith(FACTS)))


def differing_code(runs: Sequence[Recorded]) -> list[str]:
    """Returns a line for each difference of the code that made the runs, and for uncommitted changes."""
    tags = [one.run.data.tags for one in runs]
    names = dict.fromkeys(name for own in tags for name in own if name.startswith(CODE))
    lines = []
    for name in names:
        values = [own.get(name, "unknown") for own in tags]
        if len(set(values)) > 1:
            said = (f"{letter(place)} {value[:12]}" for place, value in enumerate(values))
            what = {"mlflow.source.git.commit": "commit", "git.dirty": "uncommitted changes"}.get(name, name)
            lines.append(
                f"the runs were made by different code: {what.removeprefix('version.')}: {', '.join(said)}"
            )
        elif name == "git.dirty" and values[0] == "true":
            lines.append(
                "the runs were made with changes that no commit has: whether by the same is not known"
            )
    return lines


def short(value: object) -> str:
    """Returns a value that fits a label."""
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _asked(one: Recorded) -> dict[str, str]:
    tags = one.run.data.tags
    options = {key.removeprefix("option."): value for key, value in tags.items() if key.startswith("option.")}
    facts = {
        key: value for key, value in tags.items() if key.startswith(FACTS) and not key.endswith(".logged")
    }
    every = {**options, **one.run.data.params, **facts}
    return {key: value for key, value in every.items() if not key.startswith(IDLE)}


def _name(key: str, value: str) -> str:
    """Returns a value; a class that has moved to another module is the same."""
    return value.rpartition(".")[2] if key.endswith("_target_") else value
