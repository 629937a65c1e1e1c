"""Which works a run made use of, as entries of ``citations.bib``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from prh.export.recorded import Recorded

HERE = Path(__file__).parent
OUTLIERS = "huh2024"
"""Whose treatment of outliers ``similarity.outliers`` is."""


@cache
def table() -> dict[str, dict[str, list[str]]]:
    """Returns what belongs to what: see ``cited.toml``."""
    return tomllib.loads((HERE / "cited.toml").read_text(encoding="utf-8"))


@cache
def entries() -> dict[str, str]:
    """Returns every BibTeX entry by its key."""
    text = (HERE / "citations.bib").read_text(encoding="utf-8")
    found = re.finditer(r"^@\w+\{([\w-]+),\n.*?^\}\n", text, re.MULTILINE | re.DOTALL)
    return {entry[1]: entry[0] for entry in found}


def of_dataset(run: Recorded) -> list[str] | None:
    """Returns what is cited of the stimuli; None if nothing is known of them."""
    keys = table()["dataset"].get(run.kind("dataset"))
    if keys is None and "dataset.name" in run.params:
        keys = _first("dataset_named", run.params["dataset.name"])
    others = ("drawn_by", "also_drawn_by", "named_by")
    by = table()["drawn_by"]
    more = [by.get(run.params.get(f"dataset.{other}", ""), []) for other in others]
    return None if keys is None else _once([*keys, *(key for found in more for key in found)])


def of_metric(run: Recorded) -> list[str] | None:
    """Returns what is cited of the metric; None if nothing is known of it."""
    keys = table()["metric"].get(run.kind("metric"))
    if keys is None:
        return None
    more = ["song2012"] if run.params.get("metric.unbiased") == "True" else []
    return _once([*keys, *more, *([OUTLIERS] if run.params.get("metric.outliers", "None") != "None" else [])])


def of_encoder(run: Recorded, role: str) -> list[str] | None:
    """Returns what is cited of an encoder as it was used; None if nothing is known of it.

    A reader that stood in for another is cited by itself; a network that was fitted in place of published
    weights by its architecture, without what those weights were trained on.
    """
    source = run.tags.get(f"weights.{role}", "")
    about = [run.params.get(run.of(role, key), "") for key in ("_target_", "name", "architecture")]
    about += [run.params.get(run.of(role, "arguments.name"), ""), run.params.get(run.of(role, "tag"), "")]
    if run.tags.get(f"substitute.{role}", "").endswith("instead"):
        about = [source]
    found = [_matching("encoder", text) for text in about if text]
    known = [keys for keys in found if keys is not None]
    if not known:
        return None
    weights = _matching("weights", source) or []
    return _once([*(key for keys in known for key in keys), *weights])


def of_software(run: Recorded) -> list[str]:
    """Returns what is cited of the libraries whose versions are recorded."""
    by = table()["software"]
    return [key for tag in by if run.tags.get(tag, "not installed") != "not installed" for key in by[tag]]


def bibliography(keys: Iterable[str]) -> str:
    """Returns the entries of these keys as a BibTeX file, each once, in their order in the package's own."""
    chosen = set(keys)
    return "\n".join(body for key, body in entries().items() if key in chosen)


def cite(keys: Iterable[str] | None) -> str:
    """Returns citations as Pandoc's Markdown has them, with a space before; nothing of none."""
    return f" [{'; '.join(f'@{key}' for key in keys)}]" if keys else ""


def cited_in(text: str) -> list[str]:
    """Returns the keys that a Markdown text cites."""
    return _once(
        key for group in re.findall(r"\[(@[^\]]+)\]", text) for key in re.findall(r"@([\w-]+)", group)
    )


def _first(section: str, text: str) -> list[str] | None:
    own: Mapping[str, Any] = table()[section]
    return next((keys for pattern, keys in own.items() if re.fullmatch(pattern, text)), None)


def _matching(section: str, text: str) -> list[str] | None:
    found = [keys for pattern, keys in table()[section].items() if re.search(pattern, text)]
    return _once(key for keys in found for key in keys) if found else None


def _once(keys: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(keys))
