"""What of the installation and the machine a run needs: versions, extras, processors, memory, terminal."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from prh import __version__
from prh.commands.check import Check
from prh.ground.extras import installed
from prh.ground.torchvision import mend_torchvision

NAMED = "torch", "torchvision", "hydra-core", "mlflow", "numpy", "transformers", "pytorch-lightning"
"""The packages whose versions are told; those of all others are only compared with what prh asks for."""
PYTHONS = (3, 11), (3, 12), (3, 13)
LEAST_GB = 2.0
"""Memory below which the default run would not fit."""
NARROWEST = 60
EXTRA = "extra =="
NO_EXTRAS = {"dev"}


def software() -> Iterator[Check]:
    """Yields what is said of prh, Python and the packages that it stands on."""
    yield Check("software", "prh", __version__)
    here = sys.version_info[:2]
    asked = " or ".join(".".join(map(str, python)) for python in PYTHONS)
    fine = here in PYTHONS
    remedy = "" if fine else f"make an environment with Python {asked}"
    yield Check("software", "Python", platform.python_version(), "good" if fine else "bad", remedy)
    for name in NAMED:
        yield _version(name)
    yield from _pins()
    mend_torchvision()  # as every run does
    for module in ("torchvision", "mlflow"):
        yield _imports(module)


def _version(name: str) -> Check:
    try:
        return Check("software", name, version(name))
    except PackageNotFoundError:
        return Check("software", name, "not installed", "bad", "pip install prh")


def _imports(module: str) -> Check:
    """Returns whether a library that compiled parts may break can be imported, by importing it."""
    try:
        importlib.import_module(module)
    except Exception as error:  # broken installations fail in any way there is
        reason = (str(error).splitlines() or [type(error).__name__])[0][:100]
        return Check("software", f"import {module}", reason, "bad", f"pip install --force-reinstall {module}")
    return Check("software", f"import {module}", "works")


def _pins() -> Iterator[Check]:
    """Yields whether the installed packages are those that prh asks for."""
    from packaging.requirements import Requirement

    try:
        asked = [Requirement(line) for line in requires("prh") or () if EXTRA not in line]
    except PackageNotFoundError:
        yield Check("software", "packages", "prh is not installed, so what it asks for is not known", "told")
        return
    wrong = []
    for requirement in asked:
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            found = "not installed"
        if found == "not installed" or not requirement.specifier.contains(found, prereleases=True):
            wrong.append(f"{requirement} ({found})")
    if wrong:
        yield Check("software", "packages", f"not as asked for: {', '.join(wrong)}", "bad", "pip install prh")
    else:
        yield Check("software", "packages", f"all {len(asked)} as prh asks for them")


def extras() -> Iterator[Check]:
    """Yields which extras are installed."""
    from packaging.requirements import Requirement

    try:
        lines = requires("prh") or []
    except PackageNotFoundError:
        return
    by_extra: dict[str, list[str]] = {}
    for line in (line for line in lines if EXTRA in line):
        name = line.rpartition(EXTRA)[2].strip().strip("'\"")
        by_extra.setdefault(name, []).append(Requirement(line).name)
    for name, packages in sorted(by_extra.items()):
        if name in NO_EXTRAS:
            continue
        if lacking := [package for package in packages if not installed(package)]:
            yield Check("extras", name, f"no {', '.join(lacking)}", "told", f"pip install 'prh[{name}]'")
        else:
            yield Check("extras", name, ", ".join(packages))


def machine() -> Iterator[Check]:
    """Yields what computes: processors, threads, device, memory."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        import torch

        yield Check("machine", "processors", f"{cores}, torch uses {torch.get_num_threads()} threads")
        cuda = torch.cuda.is_available()
        device = ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
        yield Check("machine", "device", f"cuda: {device}" if cuda else "cpu; there is no CUDA device")
    except Exception as error:  # broken installations fail in any way there is
        reason = (str(error).splitlines() or [type(error).__name__])[0][:100]
        yield Check("machine", "torch", reason, "bad", "pip install --force-reinstall torch")
    memory = psutil.virtual_memory()
    free, total = memory.available / 1e9, memory.total / 1e9
    said = f"{free:.1f} of {total:.1f} GB free"
    if free < LEAST_GB:
        remedy = "close other programs, or lower dataset.n, batch_size and similarity.memory_gb"
        yield Check("machine", "memory", said, "told", remedy)
    else:
        yield Check("machine", "memory", said)


def terminal() -> Iterator[Check]:
    """Yields what the terminal can show."""
    from rich.console import Console

    console = Console()
    encoding = (sys.stdout.encoding or "ascii").lower()
    if encoding.startswith("utf"):
        yield Check("terminal", "characters", encoding)
    else:
        remedy = "export PYTHONIOENCODING=utf-8, in a terminal that shows it"
        yield Check("terminal", "characters", f"{encoding}: × and – cannot be shown", "told", remedy)
    colours = console.color_system or "none"
    said = f"{console.width} columns, colours: {colours}"
    narrow = console.width < NARROWEST
    remedy = f"make it {NARROWEST} columns wide, or tables go on below" if narrow else ""
    yield Check("terminal", "width", said, "told" if narrow else "good", remedy)
