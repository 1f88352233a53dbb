"""Caches as a user meets them: they cost time, never truth, and never a file of theirs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import ROOT, run

MODEL = ROOT / "tests" / "from_0_1" / "model" / "tiny-robot"
TEXT = ("--prompt", "a robot", "--completion", " must obey", "--model", MODEL)
DRAW = ("videos", "4", *TEXT, "--quality", "l", "--fps", "1")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own cache folder, empty; and where temporary folders are made."""
    (tmp_path / "home").mkdir()
    temporary = tmp_path / ("temporary" * 8)  # longer than a socket's path may be
    temporary.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(temporary))
    return tmp_path / "home" / "traced-loops"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], Path]:
    """The files of a loop, and the cache of the run that made them."""
    place = tmp_path_factory.mktemp("drawn")
    done = run(*DRAW, "--output", place / "out", XDG_CACHE_HOME=str(place))
    assert done.returncode == 0 and not done.stderr, done.stderr
    return held(place / "out"), place / "traced-loops"


def held(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def assert_one_line(done: subprocess.CompletedProcess[str], code: int, *says: str) -> None:
    assert done.returncode == code, done.stderr
    (line,) = done.stderr.splitlines()
    assert all(words in line for words in says), line


@pytest.mark.parametrize("command", ["videos", "trace", "batch", "cache", "cache --clear"])
def test_a_folder_of_the_users_is_refused_before_anything_is_run(
    command: str, home: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("all of it")
    table = tmp_path / "rows.csv"
    table.write_text("prompt\na robot\n")
    arguments = {
        "videos": (*DRAW, "--output", tmp_path / "out"),
        "trace": ("trace", "4", *TEXT, "--trace", tmp_path / "a.trace"),
        "batch": ("batch", table, "--output", tmp_path / "out"),
    }.get(command, command.split())
    done = run(*arguments, "--cache", mine)
    assert_one_line(done, 2, f"error: {mine} holds other things (thesis.txt)", "new or an empty folder")
    assert not done.stdout
    assert held(mine) == {"thesis.txt": b"all of it"}
    assert not (tmp_path / "out").exists() and not (tmp_path / "a.trace").exists()


def test_whatever_is_altered_in_a_cache_the_same_is_drawn(
    drawn: tuple[dict[str, bytes], Path], home: Path, tmp_path: Path
) -> None:
    """One byte of every file."""
    files, cache = drawn
    shutil.copytree(cache, home)
    # what version 0.1 took its fonts from
    (home / "fonts").mkdir()
    (home / "fonts" / "fonts-0123456789abcdef.conf").write_text("")
    kept = sorted(file for file in home.rglob("*") if file.is_file())
    assert {file.relative_to(home).parts[0] for file in kept} == {
        "CACHEDIR.TAG", "digests", "fonts", "loops", "recordings",
    }  # fmt: skip
    for file in kept:
        content = bytearray(file.read_bytes())
        if content:
            content[len(content) // 2] ^= 1
        file.write_bytes(content)
    done = run(*DRAW, "--output", tmp_path / "out")
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert held(tmp_path / "out") == files


@pytest.fixture
def read_only(tmp_path: Path, drawn: tuple[dict[str, bytes], Path]) -> Iterator[Path]:
    """The cache of a run on a disk that cannot be written."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=10m", "none", str(place))
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here: that takes root's rights")
    shutil.copytree(drawn[1], place / "cache")
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    yield place / "cache"
    subprocess.run(["umount", place], check=True)


def temporary(tmp_path: Path) -> list[Path]:
    """The temporary caches that are left."""
    return list(Path(os.environ["TMPDIR"]).glob("traced-loops-cache-*"))


def test_caches_that_cannot_be_written_cost_one_line_and_time(
    drawn: tuple[dict[str, bytes], Path], home: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    more = ("--cache", tmp_path / "file" / "cache", "--output", tmp_path / "out")
    done = run(*DRAW, *more, HOME="/dev/null", XDG_CACHE_HOME="")
    assert_one_line(done, 0, f"{tmp_path / 'file' / 'cache'} cannot be written", "a temporary folder serves")
    assert held(tmp_path / "out") == drawn[0]
    assert not temporary(tmp_path)


def test_a_home_that_cannot_be_written_costs_one_line_or_with_a_size_of_0_none(
    home: Path, tmp_path: Path
) -> None:
    for size, lines in (("0", 0), ("4", 1)):
        path = tmp_path / f"{size}.trace"
        done = run("trace", "4", *TEXT, "--trace", path, "--cache-size", size, XDG_CACHE_HOME="/proc/nope")
        assert done.returncode == 0 and len(done.stderr.splitlines()) == lines, done.stderr
        assert (path / "trace.json").is_file()
    assert not temporary(tmp_path)


def test_a_cache_that_can_only_be_read_serves(
    drawn: tuple[dict[str, bytes], Path], read_only: Path, home: Path, tmp_path: Path
) -> None:
    more = ("--cache", read_only, "--output", tmp_path / "out")
    assert_one_line(run(*DRAW, *more), 0, "cannot be written (Read-only file system)")
    assert held(tmp_path / "out") == drawn[0]


@pytest.mark.parametrize("size", ["inf", "nan", "-1", "1e400", "4GB"])
def test_a_size_that_is_none_is_refused(size: str, home: Path, tmp_path: Path) -> None:
    done = run(*DRAW, "--cache-size", size, "--output", tmp_path / "out")
    assert_one_line(done, 2, "error: invalid value for --cache-size: type a number of GB")
    assert not (tmp_path / "out").exists()


def test_the_command_tells_sizes_and_empties_what_is_ours(
    drawn: tuple[dict[str, bytes], Path], home: Path, tmp_path: Path
) -> None:
    shutil.copytree(drawn[1], home)
    (home / "notes.txt").write_text("mine")
    done = run("cache")
    assert done.returncode == 0 and str(home) in done.stdout
    told = {line.split()[0]: float(line.split()[1]) for line in done.stdout.splitlines()[1:]}
    assert told["loops"] == pytest.approx(sum(map(len, held(home / "loops").values())) / 1e6, abs=0.06)
    assert told["loops"] > 0 and {"recordings", "models"} <= told.keys()
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(home, elsewhere)
    assert run("cache", "--clear", "--cache", elsewhere).returncode == 0
    assert {file.name for file in elsewhere.iterdir()} == {"CACHEDIR.TAG", "notes.txt"}
    assert (home / "loops").is_dir()
    assert run("cache", "--clear").returncode == 0
    assert {file.name for file in home.iterdir()} == {"CACHEDIR.TAG", "notes.txt"}


def test_the_command_makes_nothing_and_knows_no_addresses(home: Path, tmp_path: Path) -> None:
    for arguments in (("cache",), ("cache", "--clear"), ("cache", "--cache", tmp_path / "missing")):
        assert run(*arguments).returncode == 0
    assert not home.exists() and not (tmp_path / "missing").exists()
    assert_one_line(run("cache", "--cache", "s3://bucket/cache"), 2, "error: --cache s3://bucket/cache")


def test_the_users_cache_of_version_0_1_goes_on_being_used(home: Path) -> None:
    shutil.copytree(ROOT / "tests" / "from_0_1" / "cache" / "traced-loops", home)
    done = run("cache")
    assert done.returncode == 0, done.stderr
    assert "loops             0.2 MB" in done.stdout
    assert (home / "CACHEDIR.TAG").is_file()
