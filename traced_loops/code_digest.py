"""Digests of our own code: what a kept result was made by, found by following imports."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from scenes import fonts

_ROOT = Path(__file__).resolve().parent.parent
_OURS = ("model_trace", "scenes", "traced_loops")
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
# Data beside modules that changes no result by itself: a text is recorded, words are compared where they are
# used, a schema describes what is written.
_NOT_DRAWN = ("text.toml", "*.po", "*.pot", "*.schema.json", "py.typed")
# Matched as text, since Python's parser takes a dozen times as long, in each run; a text that looks like an
# import is taken for one.
_IMPORT = re.compile(r"^[ \t]*(?:from[ ]+([\w.]+)[ ]+import[ ]+(\([^)]*\)|.+)|import[ ]+(.+))", re.MULTILINE)


@cache
def digest(*modules: str, files: tuple[Path, ...] = ()) -> str:
    """SHA-256 of these modules, of all of ours that they import, of the data beside them, and ``files``.

    So two results with the same digest were made by the same code, and a change elsewhere leaves it as it is.
    """
    text = hashlib.sha256()
    code = _closure(modules)
    data = {each for folder in {file.parent for file in code} for each in _data(folder)}
    for file in (*code, *sorted(data), *files):
        text.update(_line(file))
    return text.hexdigest()


@cache
def drawing_digest(*modules: str) -> str:
    """SHA-256 of what a picture is drawn with: the modules' code, the fonts, and the packages' versions."""
    text = hashlib.sha256(digest(*modules).encode())
    for font, sha256 in fonts.digests().items():
        text.update(f"{font} {sha256}\n".encode())
    for package, version in _packages().items():
        text.update(f"{package}=={version}\n".encode())
    return text.hexdigest()


def tree_digest(roots: Iterable[Path] | None = None) -> str:
    """SHA-256 of all files, code and data, in these folders; by default the packages of this product."""
    lines = []
    for root in roots or (_ROOT / name for name in _OURS):
        for file in root.rglob("*"):
            name = file.relative_to(root.parent)
            if file.suffix == ".pyc" or any(part.startswith(".") for part in name.parts):
                continue
            if file.is_file():
                lines.append(f"{name.as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n")
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


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
def imported_modules(file: Path) -> frozenset[str]:
    """The modules that a file imports, wherever in it.

    Of ``from a import b`` both a and a.b, which may be one.
    """
    found: set[str] = set()
    for origin, names, plain in _IMPORT.findall(file.read_text(encoding="utf-8")):
        if origin:
            module = _absolute(origin, file)
            found |= {module, *(f"{module}.{name}" for name in re.findall(r"\w+", names))}
        found.update(re.findall(r"[\w.]+", plain))
    return frozenset(found)


def _absolute(module: str, file: Path) -> str:
    """Return the name of a module that a file imports, relative to its own folder or not."""
    name = module.lstrip(".")
    if name == module:
        return name
    package = [*file.relative_to(_ROOT).parent.parts]
    up = len(module) - len(name) - 1
    return ".".join([*package[: len(package) - up], *([name] if name else [])])


def _closure(modules: Iterable[str]) -> list[Path]:
    found: set[Path] = set()
    waiting = [file for name in modules for file in _files(name)]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += [each for name in imported_modules(file) for each in _files(name)]
    return sorted(found)


@cache
def _data(folder: Path) -> list[Path]:
    """Return the files beside the modules of a folder, and in its folders that hold no modules."""
    found = []
    for each in folder.iterdir():
        if each.name.startswith((".", "__")):
            continue
        if each.is_dir():
            found += [] if (each / "__init__.py").exists() else _data(each)
        elif each.suffix not in (".py", ".pyc") and not any(map(each.match, _NOT_DRAWN)):
            found.append(each)
    return found


@cache
def _line(file: Path) -> bytes:
    return f"{file.relative_to(_ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode()


@cache
def _packages() -> dict[str, str]:
    return {package: importlib.metadata.version(package) for package in PACKAGES}


@cache
def _files(module: str) -> list[Path]:
    if module.partition(".")[0] not in _OURS:
        return []
    path = _ROOT.joinpath(*module.split("."))
    return [file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()]
