"""``prh run --dry-run``: what would be computed, and from where; nothing is, and no folder is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

from prh.commands.part import Before
from prh.commands.plan import Plan, nothing_fetched, plan_of
from prh.config import check_settings, resolve
from prh.console.terminal import Terminal
from prh.errors import ConfigError, Unavailable
from prh.ground.conf import CONF
from prh.ground.files import expanded, identity
from prh.tracking.address import absolute_uri, prove_usable

Compose = Callable[[list[str]], dict[str, Any]]
CHECKED = "model", "reference", "layers", "trainer", "device", "precision"
"""What :func:`prh.config.check_settings` looks at, once for all jobs of a sweep that share it."""


def dry_run(arguments: Sequence[str], compose: Compose, terminal: Terminal) -> None:
    """Says what a run, or each job of a sweep, would compute.

    Args:
        arguments: Of the command, without ``--dry-run``.
        compose: Returns the config of a run as plain values.
        terminal: Where it is said.

    Raises:
        PrhError: What a run would refuse, too.
    """
    from prh.commands.planned import show_job, show_sweep

    overrides, multirun = _asked(arguments)
    jobs = _jobs(overrides, multirun)
    before = Before()
    plans = [_planned(job, compose, before, terminal) for job in jobs or [overrides]]
    if jobs is None:
        show_job(plans[0], terminal)
    else:
        show_sweep(plans, [_swept(job, jobs) for job in jobs], terminal)


def _asked(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """Returns the overrides, a config folder of one's own among them, and whether many runs are asked for."""
    from hydra._internal.utils import get_args

    asked = get_args(list(arguments))
    if asked.config_name or asked.config_path or asked.cfg or asked.info:
        raise ConfigError("--dry-run", "goes with --config-dir and --multirun alone", "Leave other flags out")
    overrides = list(asked.overrides)
    if asked.config_dir:
        folder = expanded(asked.config_dir).absolute()
        if not folder.is_dir():
            raise ConfigError(
                "--config-dir", f"there is no folder {folder}", "Name one with groups of your own"
            )
        overrides.append(f"hydra.searchpath=[file://{folder}]")
    return overrides, bool(asked.multirun)


def _jobs(overrides: Sequence[str], multirun: bool) -> list[list[str]] | None:
    """Returns the overrides of each job of a sweep, None where there is to be a single run.

    What an experiment sweeps by itself counts, and the command line goes before it, as in a run.
    """
    import hydra
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.global_hydra import GlobalHydra
    from hydra.types import RunMode

    with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
        started = GlobalHydra.instance().hydra
        assert started is not None
        config = started.compose_config(
            "config", list(overrides), run_mode=RunMode.MULTIRUN, with_log_configuration=False
        )
        assert isinstance(config, DictConfig)
        parameters = config.hydra.sweeper.get("params") or {}
        sweeps = multirun or config.hydra.mode == RunMode.MULTIRUN
    if not sweeps:
        return None
    asked = [f"{key}={values}" for key, values in parameters.items()] + list(overrides)
    parsed = OverridesParser.create().parse_overrides(asked)
    return [list(job) for batch in BasicSweeper.split_arguments(parsed, None) for job in batch]


def _swept(job: Sequence[str], jobs: Sequence[Sequence[str]]) -> list[str]:
    """Returns those of a job's overrides that not all jobs have."""
    return [override for override in job if not all(override in other for other in jobs)]


def _planned(job: Sequence[str], compose: Compose, before: Before, terminal: Terminal) -> Plan:
    values = compose([*job])
    values["output_dir"] = expanded(values["output_dir"]).absolute()
    settings = resolve(values)
    with nothing_fetched():
        try:
            this = identity("checked", *(values[key] for key in CHECKED))
            before.once(this, lambda: check_settings(settings, terminal))
        except Unavailable as missing:
            terminal.note(
                f"{missing.key}: not on this machine, so its layers are known once it is downloaded"
            )
    prove_usable(absolute_uri(settings.tracking.uri))
    return plan_of(settings, values, before)
