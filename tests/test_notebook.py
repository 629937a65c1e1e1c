"""The notebook of the docs runs from top to bottom on what a sweep recorded."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.test_sweep import FEW

NOTEBOOK = Path(__file__).parents[1] / "docs" / "comparing_runs.ipynb"


def test_it_runs(prh, workplace):
    assert prh("-m", *FEW, "dataset.n=40,64", "model=fashion_cnn").code == 0
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(workplace)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    table, by_size, _, grid = [output["data"]["text/plain"] for output in shown]
    assert "model_vs_text" in table
    assert by_size.split().index("40") < by_size.split().index("64")
    assert (workplace / "scores.png").stat().st_size > 5000
    assert "(3, 3)" in grid
