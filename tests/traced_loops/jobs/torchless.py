"""A machine without torch, as far as an interpreter that this is put before can tell."""

from __future__ import annotations

from pathlib import Path

_SITE = """
import sys
from importlib.machinery import PathFinder
class Torchless(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] not in {"torch", "transformers", "tokenizers"}:
            return super().find_spec(name, path, target)
sys.meta_path[sys.meta_path.index(PathFinder)] = Torchless
"""


def torchless(folder: Path) -> Path:
    """The folder, for PYTHONPATH."""
    (folder / "sitecustomize.py").write_text(_SITE)
    return folder
