"""The command line as a process: run to its end, or started to be stopped."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DRAFT = ("--quality", "l", "--fps", "5")


# What a process that has loaded the program may be told afterwards, besides what pytest itself sets.
_TOLD_LATER = re.compile("COLUMNS|TMPDIR|XDG_CACHE_HOME|(PYTEST|TRACED_LOOPS)_.*")


def run(
    *arguments: str | Path, program: Path = ROOT, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, in a process of its own; returns its exit code and output.

    The process is forked from one that has loaded the program, unless the program or its environment is
    another.
    """
    command = [str(program / "render.py"), *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "200", **environment}
    others = {name for name, _ in environment.items() ^ _server().environment.items()}
    if program == ROOT and all(map(_TOLD_LATER.fullmatch, others)):
        return _server().run(command, cwd, environment)
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, capture_output=True, text=True, env=environment, timeout=900
    )


class _Server:
    """The process of ``tests.command_server``, which lives as long as this one."""

    def __init__(self) -> None:
        self.environment = dict(os.environ)
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._requests.settimeout(900)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.command_server", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdout=subprocess.DEVNULL,
            )

    def run(
        self, command: list[str], cwd: Path, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        request = json.dumps({"arguments": command, "cwd": str(cwd), "environment": environment})
        with (
            Path(os.devnull).open("rb") as nothing,
            tempfile.TemporaryFile("w+", encoding="utf-8") as output,
            tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        ):
            streams = [stream.fileno() for stream in (nothing, output, errors)]
            socket.send_fds(self._requests, [request.encode()], streams)
            code = int(self._requests.recv(100))
            output.seek(0)
            errors.seek(0)
            return subprocess.CompletedProcess(command, code, output.read(), errors.read())


@cache
def _server() -> _Server:
    return _Server()


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
