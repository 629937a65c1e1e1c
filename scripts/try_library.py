"""Installs the library alone with the oldest or the newest versions that it takes, and tests it there.

make test-lowest test-newest
python3.13 scripts/try_library.py newest
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS_NEED = ("pytest", "pytest-xdist", "hypothesis")
SIMULATIONS = ("blocks", "ceilings", "centroids", "means")
"""Tests of how often something happens in many samples, which take long and depend on no version."""
OFFERED = "import prh.inference, prh.similarity; assert 'torch' not in __import__('sys').modules"


def oldest() -> list[str]:
    """Returns the lower ends of the ranges in pyproject.toml as exact versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [line.split(",")[0].replace(">=", "==") for line in project["dependencies"]]


def main() -> None:
    """Makes an environment of its own under build/ and runs there what tests the library."""
    end = sys.argv[1] if sys.argv[1:] in (["lowest"], ["newest"]) else sys.exit(__doc__)
    folder = ROOT / "build" / f"{end}-{sys.version_info.major}.{sys.version_info.minor}"
    venv.create(folder, clear=True, with_pip=True)
    python, quiet = folder / "bin" / "python", ("--quiet", "--disable-pip-version-check")
    pins = oldest() if end == "lowest" else []
    subprocess.run([python, "-m", "pip", "install", *quiet, ROOT, *pins, *TESTS_NEED], check=True)
    subprocess.run([python, "-m", "pip", "list", "--disable-pip-version-check"], check=True)
    subprocess.run([python, "-c", OFFERED], cwd=folder, check=True)
    # Appended, so that tests are found in the checkout and the package where it was installed.
    options = ["--import-mode=append", "--override-ini=addopts=", "-q", "-n", "2", "-m", "not slow"]
    options += ["-W", "error::DeprecationWarning", "-p", "no:cacheprovider"]
    threads = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    for room in ("similarity", "inference"):
        left_out = [f"--ignore=tests/{room}/test_{name}.py" for name in SIMULATIONS]
        command: list[str | Path] = [
            folder / "bin" / "pytest",
            *options,
            f"--confcutdir=tests/{room}",
            *left_out,
            f"tests/{room}",
        ]
        subprocess.run(command, cwd=ROOT, env=os.environ | threads, check=True)


if __name__ == "__main__":
    main()
