"""The parent run of a multirun: opened when it starts, closed when all its jobs are done."""

from __future__ import annotations

import os
import sys
from math import prod
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, flag_override

from prh.console.terminal import Terminal
from prh.errors import PrhError
from prh.ground.secrets import concealed
from prh.tracking.address import absolute_uri
from prh.tracking.process import this_process
from prh.tracking.races import patiently

PARENT = "PRH_SWEEP_PARENT"
"""The environment variable by which jobs learn of their parent, also in other processes: its run id."""
SWEPT = "prh.swept"
"""The tag of a parent that names the swept keys."""
JOBS = "prh.jobs"
"""The tag of a parent that says how many jobs there are to be."""
KEYS = "PRH_SWEEP_KEYS"
"""The environment variable that names the swept keys."""
URI = "PRH_SWEEP_URI"
"""The environment variable that says where the parent is recorded."""


class OpenParent(Callback):
    """Opens the parent run when Hydra starts a multirun; ``prh.run.main`` closes it."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Records what is swept, and tells the jobs whose children they are."""
        from prh.tracking.database import open_database
        from prh.tracking.provenance import provenance

        terminal = Terminal()
        where = config.tracking
        with flag_override(config, "readonly", False):
            where.uri = concealed(str(where.uri))  # Hydra writes this config to multirun.yaml
        try:
            uri = absolute_uri(where.uri)
            client, experiment = open_database(uri, where.experiment, terminal)
        except PrhError as error:
            # Hydra makes a warning of what a callback raises, and would start the jobs all the same.
            terminal.error(str(error))
            sys.exit(2)
        swept = swept_keys(config)
        tags = {
            **provenance(),
            **this_process(),
            SWEPT: ",".join(swept),
            JOBS: str(n_jobs(config)),
            **{f"sweep.{key}": values for key, values in swept.items()},
        }
        name = " · ".join(["sweep", *(f"{key}={values}" for key, values in swept.items())])
        os.environ[URI] = uri
        os.environ[KEYS] = ",".join(swept)
        run = patiently(lambda: client.create_run(experiment, run_name=name[:200], tags=tags))
        os.environ[PARENT] = run.info.run_id


def swept_keys(config: DictConfig) -> dict[str, str]:
    """Returns the values of each swept key; the command line goes before an experiment's own sweep."""
    return {_filled(override): override.get_value_string() for override in _sweeps(config)}


def n_jobs(config: DictConfig) -> int:
    """Returns how many combinations of swept values there are."""
    return prod(sum(1 for _ in override.sweep_iterator()) for override in _sweeps(config))


def _sweeps(config: DictConfig) -> list[Override]:
    parameters = config.hydra.sweeper.get("params") or {}
    asked = [f"{key}={values}" for key, values in parameters.items()] + list(config.hydra.overrides.task)
    last = {_filled(override): override for override in OverridesParser.create().parse_overrides(asked)}
    return [override for override in last.values() if override.is_sweep_override()]


def _filled(override: Override) -> str:
    """Returns the key that an override fills: ``reference`` for ``model@reference``."""
    return override.package or override.key_or_group


def child_name(tags: dict[str, str], name: str) -> str:
    """Returns a job's name: in a sweep, what tells it from its siblings goes first."""
    keys = [key for key in os.environ.get(KEYS, "").split(",") if f"sweep.{key}" in tags]
    swept = [f"{key.split('.')[-1]}={tags[f'sweep.{key}']}" for key in keys]
    return " · ".join([*swept, *(part for part in name.split(" · ") if part not in swept)])


def child_tags(overrides: list[str]) -> dict[str, str]:
    """Returns the tags that make this job's run a child of the multirun's parent; none in a single run."""
    if PARENT not in os.environ:
        return {}
    named = dict(override.lstrip("+~").split("=", 1) for override in overrides if "=" in override)
    return {"mlflow.parentRunId": os.environ[PARENT]} | {f"sweep.{key_of(k)}": v for k, v in named.items()}


def key_of(group: str) -> str:
    """Returns the config key that a group fills, e.g. ``reference`` for ``model@reference``."""
    return group.split("@")[-1]
