"""Starts MLflow's own web interface on the database that prh records to, reachable from this machine only."""

import argparse
import os
import sys

from prh.tracking.address import absolute_uri
from prh.tracking.database import QUIET, open_database
from prh.tracking.view import address, share


def main() -> None:
    """Replaces this process by ``mlflow server``; stop it with Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m prh.ui", description=__doc__)
    parser.add_argument(
        "--uri", default="sqlite:///mlruns/mlflow.db", help="tracking.uri of the runs (%(default)s)"
    )
    parser.add_argument("--experiment", default="prh", help="tracking.experiment (%(default)s)")
    parser.add_argument("--port", type=int, default=5000, help="where to listen on 127.0.0.1 (%(default)s)")
    arguments = parser.parse_args()
    for name, value in {**QUIET, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}.items():
        os.environ.setdefault(name, value)
    uri = absolute_uri(arguments.uri)
    if uri.startswith("sqlite:///") and not os.path.exists(uri.removeprefix("sqlite:///")):
        sys.exit(f"error: {uri.removeprefix('sqlite:///')} does not exist yet. Run python -m prh.run first.")
    client, experiment_id = open_database(uri, arguments.experiment)
    share(client, experiment_id)
    print(f"MLflow on {address(f'http://127.0.0.1:{arguments.port}', experiment_id)}", flush=True)
    print("Ctrl-C stops it; give it some seconds to start", flush=True)
    command = ["-m", "mlflow", "server", "--backend-store-uri", uri, "--host", "127.0.0.1"]
    os.execv(sys.executable, [sys.executable, *command, "--port", str(arguments.port), "--workers", "1"])
