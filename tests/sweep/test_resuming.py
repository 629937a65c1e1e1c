"""A sweep goes on where another stopped, and leaves out no job that would come out otherwise."""

import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode

from prh.errors import ConfigError
from prh.results import load
from prh.run import CONF
from prh.sweep import resuming
from prh.sweep.resuming import adopt, adopted, recorded, said
from prh.tracking import same as kept_by
from prh.tracking.same import SAME
from prh.tracking.tracker import INCOMPLETE
from tests.recorded import opened, record, record_sweep

SWEPT = ["dataset.n=40,64", "seed=0,1", "metric=cka"]


@pytest.fixture
def sweep():
    """Returns the config of a multirun, as Hydra hands it to callbacks."""

    def composed(*overrides):
        hydra, how = GlobalHydra.instance().hydra, {"run_mode": RunMode.MULTIRUN, "from_shell": False}
        return hydra.compose_config("config", list(overrides), with_log_configuration=False, **how)

    with initialize_config_dir(str(CONF), version_base="1.3"):
        yield composed


@pytest.fixture
def one_done(sweep, workplace):
    """A database in which the third of four jobs is recorded; returns what is found of these overrides."""
    client, experiment = opened(workplace)
    config = sweep(*SWEPT)
    third = resuming._jobs(config)[2]
    assert third == ["dataset.n=64", "seed=0", "metric=cka"]
    run = record(client, experiment, 0.5, tags={SAME: resuming._same(config, third)})

    def found(*overrides):
        return recorded(sweep(*overrides), client, experiment)

    found.client, found.run, found.experiment = client, run, experiment
    return found


def test_what_is_recorded_is_found_by_its_config_and_not_by_its_command_line(one_done):
    job = {"run": one_done.run, "sweep.dataset.n": "64", "sweep.seed": "0", "sweep.metric": "cka"}
    assert one_done(*SWEPT) == {2: job}
    assert one_done(*SWEPT, "resume=true", "figures.dpi=60", "output_dir=elsewhere").keys() == {2}
    assert one_done("metric=cka", "seed=0,5", "dataset.n=64", "metric.kernel=linear") == {
        0: {**job, "sweep.metric.kernel": "linear"}
    }


@pytest.mark.parametrize(
    "changed", [["metric.unbiased=false"], ["metric=cosine"], ["layers=last"], ["inference.level=0.9"]]
)
def test_another_config_is_another_job(one_done, changed):
    assert one_done(*SWEPT, *changed) == {}


def test_other_code_a_failure_or_a_deleted_run_is_not_recorded(one_done, monkeypatch):
    client, run = one_done.client, one_done.run
    monkeypatch.setattr(kept_by, "code", lambda: "other")
    assert one_done(*SWEPT) == {}
    monkeypatch.undo()
    for status in ("FAILED", "KILLED", "RUNNING"):
        client.update_run(run, status=status)
        assert one_done(*SWEPT) == {}
    client.update_run(run, status="FINISHED")
    assert one_done(*SWEPT)
    client.set_tag(run, INCOMPLETE, "metrics")
    assert one_done(*SWEPT) == {}
    client.delete_tag(run, INCOMPLETE)
    client.delete_run(run)
    assert one_done(*SWEPT) == {}


def test_a_sweeper_whose_jobs_nobody_knows_yet_is_refused(one_done):
    with pytest.raises(ConfigError, match=r"resume: .* not known beforehand"):
        one_done(*SWEPT, "++hydra.sweeper._target_=somewhere.Optuna")


def test_recorded_jobs_are_children_of_both_sweeps_until_they_are_deleted(workplace):
    client, experiment = opened(workplace)
    old = record_sweep(client, experiment, [{"score": 0.5, "seed": str(seed)} for seed in (0, 1)], ("seed",))
    runs = [run for run in client.search_runs([experiment]) if "sweep.seed" in run.data.tags]
    new = record_sweep(client, experiment, [], ("dataset.n",))
    given = {"sweep.dataset.n": "64"}
    adopt(client, new, {at + 9: {"run": run.info.run_id, **given} for at, run in enumerate(runs)})
    found = adopted(client, client.get_run(new))
    assert [run.info.run_id for run in found] == [run.info.run_id for run in runs]
    assert {run.data.tags["sweep.dataset.n"] for run in found} == {"64"}
    assert {client.get_run(run.info.run_id).data.tags["mlflow.parentRunId"] for run in runs} == {old}
    client.delete_run(runs[0].info.run_id)
    assert len(adopted(client, client.get_run(new))) == 1


def test_it_is_said_in_words():
    runs = {number: {"run": f"{number}" * 32} for number in range(5)}
    assert said({}, 36) == "none of 36 jobs is recorded with this config and code, 36 to do"
    assert said({1: runs[1]}, 3) == "1 of 3 jobs is recorded already (run 11111111), 2 to do"
    assert said(runs, 36) == (
        "5 of 36 jobs are recorded already (runs 00000000, 11111111, 22222222 and 2 more), 31 to do"
    )


def test_a_table_for_notebooks_has_each_job_once_unless_all_are_asked_for(workplace):
    client, experiment = opened(workplace)
    for score in (0.1, 0.2):
        record(client, experiment, score, tags={SAME: "one"})
    record(client, experiment, None, tags={SAME: "one"}, status="FAILED")
    uri = f"sqlite:///{workplace}/mlruns/mlflow.db"
    assert set(load(uri=uri)["score"]) == {0.2}
    assert load(uri=uri, every=True)["run_id"].nunique() == 3


def test_a_sweep_whose_resume_is_no_truth_does_nothing(prh, runs):
    outcome = prh("-m", "seed=0,1", "resume=yes")
    assert outcome.code == 2
    assert "resume: yes is neither true nor false" in outcome.err
    assert not runs()[1]
