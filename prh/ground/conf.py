"""Where the configs lie: a folder per group, a file per option."""

from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
CONF = PACKAGE / "conf" if (PACKAGE / "conf").is_dir() else PACKAGE.parent / "conf"
"""In a wheel the configs lie inside the package, in a checkout beside it."""
NO_GROUPS = "hydra"
"""Configures how prh is started, and nothing that it computes."""


def groups(*more: Path) -> list[str]:
    """Returns the names of all groups, also of those in config folders of one's own."""
    places = [place for place in (CONF, *more) if place.is_dir()]
    folders = (folder.name for place in places for folder in place.iterdir() if folder.is_dir())
    return sorted(set(folders) - {NO_GROUPS})


def options(group: str, more: Iterable[Path] = ()) -> dict[str, Path]:
    """Returns the file of each option of a group, by its name; those of prh go before one's own."""
    files = [path for place in (*more, CONF) for path in sorted((place / group).glob("*.yaml"))]
    return dict(sorted((path.stem, path) for path in files))
