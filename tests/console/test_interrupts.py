"""An interrupt ends the work, wherever it strikes."""

import os
import signal
import sys
import time

import pytest

from prh.console.interrupts import end_quietly, interruptible


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    yield
    signal.signal(signal.SIGTERM, before)


class Garbage:
    def __init__(self, raised):
        self.raised = raised

    def __del__(self):
        raise self.raised


def test_an_interrupt_while_garbage_is_collected_is_not_lost():
    interruptible()
    with pytest.raises(KeyboardInterrupt):
        del_and_wait(KeyboardInterrupt())


def del_and_wait(raised):
    Garbage(raised)
    time.sleep(5)


def test_other_errors_there_are_told_as_before(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda ignored: told.append(ignored.exc_type))
    interruptible()
    Garbage(ValueError())
    assert told == [ValueError]


def terminate_and_wait():
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)


def test_sigterm_is_an_interrupt():
    interruptible()
    with pytest.raises(KeyboardInterrupt):
        terminate_and_wait()


def test_what_was_interrupted_while_made_does_not_complain(capsys):
    end_quietly()
    Garbage(AttributeError())
    assert capsys.readouterr().err == ""
