"""MLflow's server in a process of its own, which ends with the one that started it.

``mlflow server`` imports all of MLflow once to read its options and once more to serve; this serves at once.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from threading import Thread
from typing import TYPE_CHECKING

from prh.tracking.view import address

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

WHERE = "_MLFLOW_SERVER_FILE_STORE"
AS_THE_COMMAND = {
    "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
    "_MLFLOW_SERVER_ARTIFACT_DESTINATION": "./mlartifacts",
    "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
    "_MLFLOW_SGI_NAME": "uvicorn",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
"""What ``mlflow server`` tells its workers."""
LOOKED_EVERY_S = 0.5
LANDING = """<!doctype html><html lang="en"><title>prh</title><script>
localStorage.setItem("mlflow.workflowType_v1", '"machine_learning"');
localStorage.setItem("mlflow.assistant.fab.autoOpenedOnFirstLoad_v1", "true");
location.replace(%s);
</script></html>"""
"""MLflow's pages are of training models, not of conversations, once the browser knows, and stay so from page
to page. The assistant does not open by itself."""


def environment(uri: str) -> Mapping[str, str]:
    """Returns what the server is to find in its environment; there, other users do not see passwords."""
    return {**os.environ, **AS_THE_COMMAND, WHERE: uri, "_MLFLOW_SERVER_REGISTRY_STORE": uri}


def serve(port: int) -> None:
    """Serves until told to stop, or until nobody is there who would."""
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    import uvicorn
    from mlflow.server.fastapi_app import app
    from starlette.routing import Route

    app.router.routes.insert(0, Route("/prh/{experiment:int}", _landing))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


async def _landing(request: Request) -> Response:
    from starlette.responses import HTMLResponse

    return HTMLResponse(LANDING % json.dumps(address("", str(request.path_params["experiment"]))))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOKED_EVERY_S)
    os._exit(1)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
