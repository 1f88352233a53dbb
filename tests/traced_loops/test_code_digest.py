"""The digest by which machines are compared: no file of ours is left out, wherever the product lies."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.command import ROOT, copied
from traced_loops.code_digest import tree_digest

PACKAGES = ("model_trace", "scenes", "traced_loops")


def test_a_change_of_any_file_changes_the_digest(tmp_path: Path) -> None:
    copy = copied(tmp_path / "copy")
    there = [copy / name for name in PACKAGES]
    files = [
        file for package in copy.glob("*/__init__.py") for file in package.parent.rglob("*") if file.is_file()
    ]
    assert {".toml", ".tsv", ".po", ".html", ".css", ".js", ".json"} <= {file.suffix for file in files}
    seen = {tree_digest(there)}
    for number, file in enumerate(files, start=1):
        with file.open("ab") as end:
            end.write(b"\n")
        seen.add(tree_digest(there))
        assert len(seen) == number + 1, f"{file.relative_to(copy)} is in no digest"
    (there[0] / "new.dat").touch()
    assert tree_digest(there) not in seen


def test_what_python_compiles_and_editors_hide_is_none_of_it(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    before = tree_digest([package])
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "__init__.cpython-313.pyc").write_bytes(b"compiled")
    (package / ".__init__.py.swp").write_bytes(b"typed")
    assert tree_digest([package]) == before


def test_an_installation_has_the_files_of_a_clone() -> None:
    """So the digest is the same: what lies in a package is a module or installed as its data."""
    installed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    for package in (ROOT / name for name in PACKAGES):
        data = {each for each in package.rglob("*") if each.is_file() and each.suffix not in (".py", ".pyc")}
        for pattern in installed.get(package.name, []):
            data -= set(package.glob(pattern))
        assert not data
