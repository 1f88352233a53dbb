"""Runs that are stopped: what lies in the folder is whole, and the next run ends with the same bytes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import shutil
import signal
import time
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from tests.command import end, make, start, wait

LOOPS = ("1", "5", "6")
STOPS = (signal.SIGINT, signal.SIGKILL, signal.SIGTERM)
FEW, MANY = 3, 20


class Whole(NamedTuple):
    """Runs that nobody stopped: the command's arguments, the files it makes, and an older run's folder."""

    arguments: tuple[str, ...]
    files: dict[str, bytes]
    older: Path
    seconds: float


@pytest.fixture(scope="module")
def whole(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    place = tmp_path_factory.mktemp("whole")
    # no cache: what a stopped run did not finish is drawn again
    arguments = ("videos", *LOOPS, "--trace", str(kept), "--quality", "l", "--fps", "1", "--cache-size", "0")
    make(*arguments, "--theme", "dark", "--output", place / "older")
    began = time.monotonic()
    make(*arguments, "--jobs", "1", "--output", place / "new")
    seconds = time.monotonic() - began
    return Whole(arguments, held(place / "new"), place / "older", seconds)


def held(folder: Path) -> dict[str, bytes]:
    """The files a reader of the folder sees."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def assert_valid(folder: Path, whole: Whole) -> None:
    """Each file is one a whole run made, and each provenance speaks of the files beside it.

    The manifest lists every file that is there, and pictures only once a run is whole.
    """
    found = held(folder)
    older = held(whole.older)
    for name, content in found.items():
        assert name == "manifest.json" or content in (whole.files.get(name), older.get(name)), name
    for name in found:
        if name.endswith(".json") and name != "manifest.json":
            for file, digest in json.loads(found[name])["media"].items():
                assert hashlib.sha256(found[file]).hexdigest() == digest, file
    manifest = json.loads(found["manifest.json"])
    if manifest["loops"]:
        assert found in (whole.files, older)
    for name in found.keys() - {"manifest.json"}:
        known = (manifest["files"].get(name), manifest["pending"].get(name))
        assert hashlib.sha256(found[name]).hexdigest() in known, name


def assert_goes_on(folder: Path, whole: Whole) -> None:
    """The next run keeps the finished loops and ends with the bytes of a run that nobody stopped."""
    before = {name: (folder / name).stat().st_mtime_ns for name in held(folder)}
    finished = [name for name in before if (folder / name).read_bytes() == whole.files.get(name)]
    make(*whole.arguments, "--jobs", "2", "--output", folder)
    assert held(folder) == whole.files
    assert not list(folder.glob(".partial*"))
    for name in finished:
        assert (folder / name).stat().st_mtime_ns == before[name] or name == "manifest.json"


@pytest.mark.parametrize(
    "number", [*range(FEW), *(pytest.param(n, marks=pytest.mark.full) for n in range(FEW, MANY))]
)
def test_a_run_stopped_at_any_moment_leaves_nothing_half_done(
    number: int, whole: Whole, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    shutil.copytree(whole.older, folder)  # with the times of change
    old = {file.name: file.stat().st_mtime_ns for file in (folder, *folder.iterdir())}

    def moved() -> int:
        """How many files of the new run lie there."""
        times = {}
        for file in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # it was unfinished, or makes room for a new one
                if file.is_file():
                    times[file.name] = file.stat().st_mtime_ns
        return sum(time != old.get(name) for name, time in times.items())

    # after so many of the twelve files, and then at most as long as a loop takes; drawn one by one, two loops
    # of the three are there well before the run ends, so it is stopped then at the latest
    chance = random.Random(number)
    files, pause = chance.randrange(9), chance.uniform(0, whole.seconds / len(LOOPS))
    stop = STOPS[number % len(STOPS)]
    running = start(*whole.arguments, "--jobs", "1", "--output", folder)
    wait(running, lambda: folder.stat().st_mtime_ns != old[folder.name])
    wait(running, lambda: moved() >= files)
    wait(running, lambda: moved() >= 8, pause)
    running.send_signal(stop)
    errors = end(running)
    if stop == signal.SIGKILL:
        assert running.returncode == -stop
    else:
        assert running.returncode == 1, errors
        assert errors.startswith("error: interrupted; ") and len(errors.splitlines()) == 1, errors
        assert not list(folder.glob(".partial*"))
    assert_valid(folder, whole)
    assert_goes_on(folder, whole)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        (False, "what was finished is kept: run the same command to continue"),
        (True, "01, 05, 06 left: run the same command to continue"),
    ],
)
def test_a_run_stopped_while_it_loads_what_draws_says_so_in_one_line(
    chosen: bool, says: str, stop: signal.Signals, whole: Whole, tmp_path: Path
) -> None:
    """To choose what the loops say takes the same: unless that is kept, a run stops before it draws."""
    arguments = (*whole.arguments, "--cache", tmp_path / "cache")
    if chosen:
        kept = [*arguments]
        kept[kept.index("--cache-size") + 1] = "1"
        make(*kept, "--theme", "dark", "--output", tmp_path / "dark")
    running = start(*arguments, "--jobs", "1", "--output", tmp_path / "out")
    processes: list[psutil.Process] = []

    def loads() -> bool:
        processes[:] = psutil.Process(running.pid).children()
        return bool(processes)

    wait(running, loads)
    time.sleep(0.5)  # into what takes some seconds
    running.send_signal(stop)
    errors = end(running)
    assert errors == f"error: interrupted; {says}\n"
    assert running.returncode == 1
    assert not (tmp_path / "out").exists() or not held(tmp_path / "out")
    assert not psutil.wait_procs(processes, timeout=30)[1]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_run_stopped_while_it_chooses_says_so_in_one_line(
    stop: signal.Signals, whole: Whole, tmp_path: Path
) -> None:
    running = start(*whole.arguments, "--cache", tmp_path / "cache", "--output", tmp_path / "out")
    processes: list[psutil.Process] = []

    def chooses() -> bool:
        """Whether there are workers: children of the one that has loaded Manim."""
        processes[:] = psutil.Process(running.pid).children(recursive=True)
        return len(processes) > len(psutil.Process(running.pid).children())

    wait(running, chooses)
    running.send_signal(stop)
    errors = end(running)
    assert errors == "error: interrupted; what was finished is kept: run the same command to continue\n"
    assert running.returncode == 1
    assert not (tmp_path / "out").exists()
    assert not psutil.wait_procs(processes, timeout=30)[1]
