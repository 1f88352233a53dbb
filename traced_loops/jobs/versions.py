"""What a machine would work with: our code and the packages that its results depend on."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from traced_loops.code_digest import PACKAGES

_HERE = Path(__file__).resolve().parents[2]
_ROOMS = ("model_trace", "scenes", "traced_loops")
_CODE = "traced-loops’ code"
_MODELS = ("torch", "transformers", "tokenizers")


def versions(runs_models: bool) -> dict[str, str]:
    """Name -> version on this machine, of what draws and, if it ``runs_models``, of what runs them."""
    found = {_CODE: _code(), "python": ".".join(platform.python_version_tuple()[:2])}
    for package in (*PACKAGES, "distributed", *(_MODELS if runs_models else ())):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "missing"
    return found


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """What of ``found`` is not as ``expected``, each named with both versions."""
    return [
        f"{name} is {version}, here {expected[name]}"
        for name, version in found.items()
        if version != expected[name]
    ]


@cache
def _code() -> str:
    """A digest of our own files, short enough to be told."""
    digest = hashlib.sha256()
    for file in sorted(_files()):
        digest.update(str(file.relative_to(_HERE)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def _files() -> Iterable[Path]:
    kinds = (".py", ".po", ".toml", ".tsv", ".html", ".css", ".js")
    for room in _ROOMS:
        yield from (file for file in (_HERE / room).rglob("*") if file.suffix in kinds)
