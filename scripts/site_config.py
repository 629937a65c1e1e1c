"""The config as pages: every group, option and key with what their YAML files say of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml  # type: ignore[import-untyped]

CONF = Path(__file__).resolve().parents[1] / "conf"
ABOUT = {
    "dataset": "What is shown. A dataset may bring a reference, a text encoder and a metric that suit it.",
    "model": "The vision model under study; `model@reference=` has the same options.",
    "text": "The text encoder that both are compared with; `+text@also.NAME=` adds more.",
    "prompt": "The sentences that names are put into.",
    "layers": "Which layers are compared, and how their outputs are pooled.",
    "metric": "How two representations are compared; [the metrics](../../metrics.md) says which sees what.",
    "inference": "[Nulls](../../explanation/nulls.md) and [intervals](../../explanation/intervals.md).",
    "limitation": "One of the article's limitations put right, for `+experiment=limitations`.",
    "experiment": "Studies: `+experiment=NAME` sets many keys at once, and may be a sweep.",
}
"""The groups in the order of the site, and what each is."""
WHOLE = "definitions", "packages", "study.figures"
"""Mappings that are values: they are shown whole."""
SWEPT = "hydra.sweeper.params."


@dataclass
class Key:
    """One key of a YAML file: its dotted path, the text of its default, and what its comments say."""

    path: str
    default: str
    comment: str


@dataclass
class Option:
    """One option of a group.

    Attributes:
        name: Its file's.
        about: What the comment at its head says.
        brings: What its defaults list takes or changes.
        keys: Its own.
        target: Dotted path of what it builds.
    """

    name: str
    about: str
    brings: list[str] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    target: str = ""


def option(path: Path) -> Option:
    """Returns what a YAML file says."""
    source = path.read_text()
    root = yaml.compose(source)
    head = [line.lstrip("# ") for line in source[: root.start_mark.index if root else None].splitlines()]
    said = " ".join(line for line in head if line and not line.startswith("@package"))
    found = Option(path.stem, re.sub(r"(=\w+) (?=[A-Z])", r"\1. ", said))
    if isinstance(root, yaml.MappingNode):
        for key in _keys(root, source, ""):
            if key.path == "_target_":
                found.target = key.default
            elif key.path == "defaults":
                found.brings = _brings(yaml.safe_load(key.default))
            else:
                found.keys.append(key)
    return found


def _brings(entries: list[str | dict[str, str]]) -> list[str]:
    """Returns the lines of a defaults list as a person would write them on the command line."""
    lines = []
    for entry in entries:
        if isinstance(entry, str):
            lines.append(entry)
            continue
        ((group, chosen),) = entry.items()
        group = group.removeprefix("override ").lstrip("/")
        group = re.sub(r"@_global_\.", "@", group)
        name, _, place = group.partition("@")
        lines.append(f"{name if place in ('', name) else group}={chosen}")
    return [line for line in lines if line != "_self_"]


def _keys(node: yaml.MappingNode, source: str, prefix: str) -> Iterator[Key]:
    for name, value in node.value:
        path = f"{prefix}{name.value}"
        nested = isinstance(value, yaml.MappingNode) and value.value and not value.flow_style
        if nested and path not in WHOLE:
            about = _comment(source, name, name)
            if about:
                yield Key(path, "", about)
            yield from _keys(value, source, f"{path}.")
        else:
            yield Key(path, _one_line(value, source), _comment(source, name, value))


def _one_line(node: yaml.Node, source: str) -> str:
    """Returns a default as the command line takes it."""
    if isinstance(node, yaml.ScalarNode) and node.style in (">", "|"):
        return str(node.value)
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        return str(source[node.start_mark.index : node.end_mark.index]).strip()
    plain = yaml.safe_load(yaml.serialize(node))
    return str(yaml.safe_dump(plain, default_flow_style=True, width=10**6, allow_unicode=True)).strip()


def _comment(source: str, name: yaml.Node, value: yaml.Node) -> str:
    """Returns what stands behind a key, or behind its value, and on the lines above it."""
    behind = ""
    block = isinstance(value, yaml.CollectionNode) and not value.flow_style
    for mark in [name.end_mark, *([] if block else [value.end_mark])]:
        found = re.match(r"[^\n#\"']*?#\s*([^\n]*)", source[mark.index :].split("\n")[0])
        behind = found[1] if found else behind
    above: list[str] = []
    for line in reversed(source[: name.start_mark.index].split("\n")[:-1]):
        if not line.strip().startswith("#") or line.startswith("#"):
            break
        above.insert(0, line.strip("# "))
    return "; ".join([" ".join(above), behind] if above and behind else [*above, behind]).strip("; ")


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def table(keys: list[Key]) -> str:
    """Returns keys as a table; what a key builds is named, not listed among its keys."""
    shown = [key for key in keys if not key.path.endswith("_target_") and key.path != "hydra.mode"]
    lines = [f"| {_code(key.path)} | {_code(key.default)} | {_prose(key.comment)} |" for key in shown]
    return "\n".join(["| key | default | what it says |", "|---|---|---|", *lines]) if lines else ""


def _prose(text: str) -> str:
    """Returns a comment as prose: what is meant literally as code."""
    text = _cell(text).replace("<", "&lt;").replace("$", "&#36;").replace("{", "&#123;")
    text = text.replace("docs/extending.md", "[parts of your own](../../extending.md)")
    return re.sub(r"(?<![\w`'=])('?[+\w.@/]+=(?![\s=])[^\s;,)']*(?:,\w[^\s;)']*)*'?)(?<![.:])", r"`\1`", text)


def group_page(group: str) -> str:
    """Returns the page of a group: all options at a glance, then each with its keys."""
    prefix = f"+{group}" if group in ("experiment", "limitation") else group
    options = [option(path) for path in sorted((CONF / group).glob("*.yaml"))]
    parts = [f"# {group}", ABOUT[group], "| option | what it is |\n|---|---|"]
    parts[-1] += "".join(f"\n| [`{one.name}`](#{one.name}) | {_prose(one.about)} |" for one in options)
    for one in options:
        parts += [f"## `{prefix}={one.name}` {{ #{one.name} }}", _prose(one.about)]
        if one.target:
            parts.append(f"Builds `{one.target}`.")
        if one.brings:
            names = {other.name for other in options}
            taken = [f"[`{line}`](#{line})" if line in names else f"`{line}`" for line in one.brings]
            parts.append(f"Takes {', '.join(taken)}, and sets what stands below.")
        listed = table(_under(group, one))
        parts += [listed] if listed else []
    return "\n\n".join(parts) + "\n"


def _under(group: str, one: Option) -> list[Key]:
    """Returns the keys as they are given on the command line, below their group where they have one."""
    own = group not in ("experiment", "limitation")
    keys = []
    for key in one.keys:
        swept = key.path.startswith(SWEPT)
        comment = (
            "; ".join(["swept over", key.comment] if swept and key.comment else ["swept over"] * swept)
            or key.comment
        )
        path = key.path.removeprefix(SWEPT)
        keys.append(Key(f"{group}.{path}" if own else path, key.default, comment))
    return keys


def run_page() -> str:
    """Returns the page of the keys that belong to no group, from ``config.yaml``."""
    whole = option(CONF / "config.yaml")
    keys = [key for key in whole.keys if not key.path.startswith("hydra")]
    groups = "\n".join(f"| [`{name}`]({name}.md) | {about} |" for name, about in ABOUT.items())
    return (
        "# Config\n\n`GROUP=OPTION` swaps a part, `KEY=VALUE` changes a value, `-m` and commas make a sweep."
        " `python -m prh.run --cfg job` prints the whole config of a run without running it."
        " These pages are made of the YAML files themselves.\n\n"
        f"## Groups\n\n| group | what it is |\n|---|---|\n{groups}\n\n"
        "A run without any choice is "
        + ", ".join(f"`{line}`" for line in whole.brings if "hydra" not in line)
        + ".\n\n"
        f"## Keys of every run\n\n{table(keys)}\n"
    )
