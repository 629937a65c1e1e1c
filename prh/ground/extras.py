"""Libraries that only some options need."""

import importlib
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution, requires
from typing import Any

from prh.errors import ConfigError


def library(name: str, extra: str, key: str) -> Any:
    """Imports a module of an optional library.

    Args:
        name: Of the module.
        extra: The extra of this package that installs it.
        key: The config key whose value asks for it.

    Raises:
        ConfigError: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:  # the latter where a C library is missing
        raise ConfigError(
            key, f"the library {name.split('.')[0]} is not installed", f"pip install 'prh[{extra}]'"
        ) from error


def require_experiment() -> None:
    """Ends a program with one line where this package is installed as a library alone.

    Called before an entry point imports what it needs.

    Raises:
        SystemExit: With exit code 2; something is lacking that only experiments need.
    """
    lacking = [name for name in _experiments_need() if not installed(name)]
    if lacking:
        some = ", ".join(lacking[:3]) + (f" and {len(lacking) - 3} more" if len(lacking) > 3 else "")
        remedy = "An experiment needs pip install 'prh[experiment]'."
        print(f"error: {some} not installed. {remedy}", file=sys.stderr)
        sys.exit(2)


def _experiments_need() -> list[str]:
    try:
        lines = requires("prh") or []
    except PackageNotFoundError:  # run from a checkout, by whoever set up the rest
        return []
    names = (re.match(r"[\w.-]+", line) for line in lines if re.search("extra == .experiment", line))
    return [name[0] for name in names if name]


def installed(name: str) -> bool:
    """Returns whether a distribution is installed, by its name on the registry."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
