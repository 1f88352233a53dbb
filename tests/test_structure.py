"""What holds for the whole house."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from model_trace.errors import TracedLoopsError
from traced_loops import code_digest

ROOT = Path(__file__).parent.parent


def imports(folder: str) -> Iterator[tuple[Path, str]]:
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield file, name.name
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield file, node.module
                for name in node.names:
                    yield file, f"{node.module}.{name.name}"


def test_scenes_draw_no_random_numbers_and_run_no_model() -> None:
    forbidden = {"random", "torch", "transformers", "numpy.random", "secrets"}
    assert not [(file.name, name) for file, name in imports("scenes") if name in forbidden]
    for file in (ROOT / "scenes").rglob("*.py"):
        assert "np.random" not in file.read_text(), file


@pytest.mark.parametrize("room", ["model_trace", "scenes", "traced_loops"])
def test_what_keeps_results_by_their_code_overlooks_no_import(room: str) -> None:
    for file, name in imports(room):
        assert name in code_digest.imported_modules(file), f"{file}: {name}"


def test_no_files_import_each_other_in_a_circle() -> None:
    """Not inside functions or for types alone either: there a circle only hides."""
    graph: dict[Path, set[Path]] = defaultdict(set)
    for room in ("model_trace", "scenes", "traced_loops"):
        for file, name in imports(room):
            place = ROOT.joinpath(*name.split("."))
            graph[file] |= {
                each for each in (place.with_suffix(".py"), place / "__init__.py") if each.is_file()
            } - {file}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = " <- ".join(str(file.relative_to(ROOT)) for file in error.args[1])
        pytest.fail(f"a circle of imports: {circle}")


def test_the_list_waits_for_nothing_heavy() -> None:
    check = (
        "import sys; sys.argv = ['render.py', 'list']\n"
        "import render\n"
        "try:\n    render.main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'manim', 'transformers', 'numpy', 'av', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "01-gpt3-language-model-overview.webm" in done.stdout


def test_all_errors_of_ours_are_of_one_family() -> None:
    for room in ("model_trace", "scenes", "traced_loops"):
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                    module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
                    kind = getattr(importlib.import_module(module), node.name)
                    assert issubclass(kind, TracedLoopsError), f"{file}: {node.name}"
