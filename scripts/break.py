"""Breaks prh on purpose and prints what was lost or wrong afterwards: nothing.

    PYTHONPATH=. python scripts/break.py
    PYTHONPATH=. python scripts/break.py --only kills --tries 20

Every section works in temporary folders of its own, with a cache of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from break_caches import damaged_caches

QUICK = (
    *("model=pixels", "model@reference=fashion_cnn", "metric=euclidean", "text=none", "dataset.n=64"),
    *("reference.fit.n_train=300", "reference.fit.epochs=1", "inference.n_permutations=19"),
    *("figures.umap_layers=1", "figures.dpi=40", "output_dir=out"),
)
GIVE_UP_S = 240
ENDS_WITHIN_S = 30
"""How long a run may take to end once it is interrupted, on a busy machine."""


@dataclass(frozen=True)
class Asked:
    """What the command line asks for, and where to work."""

    tries: int
    seed: int
    place: Path


def start(folder: Path, cache: Path, *overrides: str) -> subprocess.Popen[str]:
    """Starts ``prh`` in a folder, as a user would there."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PRH_CACHE_DIR": str(cache), "COLUMNS": "200"}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    log = (folder / "said.txt").open("w")
    command = [sys.executable, "-m", "prh.run", *QUICK, *overrides]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True
    )


def run(folder: Path, cache: Path, *overrides: str) -> int:
    """Runs ``prh`` to its end and returns its exit status."""
    return start(folder, cache, *overrides).wait(GIVE_UP_S)


def said(folder: Path) -> str:
    """Returns the last line that a run printed."""
    lines = (folder / "said.txt").read_text().strip().splitlines()
    return lines[-1] if lines else "(nothing)"


def recorded(folder: Path) -> list[tuple[str, str, int]]:
    """Returns status, name and number of artifacts of every run in a folder's database, oldest first."""
    with closing(sqlite3.connect(folder / "mlruns" / "mlflow.db")) as database:
        rows = database.execute(
            "SELECT status, name, artifact_uri FROM runs ORDER BY start_time, status"
        ).fetchall()
    files = [Path(uri.removeprefix("file://")) for _, _, uri in rows]
    counts = [sum(1 for file in place.rglob("*") if file.is_file()) for place in files]
    return [(status, name, count) for (status, name, _), count in zip(rows, counts, strict=True)]


def broken(folder: Path) -> list[str]:
    """Returns what is wrong with the files of a folder's database."""
    mlruns = folder / "mlruns"
    with closing(sqlite3.connect(mlruns / "mlflow.db")) as database:
        (answer,) = database.execute("PRAGMA integrity_check").fetchone()
    wrong = [] if answer == "ok" else [f"integrity_check says {answer}"]
    return wrong + [f"{left.name} was left behind" for left in mlruns.glob(".making-*")]


def undisturbed(asked: Asked) -> tuple[Path, float, int]:
    """Fills the cache, then makes one run that nothing disturbs; returns cache, seconds and artifacts."""
    cache = asked.place / "cache"
    if run(asked.place / "filling", cache):
        sys.exit(f"the undisturbed run fails: {said(asked.place / 'filling')}")
    began = time.monotonic()
    run(asked.place / "undisturbed", cache)
    return cache, time.monotonic() - began, recorded(asked.place / "undisturbed")[0][2]


def kills(asked: Asked) -> list[str]:
    """Kills a first run at random moments, and runs again."""
    cache, seconds, artifacts = undisturbed(asked)
    draw = random.Random(asked.seed)
    wrong: list[str] = []
    for number in range(asked.tries):
        signum = (signal.SIGINT, signal.SIGKILL)[number % 2]
        after = draw.uniform(0.3, seconds)
        folder = asked.place / f"kill-{number}"
        found = _killed(folder, cache, signum, after, artifacts)
        print(
            f"  {signum.name} after {after:4.1f} s of {seconds:.1f}: {'; '.join(found) or 'nothing'}",
            flush=True,
        )
        wrong += [f"{signum.name} after {after:.1f} s: {what}" for what in found]
    return wrong


def _killed(folder: Path, cache: Path, signum: signal.Signals, after: float, artifacts: int) -> list[str]:
    process = start(folder, cache)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signum)
    try:
        code = process.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return [f"went on for {ENDS_WITHIN_S} s"]
    wrong = []
    if "Traceback" in (folder / "said.txt").read_text() and after > IMPORTS_S:
        wrong.append("a traceback")
    ended = code == 0
    if run(folder, cache):
        return [*wrong, f"the next run fails: {said(folder)}"]
    *before, (status, _, count) = recorded(folder)
    if (status, count) != ("FINISHED", artifacts):
        wrong.append(f"the next run is {status} with {count} of {artifacts} artifacts")
    states = {state for state, _, _ in before}
    if len(before) > 1 or (ended and states != {"FINISHED"}) or not states <= {"KILLED", "FINISHED"}:
        wrong.append(f"the first run is {before}, exit status {code}")
    return wrong + broken(folder)


IMPORTS_S = 1.0
"""Until then Python itself starts, and has its own way to say that it was interrupted."""


def crowd(asked: Asked) -> list[str]:
    """Starts eight runs at once on a fresh database."""
    cache, _, artifacts = undisturbed(asked)
    folder = asked.place / "crowd"
    places = [folder / f"{number}" for number in range(8)]
    uri = f"tracking.uri=sqlite:///{folder}/mlruns/mlflow.db"
    processes = [start(place, cache, uri) for place in places]
    codes = [process.wait(3 * GIVE_UP_S) for process in processes]
    wrong = [f"run {number}: {said(places[number])}" for number, code in enumerate(codes) if code]
    found = recorded(folder)
    for status, _, count in found:
        print(f"  {status} with {count} of {artifacts} artifacts", flush=True)
        if (status, count) != ("FINISHED", artifacts):
            wrong.append(f"a run is {status} with {count} of {artifacts} artifacts")
    if len(found) != len(places):
        wrong.append(f"{len(found)} of {len(places)} runs are recorded")
    with closing(sqlite3.connect(folder / "mlruns" / "mlflow.db")) as database:
        for table in ("datasets", "logged_models"):
            (count,) = database.execute(
                f"SELECT count(*) FROM {table}"
                + (" WHERE lifecycle_stage = 'active'" if "models" in table else "")
            ).fetchone()
            print(f"  {count} row in {table}", flush=True)
            if count != 1:
                wrong.append(f"{count} rows in {table}")
    return wrong + broken(folder)


def caches(asked: Asked) -> list[str]:
    """Damages each kind of cached file in four ways, and runs again."""
    return damaged_caches(asked.place, asked.seed)


SECTIONS: dict[str, Callable[[Asked], list[str]]] = {"kills": kills, "crowd": crowd, "caches": caches}


def main() -> None:
    """Breaks what is asked for; exit status 1 where anything was lost or wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="sections (all)")
    parser.add_argument(
        "--tries", type=int, default=20, help="moments at which a run is killed (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn (%(default)s)")
    asked = parser.parse_args()
    wrong: list[str] = []
    for name in asked.only:
        print(f"{name}: {(SECTIONS[name].__doc__ or '').rstrip('.')}", flush=True)
        with tempfile.TemporaryDirectory() as place:
            found = SECTIONS[name](Asked(asked.tries, asked.seed, Path(place)))
        print(f"{name}: {len(found)} lost or wrong", flush=True)
        wrong += [f"{name}: {what}" for what in found]
    print("\n".join(wrong) or "nothing was lost or wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
