"""What a run was made with: versions, commit and command."""

import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from prh import __version__
from prh.ground.secrets import masked

PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "umap-learn",
    "sentence-transformers",
    "hydra-core",
    "mlflow",
)


def provenance() -> dict[str, str]:
    """Returns tags: versions of what numbers depend on, the git commit, the command."""
    tags = {"version.prh": __version__, "version.python": platform.python_version()}
    for package in PACKAGES:
        try:
            tags[f"version.{package}"] = version(package)
        except PackageNotFoundError:
            tags[f"version.{package}"] = "not installed"
    tags["mlflow.source.name"], tags["mlflow.source.type"] = "prh.run", "LOCAL"
    tags["command"] = masked(" ".join(["python -m prh.run", shlex.join(sys.argv[1:])]).strip())
    source = Path(__file__).resolve().parents[2]
    commit = _git(source, "rev-parse", "HEAD")
    if commit and Path(_git(source, "rev-parse", "--show-toplevel")) == source:
        tags["mlflow.source.git.commit"] = commit
        tags["git.dirty"] = str(bool(_git(source, "status", "--porcelain"))).lower()
    return tags


def facts(tags: Mapping[str, str]) -> dict[str, str]:
    """Returns the command and the version of such tags as a person reads them."""
    made = f"prh {tags.get('version.prh', '?')}"
    if commit := tags.get("mlflow.source.git.commit"):
        made += f", commit {commit[:12]}{' with changes' if tags.get('git.dirty') == 'true' else ''}"
    return {"command": tags.get("command", ""), "version": made}


def _git(folder: Path, *arguments: str) -> str:
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
