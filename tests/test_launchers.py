"""Jobs of a sweep in other processes: they find their parent, and each other's features."""

import importlib.util
import subprocess
import sys

import pytest

from tests.sweep.test_sweep import FEW

LAUNCHERS = {
    "joblib": ("hydra_plugins.hydra_joblib_launcher", ["hydra.launcher.n_jobs=2"]),
    "ray": (
        "hydra_plugins.hydra_ray_launcher",
        ["+hydra.launcher.ray.init.num_cpus=2", "+hydra.launcher.ray.init.include_dashboard=false"],
    ),
    "submitit_local": ("hydra_plugins.hydra_submitit_launcher", ["hydra.launcher.timeout_min=10"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_jobs_in_other_processes_are_children_of_one_parent(launcher, prh, runs, data_dir, cache_dir):
    module, options = LAUNCHERS[launcher]
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"the extra of {launcher} is not installed")
    # Features and layouts are there already, so that the jobs only start, compare and record.
    same = [*FEW, "dataset.n=64", "model=fashion_cnn"]
    assert prh(*same).code == 0
    outcome = prh("-m", *same, f"hydra/launcher={launcher}", *options, "inference.seed=1,2")
    assert outcome.code == 0, outcome.err
    _, found = runs()
    parents = [run for run in found if "prh.swept" in run.data.tags]
    children = [run for run in found if "mlflow.parentRunId" in run.data.tags]
    assert [run.info.status for run in parents] == ["FINISHED"]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parents[0].info.run_id}
    assert {run.data.tags["sweep.inference.seed"] for run in children} == {"1", "2"}
    assert all(run.info.status == "FINISHED" for run in children)
    assert parents[0].data.metrics["jobs.finished"] == 2
    assert outcome.err.count("✓ job ") == 2
    # In a process of its own: workers that outlive a sweep remember its parent.
    asked = ["-m", *same, f"hydra/launcher={launcher}", *options, "inference.seed=1,2", "resume=true"]
    places = [f"data_dir={data_dir}", f"cache_dir={cache_dir}"]
    command = [sys.executable, "-m", "prh.run", *asked, *places]
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "2 of 2 jobs are recorded already" in again.stderr
    assert "2 jobs: 2 finished; 2 of them recorded before" in again.stdout
    assert len(runs()[1]) == len(found) + 1
