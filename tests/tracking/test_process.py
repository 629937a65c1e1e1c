"""A run is taken for dead only where that is certain."""

import json
import shutil
import subprocess
import sys
import time

import pytest

from prh.tracking.process import HOST, KERNEL, PID, STARTED, is_gone, this_process

WAIT = "import json, time; from prh.tracking.process import *; print(json.dumps(this_process()), flush=True)"


@pytest.fixture
def other():
    """Starts another process that says who it is, then waits."""
    started = []

    def start(*before):
        command = [*before, sys.executable, "-c", f"{WAIT}; time.sleep(60)"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process, json.loads(process.stdout.readline() or "null")

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_process_is_gone_when_it_is_killed_even_before_it_is_reaped(other):
    process, tags = other()
    assert not is_gone(tags)
    process.kill()
    deadline = time.monotonic() + 10
    while not is_gone(tags):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.wait()
    assert is_gone(tags)


def test_another_process_with_its_number_is_not_it():
    tags = this_process()
    assert not is_gone(tags)
    assert is_gone(tags | {STARTED: str(int(tags[STARTED]) - 1)})


DOUBT = {
    "another machine": {HOST: "elsewhere"},
    "another machine, or boot, of that name": {
        KERNEL: "00000000-0000-0000-0000-000000000000 pid:[4026531836]"
    },
    "another container of that name": {KERNEL: f"{this_process()[KERNEL].split()[0]} pid:[1]"},
    "a kernel that says nothing": {KERNEL: ""},
    "no number": {PID: "many"},
}


@pytest.mark.parametrize("case", DOUBT)
def test_when_in_doubt_it_lives(case):
    assert not is_gone(this_process() | {PID: "999999999"} | DOUBT[case])
    assert is_gone(this_process() | {PID: "999999999"})


@pytest.mark.parametrize("missing", [HOST, KERNEL, PID])
def test_a_run_that_does_not_say_whose_it_is_lives(missing):
    tags = this_process() | {PID: "999999999"}
    del tags[missing]
    assert not is_gone(tags)


def test_a_live_process_of_another_container_is_not_gone(other):
    unshare = shutil.which("unshare")
    if (
        unshare is None
        or subprocess.run([unshare, "-fp", "--mount-proc", "true"], capture_output=True).returncode
    ):
        pytest.skip("no process table of one's own to be had here")
    _, tags = other(unshare, "-fp", "--mount-proc", "--kill-child")
    assert tags[HOST] == this_process()[HOST]
    assert tags[KERNEL] != this_process()[KERNEL]
    assert not is_gone(tags)
    assert not is_gone(tags | {PID: "999999999"})
