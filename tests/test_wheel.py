"""The wheel is complete: configs inside, console script, works from any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.sweep.test_sweep import FEW

ROOT = Path(__file__).parents[1]
WARM = [*(o for o in FEW if "inference" not in o), "inference=none", "model=fashion_cnn", "dataset.n=64"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel's content, unpacked where nothing of the checkout can be seen."""
    folder = tmp_path_factory.mktemp("wheel")
    build = f"from hatchling.build import build_wheel; print(build_wheel('{folder}'))"
    subprocess.run([sys.executable, "-c", build], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("prh-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_every_config_is_in_the_wheel(installed):
    ours = {path.relative_to(ROOT / "conf") for path in (ROOT / "conf").rglob("*.yaml")}
    theirs = {
        path.relative_to(installed / "prh" / "conf") for path in (installed / "prh" / "conf").rglob("*.yaml")
    }
    assert ours == theirs
    assert len(ours) > 10
    assert (installed / "prh" / "stimuli" / "cldr.json").read_bytes() == (
        ROOT / "prh" / "stimuli" / "cldr.json"
    ).read_bytes()


def test_the_console_script_is_declared(installed):
    (entry_points,) = installed.glob("prh-*.dist-info/entry_points.txt")
    assert "prh = prh.commands.dispatch:main" in entry_points.read_text()


def test_it_runs_from_another_folder_and_a_warm_run_imports_what_it_needs(
    installed, tmp_path, data_dir, cache_dir, prh
):
    assert prh(*WARM).code == 0
    code = (
        "import prh, sys; from prh.run import main; assert 'site' in prh.__file__, prh.__file__; main(); "
        "print([m for m in ('pytorch_lightning', 'sentence_transformers', 'umap') if m in sys.modules])"
    )
    overrides = [*WARM, "output_dir=elsewhere", f"data_dir={data_dir}", f"cache_dir={cache_dir}"]
    done = subprocess.run(
        [sys.executable, "-c", code, *overrides],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert (tmp_path / "mlruns" / "mlflow.db").exists()
    assert (tmp_path / "elsewhere" / "figures" / "stimuli.png").exists()
