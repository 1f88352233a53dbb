"""What work costs: time and memory of a process of its own, medians of interleaved rounds."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

G = TypeVar("G")
T = TypeVar("T")
ROOT = Path(__file__).parents[2]
# How many of the units that the system counts memory in: bytes or kilobytes.
MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10


class Cost(NamedTuple):
    """Seconds of wall and CPU time, and the peak resident megabytes of the largest process."""

    wall: float
    cpu: float
    peak: float = 0.0


def adopt_orphans() -> None:
    """Have processes whose parents ended become ours, so that their CPU time is counted: Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def timed(work: Callable[[], T]) -> tuple[Cost, T]:
    """What the work takes with all the processes it starts, and what it gives."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    made = work()
    wall = time.perf_counter() - start
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), made


def run(*command: str, folder: Path | None = None) -> float:
    """Run a command from ``folder``, or the repository's; the megabytes it had at its peak.

    Raises:
        SystemExit: it failed; what it said is printed.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=folder or ROOT, env=_environment(), stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read().decode()[-2000:]}")
    return usage.ru_maxrss / MEGABYTE


def alone(work: Callable[[G], T], given: G) -> tuple[T, Cost]:
    """What the work gives, and takes, in a process of its own; imports are not counted.

    A process counts as its peak what the one that started it held: so this one loads as little as it can.

    Raises:
        CalledProcessError: the work failed; what it said is printed.
    """
    command = [sys.executable, "-c", "from benchmarks.parts.costs import answer; answer()"]
    asked = pickle.dumps((work, given))
    said = subprocess.run(command, input=asked, stdout=subprocess.PIPE, env=_environment(), check=True).stdout
    answered: tuple[T, Cost] = pickle.loads(said)
    return answered


def answer() -> None:
    """The other side of ``alone``: its words go to the errors, since the answer is what is printed."""
    printed = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    work, given = pickle.load(sys.stdin.buffer)
    importlib.import_module("traced_loops.jobs.preload")
    wall, cpu = time.perf_counter(), time.process_time()
    made = work(given)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    with printed:
        pickle.dump((made, Cost(wall, cpu, peak)), printed)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    # as for most users, our modules are compiled once and not by every process
    return kept | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def medians(ways: Mapping[str, Callable[[], tuple[Cost, T]]], rounds: int) -> dict[str, tuple[Cost, T]]:
    """Every way's median cost over the rounds, and what it gave last."""
    costs: dict[str, list[Cost]] = {way: [] for way in ways}
    given: dict[str, T] = {}
    for turn in range(rounds):
        for way, work in ways.items():
            print(f"round {turn + 1} of {rounds}: {way}", file=sys.stderr, flush=True)
            cost, given[way] = work()
            costs[way].append(cost)
    middle = {way: Cost(*map(statistics.median, zip(*all_, strict=True))) for way, all_ in costs.items()}
    return {way: (middle[way], given[way]) for way in ways}
