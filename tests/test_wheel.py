"""The wheel is complete: configs inside, console script, works from any folder, and as a library alone."""

import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

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


@pytest.fixture(scope="module")
def library(installed, tmp_path_factory):
    """Runs a Python that sees the wheel, what it depends on without extras, and no other library."""
    folder = tmp_path_factory.mktemp("library")
    (wheel,) = installed.glob("prh-*.dist-info")
    asked = re.findall("^Requires-Dist: (.*)$", (wheel / "METADATA").read_text(), re.MULTILINE)
    waiting = [Requirement(line) for line in asked]
    while waiting:
        wanted = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        found = distribution(wanted.name)
        waiting += map(Requirement, found.requires or [])
        for name in {file.parts[0] for file in found.files} - {"..", "__pycache__"}:
            if not (folder / name).exists():
                (folder / name).symlink_to(found.locate_file(name))

    def run(*arguments):
        paths = os.pathsep.join(map(str, (installed, folder)))
        return subprocess.run(
            [sys.executable, "-S", "-W", "error::DeprecationWarning", *arguments],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": paths,
                "NUMBA_DISABLE_JIT": "1",
            },  # compiling takes half a minute
            capture_output=True,
            text=True,
        )

    return run


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


def test_types_are_declared(installed):
    assert (installed / "prh" / "py.typed").exists()


LIBRARY = """
import sys
before = list(sys.meta_path)
import numpy as np
from prh.inference import permutation_test, score_interval
from prh.similarity import RSA, MutualKNN, cka, cluster_scores, mutual_knn, rsa
import prh; assert "site" in prh.__file__
assert sys.meta_path == before
x = np.random.default_rng(0).normal(size=(60, 8))
y = x[:, :5]
assert 0.5 < rsa(x, y) < 1 and 0.3 < mutual_knn(x, y) < 1 and 0.5 < cka(x, y) < 1
assert MutualKNN(device="auto")(x, y) == mutual_knn(x, y)
in_blocks = RSA(memory_gb=1e-6)(x, y)
assert abs(in_blocks - rsa(x, y)) < 1e-3
states = RSA().prepare(x), RSA().prepare(y)
assert permutation_test(RSA(), *states, n=99).p == 0.01
low, high = score_interval(RSA(), x, y)
assert low < rsa(x, y) < high
assert cluster_scores(x, x[:, 0] > 0).silhouette > 0
try: MutualKNN(device="cuda")(x, y)
except ModuleNotFoundError as error: print(error)
import doctest, prh.inference, prh.similarity
for room in (prh.inference, prh.similarity): assert doctest.testmod(room).attempted > 4
"""


def test_as_a_library_it_needs_no_more_than_it_says(library):
    done = library("-c", LIBRARY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "device=cuda needs torch: pip install torch, or use cpu\n"


@pytest.mark.parametrize("module", ["prh.run", "prh.extract", "prh.ui"])
def test_what_the_library_cannot_do_is_one_line(library, module):
    done = library("-m", module, "seed=1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "pip install 'prh[experiment]'" in done.stderr


def test_the_library_is_imported_in_half_a_second(library):
    code = "import time, prh.similarity, prh.inference; print(time.process_time())"
    assert min(float(library("-c", code).stdout) for _ in range(3)) < 0.5


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
