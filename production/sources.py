"""The code that a picture depends on."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from functools import cache
from pathlib import Path

import imported
from scenes import fonts

_HERE = Path(__file__).resolve().parent.parent
_ROOMS = ("scenes", "wording", "production")
# What draws, besides our own code.
PACKAGES = (
    "manim",
    "manimpango",
    "pycairo",
    "av",
    "numpy",
    "fonttools",
    "babel",
    "imageio",
)


@cache
def digest(*modules: str) -> str:
    """SHA-256 of these modules, of all they import of ours, of the fonts, and of the packages' versions."""
    files: set[Path] = set()
    waiting = [file for name in modules for file in _files(name)]
    while waiting:
        file = waiting.pop()
        if file not in files:
            files.add(file)
            waiting += [each for name in imported.modules(file) for each in _files(name)]
    text = hashlib.sha256()
    for file in sorted(files):
        text.update(_line(file))
    for font, held in fonts.digests().items():
        text.update(f"{font} {held}\n".encode())
    for package, version in _packages().items():
        text.update(f"{package}=={version}\n".encode())
    return text.hexdigest()


def versions() -> dict[str, str]:
    """The versions of what a picture is drawn with: where one differs, so may the bytes."""
    import av  # imported where it is needed: most who ask for a digest do without
    import cairo
    import manimpango

    return {
        "platform": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **_packages(),
        "ffmpeg": av.ffmpeg_version_info,
        "cairo": cairo.cairo_version_string(),
        "pango": manimpango.pango_version(),
    }


@cache
def _line(file: Path) -> bytes:
    return f"{file.relative_to(_HERE)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode()


@cache
def _packages() -> dict[str, str]:
    return {package: importlib.metadata.version(package) for package in PACKAGES}


@cache
def _files(module: str) -> list[Path]:
    if module.partition(".")[0] not in _ROOMS:
        return []
    path = _HERE.joinpath(*module.split("."))
    return [file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()]
