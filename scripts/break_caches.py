"""The part of break.py that damages cached files: each kind in four ways, and the same run again.

A run that follows must end well, give the numbers it gave before, name each damaged file in one warning, and
leave no damaged file behind.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

COMMON = (
    *("dataset.n=60", "inference.n_permutations=19", "figures.umap_layers=2", "figures.dpi=40"),
    *("model=pixels", "metric=euclidean", "output_dir=out"),
)
FASHION = (
    *COMMON,
    *("model@reference=fashion_cnn", "reference.fit.n_train=300", "reference.fit.epochs=1"),
)
PIXELS = (*COMMON, "model@reference=pixels", "reference.name=px2", "text=none")
OPENMOJI = (*PIXELS, "dataset=openmoji", "dataset.size=32")
PATTERNS = (
    *PIXELS,
    *(
        "dataset=reaction_diffusion",
        "dataset.grid=10",
        "dataset.size=32",
        "dataset.steps=2000",
        "dataset.n=12",
    ),
)
GIVE_UP_S = 600


@dataclass(frozen=True)
class Kind:
    """One kind of cached file.

    Attributes:
        files: Pattern under the cache.
        run: Overrides of a run that needs them.
        also: What is deleted so that it needs them, since what is computed from them is kept too.
    """

    files: str
    run: tuple[str, ...]
    also: tuple[str, ...] = ()


KINDS = {
    "features": Kind("features/*-*/*/*/*/*.npz", FASHION),
    "sentences": Kind("features/*/sentences-*/*/*.npz", FASHION),
    "layouts": Kind("features/layouts/*/*.npz", FASHION),
    "checkpoints": Kind("checkpoints/*.safetensors", FASHION),
    "pictures": Kind("data/openmoji-*/*.png", OPENMOJI, ("features",)),
    "thumbnails": Kind("features/thumbnails/*/*/*.npz", OPENMOJI),
    "simulations": Kind("data/reaction_diffusion/*.npz", PATTERNS),
    "Fashion-MNIST": Kind("data/FashionMNIST/raw/*-ubyte", FASHION),
}


def _flipped(content: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << draw.randrange(8))]) + content[at + 1 :]


WAYS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut short": lambda content, draw: content[: draw.randrange(1, len(content))],
    "emptied": lambda content, draw: b"",
    "a byte flipped": _flipped,
    "garbage": lambda content, draw: draw.randbytes(len(content)),
}


def damaged_caches(place: Path, seed: int) -> list[str]:
    """Damages each kind of cached file in each way, and returns what was lost or wrong afterwards."""
    draw, wrong = random.Random(seed), list[str]()
    fetched = Path(os.environ.get("PRH_DATA_DIR", "~/.cache/prh/data")).expanduser() / "FashionMNIST"
    if fetched.is_dir():
        shutil.copytree(fetched, place / "cache" / "data" / "FashionMNIST")
    for name, kind in KINDS.items():
        folder, cache = place / name, place / "cache"
        if _run(folder, cache, kind):
            return [*wrong, f"{name}: the undisturbed run fails: {_said(folder)}"]
        expected = _numbers(folder)
        for way, damage in WAYS.items():
            found = _after(folder, cache, kind, lambda content: damage(content, draw), expected)  # noqa: B023
            print(f"  {name}, {way}: {'; '.join(found) or 'nothing'}", flush=True)
            wrong += [f"{name}, {way}: {what}" for what in found]
    return wrong


def _after(
    folder: Path, cache: Path, kind: Kind, damage: Callable[[bytes], bytes], expected: str
) -> list[str]:
    # What a run did not read it had no reason to make again.
    whole = {path: content for path in sorted(cache.glob(kind.files)) if (content := path.read_bytes())}
    victims = {path: damage(content) for path, content in whole.items()}
    if not victims:
        return ["there is no such file"]
    for path, content in victims.items():
        path.write_bytes(content)
    for other in kind.also:
        shutil.rmtree(cache / other)
    if _run(folder, cache, kind):
        return [f"the next run fails: {_said(folder)}"]
    said = " ".join((folder / "said.txt").read_text().split())
    named = [path for path in victims if str(path) in said]
    wrong = ["other numbers than before"] if _numbers(folder) != expected else []
    wrong += ["a traceback"] if "Traceback" in said else []
    wrong += [] if named else ["no file is named"]
    wrong += [f"{path.name} is named, and still damaged" for path in named if _same(path, victims[path])]
    if any(said.count(f"warning {path}") > 1 for path in named):
        wrong.append("a file is named more than once")
    return wrong


def _same(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


def _numbers(folder: Path) -> str:
    return (folder / "out" / "tables" / "scores.csv").read_text()


def _said(folder: Path) -> str:
    lines = (folder / "said.txt").read_text().strip().splitlines()
    return lines[-1] if lines else "(nothing)"


def _run(folder: Path, cache: Path, kind: Kind) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PRH_CACHE_DIR": str(cache), "PRH_DATA_DIR": str(cache / "data")}
    environment |= {"COLUMNS": "1000", "PYTHONPATH": str(Path(__file__).parents[1])}
    with (folder / "said.txt").open("w") as log:
        command = [sys.executable, "-m", "prh.run", *kind.run]
        return subprocess.run(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, timeout=GIVE_UP_S
        ).returncode
