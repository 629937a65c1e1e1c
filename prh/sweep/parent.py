"""The parent run of a multirun: opened when it starts, closed when all its jobs are done."""

from __future__ import annotations

import os
import sys
import warnings
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, flag_override

from prh.console.terminal import Terminal
from prh.console.watch import Watch
from prh.errors import ConfigError, PrhError
from prh.ground.secrets import concealed
from prh.sweep.jobs import DONE, FOLDER, JOBS, KEYS, PARENT, PLACE, SWEPT, URI
from prh.sweep.resuming import adopt, recorded, said
from prh.tracking.address import absolute_uri
from prh.tracking.process import this_process
from prh.tracking.races import patiently

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient


class Watching:
    """What shows how far the sweep is that this process has started, if it has."""

    watch: Watch | None = None


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
        swept, folder = swept_keys(config), Path(str(config.hydra.sweep.dir)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        done = _done(config, client, experiment, terminal)
        tags = {
            **provenance(),
            **this_process(),
            SWEPT: ",".join(swept),
            JOBS: str(n_jobs(config)),
            PLACE: str(folder),
            **{f"sweep.{key}": values for key, values in swept.items()},
        }
        name = " · ".join(["sweep", *(f"{key}={values}" for key, values in swept.items())])
        os.environ[URI] = uri
        os.environ[KEYS] = ",".join(swept)
        run = patiently(lambda: client.create_run(experiment, run_name=name[:200], tags=tags))
        os.environ[PARENT] = run.info.run_id
        os.environ[FOLDER] = str(folder)
        os.environ[DONE] = ",".join(map(str, done))
        adopt(client, run.info.run_id, done)
        # Workers of joblib whose memory grows are replaced; that nothing is lost by it, it does not say.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
        Watching.watch = Watch(folder, n_jobs(config), len(done))
        Watching.watch.start()


def _done(
    config: DictConfig, client: MlflowClient, experiment: str, terminal: Terminal
) -> dict[int, dict[str, str]]:
    """Returns which jobs need not run, where the sweep resumes another; ends the process if it cannot."""
    resume = config.get("resume")
    if resume is False:
        return {}
    try:
        if resume is not True:
            raise ConfigError(
                "resume", f"{resume} is neither true nor false", "Say resume=true or leave it out"
            )
        with terminal.progress("Looking for recorded jobs", 0, ""):
            done = recorded(config, client, experiment)
    except PrhError as error:
        terminal.error(str(error))
        sys.exit(2)
    terminal.note(said(done, n_jobs(config)))
    return done


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
