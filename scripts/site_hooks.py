"""What mkdocs asks of this project: pages made of the config, of ``--help`` and of files beside docs/."""

from __future__ import annotations

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from site_config import ABOUT, group_page, run_page

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = {
    "prh.run": "One run, or a sweep with `-m`",
    "prh.ui": "The MLflow UI on what was recorded",
    "prh.extract": "Features alone, on many devices and machines",
    "prh.sweep": "Sums up a sweep that was killed",
    "prh.tracking.upload": "Sends later what MLflow did not take",
}
"""What is run with ``python -m``, and what for."""
EXPORTS = {"reference/similarity.md": "prh.similarity", "reference/inference.md": "prh.inference"}
"""Pages that show all that a package exports."""


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages that are made, not written."""
    made = {"reference/config/index.md": run_page(), "reference/command-line.md": command_line()}
    made |= {f"reference/config/{group}.md": group_page(group) for group in ABOUT}
    made["changelog.md"] = (ROOT / "CHANGELOG.md").read_text()
    made["contributing.md"] = contributing()
    for place, text in made.items():
        files.append(File.generated(config, place, content=text))
    return files


def command_line() -> str:
    """Returns the page of what the programs say of themselves."""
    parts = ["# Command line\n\nWhat each program says with `--help`."]
    environment = os.environ | {"COLUMNS": "100", "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    for (called, *words), about in programs().items():
        run = [sys.executable, "-m", *words, "--help"]
        said = subprocess.run(run, capture_output=True, text=True, check=True, env=environment, cwd=ROOT)
        text = said.stdout.split("== Keys and their defaults")[0].strip()
        parts.append(f"## `{called}`\n\n{about[0].upper()}{about[1:]}.\n\n```text\n{text}\n```")
    parts.insert(2, "All keys and their defaults: [Config](config/index.md).")
    return "\n\n".join(parts) + "\n"


def programs() -> dict[tuple[str, ...], str]:
    """Returns what each program is for, by how it is called and what follows ``python -m``."""
    known = ROOT / "prh" / "commands" / "table.py"
    if not known.exists():
        return {(f"python -m {module}", module): about for module, about in PROGRAMS.items()}
    table = runpy.run_path(str(known))["COMMANDS"]
    return {(f"prh {name}", "prh", name): command.said for name, command in table.items()}


def contributing() -> str:
    """Returns CONTRIBUTING.md, or where there is none, what the map says."""
    file = ROOT / "CONTRIBUTING.md"
    return (
        file.read_text() if file.exists() else "# Contributing\n\n`ARCHITECTURE.md` is the map of the code.\n"
    )


def whole(markdown: str, package: str) -> str:
    """Returns a page with all that its package exports; what it does not show stands at its end."""
    tree = ast.parse((ROOT / package.replace(".", "/") / "__init__.py").read_text())
    lists = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    names = [name for node in lists for name in ast.literal_eval(node.value)]
    missing = [name for name in names if not re.search(rf"^::: {package}\.{name}$", markdown, re.MULTILINE)]
    blocks = [f"::: {package}.{name}" for name in missing]
    return "\n\n".join([markdown, "## More", *blocks]) + "\n" if missing else markdown


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Turns links to files that are no pages into their names: the site shows docs/, not the source."""
    if page.file.src_uri in EXPORTS:
        markdown = whole(markdown, EXPORTS[page.file.src_uri])
    here = Path(page.file.src_uri).parent
    depth = len(here.parts)

    def shown(link: re.Match[str]) -> str:
        text, target = link[1], link[2]
        if target.startswith("docs/"):
            return f"[{text}]({'../' * depth}{target.removeprefix('docs/')})"
        name = os.path.normpath(here / target)
        return (
            f"`{name.removeprefix('../')}`"
            if text.strip("`") in target
            else f"{text} (`{name.removeprefix('../')}`)"
        )

    outside = re.compile(r"(?<!!)\[([^\]]+)\]\(((?:" + r"\.\./" * (depth + 1) + r"|docs/)[^)]+)\)")
    if page.file.src_uri in ("changelog.md", "contributing.md"):
        beside = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|docs/|#)[^)]+\)")
        markdown = beside.sub(lambda link: f"`{link[1].strip('`')}`", markdown)
    return outside.sub(shown, markdown)


def on_page_content(html: str, page: Any, config: Any, files: Files) -> str:
    """Shows the roles in docstrings, such as ``:func:`x```, as code."""
    return re.sub(r":(?:func|class|meth|mod|attr|data):<code>~?([^<]*)</code>", r"<code>\1</code>", html)


def on_post_page(output: str, page: Any, config: Any) -> str:
    """Names the search, which is a dialog, and the menus of sections, for those who cannot see them."""

    def named(menu: re.Match[str]) -> str:
        return f'{menu[1]}aria-label="{menu[4].strip()}"{menu[3]}{menu[4]}'

    # Where a section has a page of its own, the label that its menu is named by is an empty one.
    unnamed = r'(<nav class="md-nav"[^>]*?)(aria-labelledby="__nav_[\d_]+_label")([^>]*>.*?</span>)([^<]*)'
    return re.sub(unnamed, named, output, flags=re.DOTALL).replace(
        'data-md-component="search" role="dialog"',
        'data-md-component="search" role="dialog" aria-label="Search"',
    )
