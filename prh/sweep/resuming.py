"""A sweep that goes on where an earlier one stopped: jobs that are recorded count, and do not run again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from prh.errors import ConfigError
from prh.ground.build import flatten
from prh.sweep.jobs import ADOPTED, RUN, sweep_tags

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

SWEEPER = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"
"""The one whose jobs can be known before they start."""
NAMED = 3
"""Runs that are named where jobs are said to be recorded."""


def recorded(config: DictConfig, client: MlflowClient, experiment: str) -> dict[int, dict[str, str]]:
    """Returns the jobs that finished before with the same config and the same code.

    Returns:
        The number of each such job to what it is recorded as: the id of its run, and the values it was given.

    Raises:
        ConfigError: Of another sweeper, nobody knows the jobs yet.
    """
    from prh.tracking.runs import search
    from prh.tracking.same import SAME
    from prh.tracking.tracker import INCOMPLETE

    known: dict[str, Run] = {}
    for run in search(client, experiment, "attributes.status = 'FINISHED'"):
        if SAME in run.data.tags and INCOMPLETE not in run.data.tags:
            known[run.data.tags[SAME]] = run
    if not known:
        return {}
    found = {}
    for number, overrides in enumerate(_jobs(config)):
        if before := known.get(_same(config, overrides)):
            found[number] = {RUN: before.info.run_id, **sweep_tags(overrides)}
    return found


def _jobs(config: DictConfig) -> list[list[str]]:
    """Returns the overrides of each job, in the order in which they are numbered."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    sweeper = config.hydra.sweeper
    if sweeper.get("_target_") != SWEEPER:
        remedy = "Leave out hydra/sweeper, or resume"
        raise ConfigError("resume", f"the jobs of {sweeper.get('_target_')} are not known beforehand", remedy)
    parameters = sweeper.get("params") or {}
    asked = [f"{key}={values}" for key, values in parameters.items()] + list(config.hydra.overrides.task)
    overrides = OverridesParser.create().parse_overrides(asked)
    return [job for batch in BasicSweeper.split_arguments(overrides, None) for job in batch]


def _same(config: DictConfig, overrides: list[str]) -> str:
    """Returns what the job's run would be tagged with; empty where its config cannot be composed."""
    from prh.tracking.same import same

    job = GlobalHydra.instance().config_loader().load_sweep_config(config, overrides)
    with open_dict(job):
        job.pop("hydra")
    try:
        values: Any = OmegaConf.to_container(job, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException:
        return ""  # the job itself will say why
    return same(flatten(values))


def said(done: Mapping[int, Mapping[str, str]], jobs: int) -> str:
    """Returns how many jobs need not run, and which runs they are recorded as, in words."""
    if not done:
        return f"none of {jobs} jobs is recorded with this config and code, {jobs} to do"
    runs = [job[RUN][:8] for job in done.values()]
    more = f" and {len(runs) - NAMED} more" if len(runs) > NAMED else ""
    named = f"run{'s' if len(runs) > 1 else ''} {', '.join(runs[:NAMED])}{more}"
    verb = "is" if len(runs) == 1 else "are"
    return f"{len(runs)} of {jobs} jobs {verb} recorded already ({named}), {jobs - len(runs)} to do"


def adopt(client: MlflowClient, parent: str, done: Mapping[int, Mapping[str, str]]) -> None:
    """Keeps with a sweep's parent the jobs that are recorded elsewhere; their own parent stays theirs."""
    from mlflow.entities import RunTag

    tags = [RunTag(f"{ADOPTED}{number}", json.dumps(dict(job))) for number, job in done.items()]
    for start in range(0, len(tags), 100):  # MLflow takes no more at once
        client.log_batch(parent, tags=tags[start : start + 100])


def adopted(client: MlflowClient, parent: Run) -> list[Run]:
    """Returns the jobs that a sweep found recorded, with the values that it would have given them.

    One that was deleted since is left out.
    """
    from mlflow.exceptions import MlflowException

    kept = {name: value for name, value in parent.data.tags.items() if name.startswith(ADOPTED)}
    found = []
    for name in sorted(kept, key=lambda name: int(name.removeprefix(ADOPTED))):
        job = json.loads(kept[name])
        try:
            run = client.get_run(job.pop(RUN))
        except MlflowException:
            continue
        if run.info.lifecycle_stage == "active":
            run.data.tags.update(job)
            found.append(run)
    return found
