"""What a multirun and its jobs know of each other: by environment variables, by tags, and by name."""

from __future__ import annotations

import os
from pathlib import Path

from prh.console.log import LOG

PARENT = "PRH_SWEEP_PARENT"
"""The environment variable by which jobs learn of their parent, also in other processes: its run id."""
CHILD_OF = "mlflow.parentRunId"
"""The tag of a job that names its parent."""
SWEPT = "prh.swept"
"""The tag of a parent that names the swept keys."""
JOBS = "prh.jobs"
"""The tag of a parent that says how many jobs there are to be."""
KEYS = "PRH_SWEEP_KEYS"
"""The environment variable that names the swept keys."""
URI = "PRH_SWEEP_URI"
"""The environment variable that says where the parent is recorded."""
FOLDER = "PRH_SWEEP_FOLDER"
"""The environment variable that names the sweep's folder."""
DONE = "PRH_SWEEP_DONE"
"""The environment variable that lists the numbers of the jobs that need not run."""
PLACE = "prh.folder"
"""The tag of a parent that names the sweep's folder."""
RUN = "run"
"""Of a job that is recorded elsewhere: the id of its run."""
ADOPTED = "prh.recorded."
"""What the tags of a parent begin with that name such jobs, and end with the job's number."""


def sweep_folder() -> Path:
    """Returns the folder of the sweep that this process is a job of."""
    return Path(os.environ.get(FOLDER, ""))


def done_before(job: int) -> bool:
    """Returns whether a job of this number need not run; its log then says so, and nothing else."""
    done = str(job) in os.environ.get(DONE, "").split(",")
    if done:
        LOG.info("this job is recorded already, with the same config and code; it is not run again")
    return done


def job_name(overrides: list[str]) -> str:
    """Returns what tells a job from its siblings: ``n=300 · seed=1``."""
    values = sweep_tags(overrides)
    keys = [key for key in os.environ.get(KEYS, "").split(",") if f"sweep.{key}" in values]
    return " · ".join(f"{key.split('.')[-1]}={values[f'sweep.{key}']}" for key in keys)


def child_name(tags: dict[str, str], name: str) -> str:
    """Returns a job's name: in a sweep, what tells it from its siblings goes first."""
    keys = [key for key in os.environ.get(KEYS, "").split(",") if f"sweep.{key}" in tags]
    swept = [f"{key.split('.')[-1]}={tags[f'sweep.{key}']}" for key in keys]
    return " · ".join([*swept, *(part for part in name.split(" · ") if part not in swept)])


def child_tags(overrides: list[str]) -> dict[str, str]:
    """Returns the tags that make this job's run a child of the multirun's parent; none in a single run."""
    if PARENT not in os.environ:
        return {}
    return {CHILD_OF: os.environ[PARENT]} | sweep_tags(overrides)


def sweep_tags(overrides: list[str]) -> dict[str, str]:
    """Returns the values that a job was given, as tags."""
    named = dict(override.lstrip("+~").split("=", 1) for override in overrides if "=" in override)
    return {f"sweep.{key_of(key)}": value for key, value in named.items()}


def key_of(group: str) -> str:
    """Returns the config key that a group fills, e.g. ``reference`` for ``model@reference``."""
    return group.split("@")[-1]
