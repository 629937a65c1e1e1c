"""Takes pictures of a sweep in the MLflow UI: its runs, their charts, a figure and the report.

    python scripts/screenshot_ui.py --uri sqlite:///mlruns/mlflow.db PARENT_RUN_ID docs/figures

Needs a Chromium, which is looked for on the path; the server is started and stopped here.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from prh.tracking.view import address

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET_ASSISTANT = """
localStorage.setItem("mlflow.assistant.fab.autoOpenedOnFirstLoad_v1", "true");
localStorage.setItem("mlflow.assistant.panelOpen_v1", "false");
"""


def browser() -> str | None:
    """Returns the path of an installed browser, if there is one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def server(uri: str) -> Iterator[str]:
    """Runs ``python -m prh.ui`` on a free port and yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "prh.ui", "--uri", uri, "--port", port, "--no-browser"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, time.monotonic() + 90)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, deadline: float) -> None:
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def screenshots(url: str, experiment_id: str, parent_id: str, folder: Path) -> dict[str, str]:
    """Writes ``ui_runs.png``, ``ui_charts.png``, ``ui_figure.png`` and ``ui_report.png``.

    Returns:
        The text of each page, by picture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[str, str] = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": 1500, "height": 800})
        context.add_init_script(QUIET_ASSISTANT)
        page = context.new_page()

        def take(name: str, text: str) -> None:
            page.screenshot(path=str(folder / f"{name}.png"))
            texts[name] = text

        _open_runs(page, address(url, experiment_id), parent_id)
        take("ui_runs", page.inner_text("body"))
        page.goto(f"{page.url}&compareRunsMode=CHART")
        page.get_by_placeholder("Search metric charts").fill("last.score")
        expect(page.get_by_text("model_vs_reference.last.score").first).to_be_visible(timeout=30_000)
        page.wait_for_timeout(2000)  # the charts are animated
        take("ui_charts", page.inner_text("body"))

        run = f"{url}/#/experiments/{experiment_id}/runs/{parent_id}/artifacts/summary"
        page.goto(f"{run}/figures/scores.png")
        expect(page.get_by_alt_text("scores.png").first).to_be_visible(timeout=30_000)
        page.wait_for_timeout(2000)
        take("ui_figure", page.inner_text("body"))
        page = context.new_page()  # another address behind the # alone would change nothing
        page.goto(f"{run}/report.html")
        report = page.frame_locator("iframe").locator("body")
        expect(report.get_by_role("heading", name="All jobs")).to_be_visible(timeout=30_000)
        page.locator("iframe").screenshot(path=str(folder / "ui_report.png"))
        texts["ui_report"] = report.inner_text()
        chromium.close()
    return texts


def _open_runs(page: Page, where: str, parent_id: str) -> None:
    """Opens the table of runs with the sweep's jobs unfolded."""
    page.goto(where)
    row = page.locator(f'[role=row][row-id="{parent_id}"]')
    expect(row.first).to_be_visible(timeout=60_000)
    row.locator("button").first.click()
    expect(page.locator("[role=row].ag-row-level-0").nth(1)).to_be_visible(timeout=30_000)
    page.wait_for_timeout(1500)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parent", help="id of the sweep's parent run")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--uri", default="sqlite:///mlruns/mlflow.db")
    parser.add_argument("--experiment-id", default="1")
    asked = parser.parse_args()
    with server(asked.uri) as url:
        screenshots(url, asked.experiment_id, asked.parent, asked.folder)


if __name__ == "__main__":
    main()
