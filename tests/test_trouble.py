"""A machine that is in the way: each trouble is one clear line, and the next run ends whole."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from model_trace.store.store import save
from model_trace.trace import Trace, TraceError
from tests.command import ROOT, copied, end, make, run, start

STEM = "04-gpt3-generate-tokens-output"


class Whole(NamedTuple):
    """A run without trouble: the command's arguments, the files it makes, and its cache."""

    arguments: tuple[str, ...]
    files: dict[str, bytes]
    cache: Path


@pytest.fixture(scope="module")
def whole(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    place = tmp_path_factory.mktemp("whole")
    arguments = ("videos", "4", "--trace", str(kept), "--quality", "l", "--fps", "1")
    make(*arguments, "--cache", place / "cache", "--output", place / "out")
    return Whole(arguments, held(place / "out"), place / "cache")


def held(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


def assert_one_line(done: subprocess.CompletedProcess[str], code: int, *says: str) -> None:
    assert done.returncode == code, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: "), done.stderr
    assert all(words in lines[0] for words in says), done.stderr


def assert_whole_next(folder: Path, whole: Whole) -> None:
    make(*whole.arguments, "--cache", whole.cache, "--output", folder)
    assert held(folder) == whole.files


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 100 kB, which holds a part of the loop's files."""
    place = tmp_path / "disk"
    place.mkdir()
    if mount("-t", "tmpfs", "-o", "size=100k", "none", place):
        pytest.skip("no disk can be mounted here: that takes root's rights")
    yield place
    subprocess.run(["umount", place], check=True)


def mount(*arguments: str | Path) -> int:
    if not shutil.which("mount"):
        return 1
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode


def test_a_full_disk_is_named_and_nothing_half_written_is_left(disk: Path, whole: Whole) -> None:
    done = run(*whole.arguments, "--cache", whole.cache, "--output", disk)
    assert_one_line(done, 1, "04", "No space left on device", "run the same command to continue")
    assert not held(disk)
    assert mount("-o", "remount,size=10m", disk) == 0
    assert_whole_next(disk, whole)


def test_a_recording_that_does_not_fit_on_the_disk(disk: Path, training: Trace, tmp_path: Path) -> None:
    """The disk is named, and no half of a recording is left; the same with a limit of the shell."""
    large = replace(training, tensors={**training.tensors, "training/more": np.zeros(50_000, np.float32)})
    with pytest.raises(TraceError, match="No space left on device") as full:
        save(large, disk / "be.trace")
    assert isinstance(full.value.__cause__, OSError) and full.value.__cause__.errno == errno.ENOSPC
    assert not held(disk)
    save(large, tmp_path / "large.trace")
    saving = (
        "import sys; from pathlib import Path; from traced_loops.cli import console\n"
        "from model_trace.store.store import open_trace, save\n"
        "with console.errors(): save(open_trace(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    limited = subprocess.run(
        [sys.executable, "-c", saving, tmp_path / "large.trace", tmp_path / "x.trace"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000)),
    )
    assert "error: the trace cannot be written" in limited.stderr and "File too large" in limited.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["disk", "large.trace"]


@pytest.mark.full
def test_a_file_that_may_not_grow_is_named_and_left_out(whole: Whole, tmp_path: Path) -> None:
    """What a quota or a limit of the shell does, and what a full disk is where none can be mounted."""
    limited = subprocess.run(
        [
            *(sys.executable, ROOT / "render.py", *whole.arguments),
            *("--cache", whole.cache, "--output", tmp_path / "out"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000)),
    )
    assert_one_line(limited, 1, "04", "File too large")
    assert not held(tmp_path / "out")
    assert_whole_next(tmp_path / "out", whole)


def test_a_folder_that_cannot_be_written_is_refused(disk: Path, whole: Whole, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    below = run(*whole.arguments, "--output", tmp_path / "file" / "out")
    assert_one_line(below, 2, f"cannot write to {tmp_path / 'file' / 'out'}", "Not a directory")
    assert mount("-o", "remount,ro,size=10m", disk) == 0
    assert_one_line(run(*whole.arguments, "--output", disk), 2, f"cannot write to {disk}", "Read-only")
    assert mount("-o", "remount,rw", disk) == 0
    assert not held(disk)
    assert_whole_next(disk, whole)


def test_two_runs_at_a_time_into_one_folder_both_end_well(whole: Whole, tmp_path: Path) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    assert_both_end_well([start(*whole.arguments, "--cache", cache, "--output", out) for _ in range(2)])
    assert held(out) == whole.files
    assert held(cache) == held(whole.cache)


def test_two_runs_with_other_wishes_leave_what_one_of_them_made(whole: Whole, tmp_path: Path) -> None:
    out, dark = tmp_path / "out", ("--theme", "dark", "--cache", tmp_path / "cache")
    make(*whole.arguments, *dark, "--output", tmp_path / "dark")
    wishes = ("--cache", whole.cache), dark
    assert_both_end_well([start(*whole.arguments, *each, "--output", out) for each in wishes])
    assert held(out) in (whole.files, held(tmp_path / "dark"))


def assert_both_end_well(both: list[subprocess.Popen[str]]) -> None:
    for running in both:
        errors = end(running)
        assert running.returncode == 0, errors
        assert not errors


def test_manim_is_loaded_by_one_process_alone_and_for_what_is_there_by_none(
    whole: Whole, tmp_path: Path
) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"

    def loaded() -> Counter[str]:
        """The modules that the run and its processes imported, and how many of these did."""
        told = run(*whole.arguments, "--cache", cache, "--output", out, PYTHONPROFILEIMPORTTIME="1")
        assert told.returncode == 0, told.stderr
        assert held(out) == whole.files
        return Counter(line.rpartition("|")[2].strip() for line in told.stderr.splitlines())

    drawn = loaded()  # by the one that all others are forked from, those that choose and those that draw
    assert drawn["traced_loops.jobs.preload"] == drawn["manim"] == 1
    shutil.rmtree(out)  # the cache has it
    told = loaded()
    assert told["traced_loops.jobs.preload"] == told["manim"] == 1
    assert not {"torch", "transformers"} & (drawn | told).keys()
    assert (
        not {"traced_loops.jobs.preload", "torch", "transformers", "manim", "av", "multiprocessing"}
        & loaded().keys()
    )


def test_a_cache_that_is_spoilt_or_gone_costs_time_alone(whole: Whole, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(whole.cache, cache)
    for file in (cache / "loops").iterdir():
        os.truncate(file, file.stat().st_size // 2)
    make(*whole.arguments, "--cache", cache, "--output", tmp_path / "spoilt")
    assert held(tmp_path / "spoilt") == whole.files
    assert held(cache) == held(whole.cache)
    shutil.rmtree(cache)
    make(*whole.arguments, "--cache", cache, "--output", tmp_path / "spoilt")
    assert held(tmp_path / "spoilt") == whole.files
    make(*whole.arguments, "--cache", cache, "--output", tmp_path / "gone")
    assert held(tmp_path / "gone") == whole.files


def test_what_nobody_foresaw_is_one_line_that_says_how_to_see_where(whole: Whole, tmp_path: Path) -> None:
    """A copy of the program whose German catalogue is no text any more."""
    program = copied(tmp_path / "program")
    (program / "scenes" / "wording" / "de" / "LC_MESSAGES" / "loops.po").write_bytes(b'msgid "\xff\xfe')
    arguments = (*whole.arguments, "--language", "de", "--output", tmp_path / "out")
    done = run(*arguments, program=program)
    assert_one_line(done, 1, "unexpected failure, UnicodeDecodeError", "run it with --verbose")
    assert not (tmp_path / "out").exists()
    told = run(*arguments, program=program, TRACED_LOOPS_TRACEBACK="1")
    assert told.returncode == 1
    assert "Traceback" in told.stderr
    assert str(program / "scenes" / "wording" / "__init__.py") in told.stderr
