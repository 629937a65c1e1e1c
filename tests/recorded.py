"""Runs as they are recorded, without the work behind them."""

from itertools import product

from prh.tracking.database import open_database
from prh.tracking.runs import PAIRS

NUMBERS = {"p": 0.01, "p_se": 0.0, "null_mean": 0.0, "critical": 0.1, "calibrated": 0.3}


def opened(workplace):
    return open_database(f"sqlite:///{workplace}/mlruns/mlflow.db", "prh")


def record(client, experiment, score, *, tags=None, metrics=None, status="FINISHED", judged=True, **config):
    """Records a run; options of groups are keys without a full stop, as a sweep's jobs have them.

    Args:
        client: Of the database.
        experiment: Its id.
        score: Of all pairs, or None for a run that has none.
        tags: More of them.
        metrics: More of them.
        status: How the run ended.
        judged: Whether scores have intervals and p.
        config: Params, and options.
    """
    options = {f"option.{key}": value for key, value in config.items() if "." not in key and key != "seed"}
    n = config.get("dataset.n", "64").replace("None", "1629")
    known = {"data.n": n, **options, **(tags or {})}
    run_id = client.create_run(experiment, tags=known).info.run_id
    for key, value in config.items():
        client.log_param(run_id, key, value)
    numbers = dict(metrics or {})
    if score is not None:
        found = {"score": score} | (
            NUMBERS | {"ci_low": score - 0.1, "ci_high": score + 0.1} if judged else {}
        )
        for (name, value), pair in product(found.items(), PAIRS):
            numbers[f"{pair}.last.{name}"] = value
        for pair, step in product(PAIRS, (0, 1)):
            client.log_metric(run_id, f"{pair}.by_layer", score, step=step)
    for name, value in numbers.items():
        client.log_metric(run_id, name, value)
    client.set_terminated(run_id, status)
    return run_id


def record_sweep(client, experiment, jobs, swept):
    """Records a parent and its jobs, each a score and :func:`record`'s keywords; returns the parent's id."""
    tags = {"prh.swept": ",".join(swept), "prh.jobs": str(len(jobs))}
    parent = client.create_run(experiment, run_name="sweep", tags=tags).info.run_id
    for job in jobs:
        own = {f"sweep.{key}": job[key] for key in swept if key in job}
        own |= {"mlflow.parentRunId": parent, **job.get("tags", {})}
        score = job.get("score")
        rest = {key: value for key, value in job.items() if key not in ("tags", "score")}
        record(client, experiment, score, tags=own, **rest)
    return parent
