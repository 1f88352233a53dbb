"""What a machine would work with: our code and the packages that its results depend on."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata

from traced_loops.code_digest import PACKAGES, tree_digest

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
    """A digest of our own files, short enough for a message."""
    return tree_digest()[:12]
