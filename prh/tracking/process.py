"""Who a run belongs to, so that the next one can tell whether its process is gone."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

HOST, PID, KERNEL, STARTED = "prh.host", "prh.pid", "prh.kernel", "prh.started"
"""Tags of a run."""


def host() -> str:
    """Returns this machine's name, as a filter of MLflow's can hold it."""
    return socket.gethostname().replace("'", "")


def this_process() -> dict[str, str]:
    """Returns the tags that name this process among all of all machines and containers."""
    return {
        HOST: host(),
        PID: str(os.getpid()),
        KERNEL: _kernel(),
        STARTED: _started(os.getpid()) or "",
    }


def is_gone(tags: Mapping[str, str]) -> bool:
    """Says whether the process that a run's tags name is gone for certain.

    Process ids mean something only where they were given: containers share a host's name, and a machine that
    was started again, or another of that name, looks like this one. When in doubt, the process is alive.
    """
    here = this_process()
    if not here[KERNEL] or any(tags.get(name) != here[name] for name in (HOST, KERNEL)):
        return False
    pid = tags.get(PID, "")
    if not pid.isdecimal() or len(pid) > 9:
        return False
    started = _started(int(pid))
    return started is None or (started != "" and bool(tags.get(STARTED)) and started != tags[STARTED])


def _kernel() -> str:
    """Returns the id of this boot and of the process table seen from here; empty where neither can be had."""
    import psutil

    if not psutil.LINUX:
        return f"{int(psutil.boot_time()) // 60}"
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """Returns when a process started, None if there is none or it only waits to be reaped, "" if unknown."""
    import psutil

    if not psutil.pid_exists(pid):
        return None
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if not psutil.LINUX:
            return str(round(process.create_time()))
        # Ticks since boot: a clock that is put right does not change them.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (psutil.Error, OSError):  # also where processes of others are hidden
        return ""
