"""Which code of ours made a recording: a module, and every module of ours that it imports, near or far."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import imported

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
        waiting += [each.split(".")[1] for each in imported.modules(file) if each.startswith(f"{PACKAGE}.")]
    digest = hashlib.sha256()
    for file in (*sorted(needed.values()), *further):
        digest.update(f"{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()
