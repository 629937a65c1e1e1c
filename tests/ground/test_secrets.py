"""No password is seen anywhere but where the connection is opened."""

import json
import logging
import subprocess
import sys

import pytest

from prh.ground import secrets
from prh.ground.secrets import MaskedFormatter, concealed, is_masked, masked, revealed, withdrawn

ADDRESSES = {
    "postgresql://me:s3cret-word@host:5432/db": ["s3cret-word"],
    "postgresql+psycopg2://me:s3cret/w@rd?@host/db": ["s3cret/w@rd?", "s3cret", "rd?@"],
    "http://me:s3cret,w0rd@host": ["s3cret,w0rd", "w0rd"],
    "https://:s3cret%40w0rd@host/base": ["s3cret%40w0rd", "s3cret@w0rd"],
    "mysql://host/db?user=me&password=s3cretw0rd": ["s3cretw0rd"],
    "mssql://me:one1@host/db?driver=x&sslpassword=two22;token=three3": ["one1", "two22", "three3"],
}


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setenv(secrets.KEPT, "{}")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("written", ["tracking.uri={}", "+tracking.uri='{}'", 'tracking={{uri:"{}"}}'])
def test_a_command_line_holds_no_password_and_the_address_comes_back(address, written):
    (argument,) = withdrawn([written.format(address)])
    assert not any(password in argument for password in ADDRESSES[address])
    (short,) = json.loads(secrets.os.environ[secrets.KEPT])
    assert short in argument
    assert is_masked(short)
    assert revealed(short) == address
    assert withdrawn([argument]) == [argument]


def test_a_list_of_addresses_keeps_each_apart():
    first, second = "postgresql://u:pw-one@h/a", "postgresql://u:pw-two@h/b"
    (argument,) = withdrawn([f"tracking.uri={first},{second}"])
    assert argument == "tracking.uri=postgresql://u:***@h/a,postgresql://u:***@h/b"
    shorts = argument.removeprefix("tracking.uri=").split(",")
    assert [revealed(short) for short in shorts] == [first, second]


def test_what_hydra_has_escaped_is_not_part_of_the_password():
    withdrawn([r"tracking.uri=postgresql://u:a\,b\=c@h/db"])
    assert revealed("postgresql://u:***@h/db") == "postgresql://u:a,b=c@h/db"


@pytest.mark.parametrize(
    "plain", ["sqlite:///mlruns/mlflow.db", "http://127.0.0.1:5000", "postgresql://u@h/db"]
)
def test_an_address_without_a_password_stays(plain):
    assert concealed(plain) == plain
    assert revealed(plain) == plain
    assert masked(plain) == plain


@pytest.mark.parametrize("address", ADDRESSES)
def test_other_libraries_errors_are_told_without(address):
    concealed(address)
    password = ADDRESSES[address][0]
    told = masked(f"cannot open {address}: user me, password {password}, given as {password!r}")
    assert not any(password in told for password in ADDRESSES[address])
    assert told.startswith("cannot open ")


def test_a_log_line_and_its_traceback_are_masked():
    try:
        raise RuntimeError("lost http://me:pw-one@host")
    except RuntimeError:
        record = logging.LogRecord("x", 20, "", 0, "at http://me:pw-one@host", None, sys.exc_info())
    line = MaskedFormatter("%(message)s").format(record)
    assert "Traceback" in line
    assert line.splitlines()[-1] == "RuntimeError: lost http://me:***@host"
    assert "pw-one" not in line


def test_an_exception_nobody_caught_is_masked():
    code = (
        "import sys; from prh.ground.secrets import *; sys.excepthook = masked_traceback;"
        "raise ValueError(revealed(concealed('http://me:' + 'pw-one@host')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "ValueError: http://me:***@host"
