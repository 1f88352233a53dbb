"""Recordings kept in the user's cache: whole ones are taken, others made anew, and not all are kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model_trace.files import DEFAULT_BYTES, Cache
from model_trace.models.checkpoints import Checkpoint
from model_trace.request import ModelChoice, Request
from model_trace.trace import Trace
from tests.heard import Heard
from traced_loops.jobs.recordings import obtain

Record = Callable[..., tuple[Trace, list[str]]]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TRACED_LOOPS_TEMPORARY", str(tmp_path / "temporary"))
    return tmp_path / "cache" / "recordings"


@pytest.fixture
def record(cache: Path, tiny: Callable[[str], Checkpoint]) -> Record:
    """The recording of a text, and what was said on the way: nothing if it was kept."""
    model = ModelChoice(tiny("llama").source)

    def obtained(text: str, size: int = DEFAULT_BYTES) -> tuple[Trace, list[str]]:
        said = Heard()
        request = Request(text, " end", model)
        return obtain([request], said, cache=Cache.open(cache.parent, size))[request], said

    return obtained


def held(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-9] ^= 4
    file.write_bytes(data)


@pytest.mark.parametrize("name", ["trace.json", "tensors-001.safetensors"])
@pytest.mark.parametrize(
    "spoil", [flip, lambda file: os.truncate(file, 100), lambda file: os.truncate(file, 0), Path.unlink]
)
def test_what_is_damaged_or_half_deleted_is_recorded_anew(
    name: str, spoil: Callable[[Path], object], record: Record, cache: Path
) -> None:
    assert record("One")[1]
    assert not record("One")[1]
    (kept,) = cache.iterdir()
    whole = held(kept)
    spoil(kept / name)
    trace, said = record("One")
    assert said
    assert held(kept) == whole
    assert not record("One")[1]
    assert np.isfinite(trace.values("generation/resid_post")).all()


def test_it_may_be_deleted_while_it_is_read(record: Record, cache: Path) -> None:
    trace, _ = record("One")
    values = np.array(trace.values("generation/resid_post"))
    again, _ = record("One")
    shutil.rmtree(cache)
    assert np.array_equal(again.values("generation/resid_post"), values)
    assert record("One")[0].digest == trace.digest


def test_what_was_used_longest_ago_goes_when_there_is_too_much(record: Record, cache: Path) -> None:
    for time, text in enumerate(("One", "Two")):
        record(text)
        newest = max(cache.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (time, time))
    size = sum(file.stat().st_size for file in newest.iterdir())
    assert not record("One")[1]  # used just now
    record("Six", int(2.5 * size))
    assert not record("One")[1] and not record("Six")[1]
    assert len(list(cache.iterdir())) == 2


def test_what_the_cache_has_no_room_for_is_there_for_this_run(record: Record, cache: Path) -> None:
    trace, said = record("One", 0)
    assert said and np.isfinite(trace.values("generation/resid_post")).all()
    assert not record("One", 0)[1]
    assert not cache.exists()


def test_what_lies_in_the_way_stays_there_and_stops_no_run(record: Record, cache: Path) -> None:
    record("One")
    (kept,) = cache.iterdir()
    (kept / "notes.txt").write_text("mine")
    (kept / "trace.json").unlink()
    assert record("One")[1]
    assert (kept / "notes.txt").read_text() == "mine"
