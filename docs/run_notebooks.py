"""Run the notebooks of this folder and keep small outputs in them: ``python docs/run_notebooks.py``.

A loop that a notebook shows with its video is kept as its still.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).parent
STILL_WIDTH = 640


def run(path: Path, folder: Path) -> nbformat.NotebookNode:
    """Run a notebook in ``folder`` and return it with its outputs.

    Raises:
        CellExecutionError: a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}})
    return client.execute()


def shrunk(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with a small still in place of each video, and without what differs from run to run."""
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "<video" in data.get("text/html", ""):
                del data["text/html"]
                data["image/png"] = _small(data["image/png"])
    notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return notebook


def _small(png: str) -> str:
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    picture.thumbnail((STILL_WIDTH, STILL_WIDTH))
    made = io.BytesIO()
    picture.quantize(64).save(made, "PNG", optimize=True)
    return base64.b64encode(made.getvalue()).decode()


if __name__ == "__main__":
    import tempfile

    for path in sorted(FOLDER.glob("*.ipynb")):
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(shrunk(run(path, Path(folder))), path)
        print(path.name)
