"""Runs that are stopped: what lies in the folder is whole, and the next run ends with the same bytes."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import signal
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.command import run, start

LOOPS = ("1", "5", "6")
FEW, MANY = 3, 20


class Whole(NamedTuple):
    """Runs that nobody stopped: the command's arguments, the files it makes, and an older run's folder."""

    arguments: tuple[str, ...]
    files: dict[str, bytes]
    older: Path
    seconds: float


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    place = tmp_path_factory.mktemp("whole")
    kept = run("trace", *LOOPS, "--prompt", "The sky", "--trace", place / "kept.trace")
    assert kept.returncode == 0, kept.stderr
    # no cache: what a stopped run did not finish is drawn again
    arguments = ("videos", *LOOPS, "--trace", str(place / "kept.trace"), "--quality", "l", "--fps", "1")
    arguments += ("--cache-size", "0")
    older = run(*arguments, "--theme", "dark", "--output", place / "older")
    assert older.returncode == 0, older.stderr
    began = time.monotonic()
    done = run(*arguments, "--jobs", "1", "--output", place / "new")
    assert done.returncode == 0, done.stderr
    seconds = time.monotonic() - began
    return Whole(arguments, held(place / "new"), place / "older", seconds)


def held(folder: Path) -> dict[str, bytes]:
    """The files a reader of the folder sees."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def assert_valid(folder: Path, whole: Whole) -> None:
    """Each file is one a whole run made, and each provenance speaks of the files beside it."""
    found = held(folder)
    older = held(whole.older)
    for name, content in found.items():
        assert content in (whole.files.get(name), older.get(name)), name
    for name in found:
        if name.endswith(".json") and name != "manifest.json":
            for file, digest in json.loads(found[name])["media"].items():
                assert hashlib.sha256(found[file]).hexdigest() == digest, file
    if "manifest.json" in found:
        assert found in (whole.files, older)


def assert_goes_on(folder: Path, whole: Whole) -> None:
    """The next run keeps the finished loops and ends with the bytes of a run that nobody stopped."""
    before = {name: (folder / name).stat().st_mtime_ns for name in held(folder)}
    finished = [name for name in before if (folder / name).read_bytes() == whole.files.get(name)]
    done = run(*whole.arguments, "--jobs", "2", "--output", folder)
    assert done.returncode == 0, done.stderr
    assert held(folder) == whole.files
    assert not list(folder.glob(".partial*"))
    for name in finished:
        assert (folder / name).stat().st_mtime_ns == before[name] or name == "manifest.json"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_is_whole_and_goes_on(
    stop: signal.Signals, whole: Whole, tmp_path: Path
) -> None:
    running = start(*whole.arguments, "--jobs", "2", "--output", tmp_path)
    while not list(tmp_path.glob("*.json")) and running.poll() is None:
        time.sleep(0.05)
    running.send_signal(stop)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 1, errors
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert not list(tmp_path.glob(".partial*"))
    assert [name for name in held(tmp_path) if name.endswith(".webm")]
    assert_valid(tmp_path, whole)
    assert_goes_on(tmp_path, whole)


@pytest.mark.parametrize(
    "number", [*range(FEW), *(pytest.param(n, marks=pytest.mark.full) for n in range(FEW, MANY))]
)
def test_a_run_stopped_at_any_moment_leaves_nothing_half_done(
    number: int, whole: Whole, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    shutil.copytree(whole.older, folder)
    running = start(*whole.arguments, "--jobs", "2", "--output", folder)
    time.sleep(random.Random(number).uniform(0, whole.seconds))
    running.send_signal(signal.SIGINT if number % 2 else signal.SIGKILL)
    running.communicate(timeout=60)
    assert_valid(folder, whole)
    assert_goes_on(folder, whole)
