"""The command line as a process: run to its end, or started to be stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
DRAFT = ("--quality", "l", "--fps", "5")


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the command did and said."""
    return subprocess.run(
        [sys.executable, ROOT / "render.py", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200", **environment},
        timeout=900,
    )


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
