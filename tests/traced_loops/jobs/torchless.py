"""A machine without some packages, as far as an interpreter that this is put before can tell."""

from __future__ import annotations

from pathlib import Path

_SITE = """
import sys
from importlib.machinery import PathFinder
class Lacking(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] not in {lacking!r}:
            return super().find_spec(name, path, target)
sys.meta_path[sys.meta_path.index(PathFinder)] = Lacking
"""


def lacking(folder: Path, *packages: str) -> Path:
    """The folder, for PYTHONPATH: with it no such package is found."""
    (folder / "sitecustomize.py").write_text(_SITE.format(lacking=packages))
    return folder


def torchless(folder: Path) -> Path:
    """The folder, for PYTHONPATH: with it nothing is found that runs models."""
    return lacking(folder, "torch", "transformers", "tokenizers")
