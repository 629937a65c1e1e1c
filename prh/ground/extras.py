"""Libraries that only some options need."""

import importlib
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
