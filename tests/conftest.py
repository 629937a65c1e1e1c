"""Real data, real weights and real MLflow databases, each prepared once."""

import os
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections import namedtuple
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from prh.ground.progress import Silent
from prh.stimuli import FashionMNIST


class Listening(Silent):
    """Remembers what it was told and warned of."""

    def __init__(self):
        self.notes, self.warnings = [], []

    def note(self, text):
        self.notes.append(text)

    def warn(self, text):
        self.warnings.append(text)


signal.signal(signal.SIGINT, signal.default_int_handler)
"""A suite that is started in the background ignores interrupts otherwise, and so does what it starts."""

Outcome = namedtuple("Outcome", "code out err")

SMALL = (
    "dataset.n=64",
    "reference.fit.n_train=300",
    "reference.fit.epochs=1",
    "inference.n_permutations=99",
    "inference.n_bootstrap=20",
    "figures.umap_layers=1",
    "figures.dpi=60",
    "figures.formats=[png,svg]",
)
"""Overrides for a run in seconds that still goes through every stage."""


@pytest.fixture(scope="session")
def data_dir():
    """Fashion-MNIST, fetched on the first run of the suite as a user's first run would."""
    folder = Path(os.environ.get("PRH_DATA_DIR", "~/.cache/prh/data")).expanduser()
    FashionMNIST(n=1000).draw(0, folder, Silent())
    FashionMNIST(n=1000).training_data(folder, Silent())
    return folder


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """One folder for all processes that share the suite's work, empty when it starts."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def cache_dir(shared):
    """One cache for all runs of the suite, as sweeps share one."""
    return shared / "cache"


@pytest.fixture
def unprivileged():
    """A folder of one whom file modes bind, as they do not bind root, for as long as the test lasts."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o777)
    root = os.geteuid() == 0
    if root:
        os.chown(place, 65534, -1)
        os.seteuid(65534)
    yield place
    if root:
        os.seteuid(0)
    for folder in [place, *filter(Path.is_dir, place.rglob("*"))]:
        folder.chmod(0o777)
    shutil.rmtree(place)


@contextmanager
def small_files(most):
    """Limits the size of files that this process may write in the block, as ``ulimit -f`` does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(scope="session")
def migrated(shared):
    """An empty MLflow database: making one takes seconds, copying it none."""
    path = shared / "template" / "mlflow.db"
    path.parent.mkdir(exist_ok=True)
    with FileLock(shared / "template.lock"):
        if not path.exists():
            from prh.tracking.database import open_database

            open_database(f"sqlite:///{path}", "unused")
    return path


@pytest.fixture
def workplace(tmp_path, migrated, monkeypatch):
    """A folder to run in, with an empty database."""
    (tmp_path / "mlruns").mkdir()
    with (
        closing(sqlite3.connect(migrated)) as template,
        closing(sqlite3.connect(tmp_path / "mlruns" / "mlflow.db")) as fresh,
    ):
        template.backup(fresh)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def prh(workplace, data_dir, cache_dir, capfd, monkeypatch):
    """Runs ``prh`` with overrides in this process, as the console script does."""

    def run(*overrides, cache=cache_dir, data=data_dir):
        from prh.run import main

        # Modules of one's own, such as mine.py and my_metric.py, are looked for in each test's folder anew.
        monkeypatch.setattr(sys, "path", list(sys.path))
        for own in [name for name in sys.modules if name.startswith(("mine", "my_"))]:
            sys.modules.pop(own)
        monkeypatch.setattr(sys, "argv", ["prh", *overrides, f"data_dir={data}", f"cache_dir={cache}"])
        monkeypatch.setenv("COLUMNS", "200")
        capfd.readouterr()
        try:
            main()
            code = 0
        except SystemExit as exit:
            code = exit.code
        return Outcome(code, *capfd.readouterr())

    return run


@pytest.fixture
def runs(workplace):
    """Returns the MLflow runs recorded in the workplace, newest first."""

    def search(name="prh"):
        from prh.tracking.database import open_database

        client, experiment = open_database(f"sqlite:///{workplace}/mlruns/mlflow.db", name)
        return client, client.search_runs([experiment])

    return search
