"""The command line as a process: run to its end, or started to be stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DRAFT = ("--quality", "l", "--fps", "5")


def run(
    *arguments: str | Path, program: Path = ROOT, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What the command did and said."""
    return subprocess.run(
        [sys.executable, program / "render.py", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200", **environment},
        timeout=900,
    )


def copied(to: Path) -> Path:
    """A copy of the program, to change."""

    def left_out(folder: str, names: list[str]) -> list[str]:
        others = ("output", "tests", "docs", "benchmarks", "__pycache__")
        return [name for name in names if name.startswith(".") or name in others]

    return Path(shutil.copytree(ROOT, to, ignore=left_out))


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """The command at work, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, ROOT / "render.py", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # whoever runs the tests in the background ignores SIGINT, and its children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def end(running: subprocess.Popen[str]) -> str:
    """Wait for the command's end, which must come; what it said on stderr."""
    try:
        return running.communicate(timeout=300)[1]
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        pytest.fail(f"it does not end: {running.communicate()[1]}")


def wait(running: subprocess.Popen[str], until: Callable[[], bool], seconds: float = 300) -> bool:
    """Wait until something is so, ``seconds`` at most; the command must be at work all the while."""
    limit = time.monotonic() + seconds
    while not (so := until()) and time.monotonic() < limit:
        if running.poll() is not None:
            pytest.fail(f"it ended before: {end(running)}")
        time.sleep(0.005)
    return so


def make(*arguments: str | Path) -> None:
    """Run the command to its good end in this process, whose workers need not load Manim every time."""
    from traced_loops.cli import main

    assert main.run([str(argument) for argument in arguments]) == 0
