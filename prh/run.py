"""The entry point: compose the config, build what it names, run the experiment, show what it found."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prh.ground.extras import require_experiment

require_experiment()

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, flag_override
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from prh import __version__
from prh.config import Settings, check_settings, resolve
from prh.console.interrupts import end_quietly, interruptible
from prh.console.jobs import JobTerminal
from prh.console.refusals import one_line, require_options
from prh.console.terminal import Terminal
from prh.errors import ConfigError, PrhError
from prh.ground.build import absolute_folder, flatten
from prh.ground.conf import CONF
from prh.ground.files import readable, refused_by_disk
from prh.ground.secrets import concealed, masked, masked_traceback, withdrawn
from prh.sweep import closing
from prh.sweep.jobs import child_name, child_tags, done_before, job_name, key_of, sweep_folder
from prh.tracking.address import absolute_uri, prove_usable
from prh.tracking.runs import IDLE

if TYPE_CHECKING:
    from prh.findings.findings import Findings
    from prh.tracking import Tracker

DRY_RUN = "--dry-run"
"""Says what would be done, and does none of it."""
USER_ERRORS = PrhError, HydraException, OmegaConfBaseException
"""What the user can mend."""
MOST_ASKED, LONGEST_VALUE, LONGEST_NAME = 4, 30, 200
"""Overrides in a run's name, characters of the value of one, and of the name."""


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def job(config: DictConfig) -> None:
    """Runs one job of Hydra's: a single run, or one of a multirun, whose other jobs go on if it fails."""
    hydra_job = HydraConfig.get()
    try:
        if hydra_job.mode != RunMode.MULTIRUN:
            with refused_by_disk("output_dir"):
                _job(config, Terminal())
        elif not done_before(hydra_job.job.num):
            terminal = JobTerminal(sweep_folder(), hydra_job.job.num)
            with terminal.telling(job_name(list(hydra_job.overrides.task))), refused_by_disk("output_dir"):
                _job(config, terminal)
    except PrhError as error:
        if hydra_job.mode == RunMode.MULTIRUN:
            raise
        Terminal().error(str(error))
        sys.exit(2)


def _job(config: DictConfig, terminal: Terminal) -> None:
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a log that cannot be written is not worth a traceback
    values = _plain(config)
    values["output_dir"] = Path(HydraConfig.get().runtime.output_dir)
    _mask(values["output_dir"] / (HydraConfig.get().output_subdir or "none"))
    tags = child_tags(list(HydraConfig.get().overrides.task))
    settings = _resolved(values, tags, terminal)
    if settings.resume and not tags:
        raise ConfigError("resume", "one run is no sweep", "Leave it out, or add -m and values with commas")
    prove_usable(absolute_uri(settings.tracking.uri))

    # Imported only now: a bad config is refused without waiting for MLflow.
    from prh import experiment
    from prh.tracking import Tracker

    with flag_override(config, "readonly", False):
        config.tracking.uri = settings.tracking.uri
    (settings.output_dir / "config.yaml").write_text(masked(OmegaConf.to_yaml(config, resolve=True)))
    where = settings.tracking
    output = settings.output_dir
    name = child_name(tags, run_name(settings, HydraConfig.get().overrides.task))
    with Tracker(where.uri, where.experiment, name, output, terminal, tags | _same(values)) as tracker:
        tracker.params(flatten(values))
        tracker.tag({f"option.{group}": option for group, option in chosen().items()})
        found = experiment.run(settings, tracker, terminal)
        show(found, settings, tracker, terminal)


def _same(values: dict[str, Any]) -> dict[str, str]:
    """Returns the tag by which the job is known again."""
    from prh.tracking.same import SAME, same

    return {SAME: same(flatten(values))}


def _mask(folder: Path) -> None:
    """Takes passwords out of what Hydra has written: those that came by a config file of one's own."""
    for file in folder.glob("*.yaml"):
        text = file.read_text()
        if masked(text) != text:
            file.write_text(masked(text))


def composed(overrides: list[str]) -> dict[str, Any]:
    """Returns the config of a run as plain values, for what does not run under Hydra."""
    require_options(overrides)
    with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
        return _plain(hydra.compose("config", overrides))


def _plain(config: DictConfig) -> dict[str, Any]:
    for key in ("trainer", "similarity", "tracking", "figures"):
        if not isinstance(config.get(key), DictConfig):
            remedy = f"Its keys are changed one by one: {key}.KEY=VALUE"
            raise ConfigError(key, f"{config.get(key)} stands where keys should", remedy)
    try:
        values = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    except MissingMandatoryValue as error:
        key = str(error.full_key)
        raise ConfigError(key, "is not given", f"Say what it is with {key}=VALUE") from error
    assert isinstance(values, dict)
    for name in ("data_dir", "cache_dir"):
        values[name] = absolute_folder(values.get(name), name)
    if isinstance(values.get("tracking"), dict) and isinstance(values["tracking"].get("uri"), str):
        values["tracking"]["uri"] = concealed(values["tracking"]["uri"])
    return {str(key): value for key, value in values.items()}


def _resolved(values: dict[str, Any], tags: dict[str, str], terminal: Terminal) -> Settings:
    """Builds and checks the settings; in a sweep, a job that is refused leaves a failed run that says why."""
    try:
        settings = resolve(values)
        check_settings(settings, terminal)
        return settings
    except PrhError:
        if tags:
            from prh.tracking import Tracker

            where, output = values.get("tracking") or {}, values["output_dir"]
            if not {"uri", "experiment"} <= set(where):
                raise
            name = child_name(tags, "refused")
            tags = tags | _same(values)
            with Tracker(where["uri"], where["experiment"], name, output, terminal, tags):
                raise
        raise


def chosen() -> dict[str, str]:
    """Returns the option of each config group that the job runs with, by the key that the group fills."""
    choices = HydraConfig.get().runtime.choices
    return {key_of(group): str(choices[group]) for group in choices if not group.startswith("hydra/")}


def run_name(settings: Settings, overrides: Sequence[str] = ()) -> str:
    """Returns what the run is called in the MLflow UI: what was asked for first, as columns are narrow.

    Args:
        settings: Of the run.
        overrides: Groups and keys that were given, in their order.
    """
    parts = {
        "model": settings.model.label,
        "reference": settings.reference.label,
        "metric": settings.metric.name,
        "dataset.n": f"n={settings.dataset.n or 'all'}",
        "seed": f"seed={settings.seed}",
    }
    given = dict(override.lstrip("+").split("=", 1) for override in overrides if "=" in override)
    asked = {key_of(key): value for key, value in given.items() if not key.startswith(IDLE)}
    first = [
        parts.get(key) or f"{key.split('.')[-1]}={value[:LONGEST_VALUE]}" for key, value in asked.items()
    ]
    return readable(" · ".join(dict.fromkeys([*first[:MOST_ASKED], *parts.values()])))[:LONGEST_NAME]


def show(found: Findings, settings: Settings, tracker: Tracker, terminal: Terminal) -> None:
    """Prints the scores, a study's verdicts, where everything is, and how to open the UI."""
    from prh.report.ending import browsing, claims_in_words, results_of, scores_in_words

    output = settings.output_dir
    terminal.show(results_of(settings.metric.name, found.comparisons))
    terminal.enumerate(claims_in_words(output))
    terminal.say(f"Report   {output / 'report.html'}")
    terminal.say(f"Figures  {output / 'figures'}")
    terminal.say(f"Run      {tracker.run_id}")
    terminal.say(f"Browse   {browsing(tracker.uri)}")
    terminal.end(scores_in_words(found.comparisons))


def main() -> None:
    """Runs ``prh run``; what the user can mend is one line and exit code 2."""
    if "--version" in sys.argv[1:]:
        print(f"prh {__version__}")
        return
    # Hydra would otherwise print and exit 1 by itself; this hands its errors on to us.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    interruptible()
    # Parts of one's own are found in the folder prh is run from, also by the console script.
    sys.path.append(os.getcwd())
    sys.argv[1:] = withdrawn(sys.argv[1:])
    sys.excepthook = masked_traceback
    try:
        require_options(sys.argv[1:])
        if DRY_RUN in sys.argv:
            from prh.commands.dry_run import dry_run

            dry_run([argument for argument in sys.argv[1:] if argument != DRY_RUN], composed, Terminal())
            return
        with refused_by_disk("output_dir"), closing(Terminal()):
            job()
    except USER_ERRORS as error:
        Terminal().error(one_line(error, sys.argv[1:]))
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read the output, such as head, has seen enough; Python's own last flush would fail too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        end_quietly()
        Terminal().error("interrupted; run the same command again to go on where it stopped")
        sys.exit(130)


if __name__ == "__main__":
    main()
