"""The notebooks in docs/: they run, and what is kept in them is small."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from docs.run_notebooks import FOLDER, run, shrunk

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    )
    for name in ("IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    made = run(path, tmp_path)
    outputs = [output for cell in made.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    # what is shown is what is kept
    kept = [cell.get("outputs", ()) for cell in nbformat.read(path, as_version=4).cells]
    shown = [cell.get("outputs", ()) for cell in shrunk(made).cells]
    assert [[sorted(each.get("data", each)) for each in cell] for cell in kept] == [
        [sorted(each.get("data", each)) for each in cell] for cell in shown
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_kept_notebook_was_run_and_is_small(path: Path) -> None:
    assert path.stat().st_size < 150_000
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert all(cell.outputs for cell in cells)
    text = path.read_text(encoding="utf-8")
    assert not [place for place in (str(ROOT), str(Path.home()), "/tmp/") if place in text]


def test_there_are_two() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["first_look", "residual_stream"]
