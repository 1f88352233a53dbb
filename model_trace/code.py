"""Which code of ours made a recording: a module, and every module of ours that it imports, near or far."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "model_trace"


@cache
def code_sha256(module: str, *further: Path) -> str:
    """One digest of the module's source, of all modules of this package that it needs, and of ``further``.

    What a module can do is in itself and in what it imports, wherever in it the import stands; so two
    recordings with the same digest were made by the same code, and a change elsewhere leaves it as it is.
    """
    folder = Path(__file__).parent
    needed: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        file = folder / f"{name}.py"
        if name in needed or not file.is_file():
            continue
        needed[name] = file
        waiting += _imported(file)
    digest = hashlib.sha256()
    for file in (*sorted(needed.values()), *further):
        digest.update(f"{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()


@cache
def _imported(file: Path) -> tuple[str, ...]:
    """Names of the package's modules that the file imports."""
    found: list[str] = []
    for node in _statements(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE}."):
            found.append(str(node.module).split(".")[1])
    return tuple(found)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Those in the node, near and far: what is within an expression imports nothing."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield child
            yield from _statements(child)
