"""What loops say is chosen by other processes: recordings stay on disk, errors are those of this one."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_trace.errors import LONGEST_LINE, TracedLoopsError, TraceError
from model_trace.store.store import open_trace
from model_trace.user_files import UserFileError
from scenes.chosen_content import UndrawableError, choose_content
from tests.loops import entry
from traced_loops.jobs.executors import ClusterLostError, processes
from traced_loops.jobs.making import CachePolicy
from traced_loops.jobs.record import Choice, choose


@pytest.fixture
def policy(tmp_path: Path) -> CachePolicy:
    return CachePolicy(tmp_path / "cache", 10**9)


def chosen(policy: CachePolicy, *choices: Choice) -> list[Any]:
    with processes(1) as choosers:
        return list(choose(choices, policy, choosers))


def test_a_recording_goes_to_another_process_without_what_lies_on_disk(kept: Path) -> None:
    trace = open_trace(kept)
    travels = pickle.dumps(trace)
    assert len(travels) < 50_000 < sum(file.stat().st_size for file in kept.iterdir())
    there = pickle.loads(travels)
    assert there.digest == trace.digest
    for name in trace.tensors:
        assert np.array_equal(there.values(name), trace.values(name), equal_nan=True)


def test_a_loop_that_cannot_be_drawn_keeps_no_other_from_being_chosen(
    kept: Path, policy: CachePolicy
) -> None:
    whole = open_trace(kept)
    lacking = replace(whole, tensors={name: whole.tensors[name] for name in ("generation/top_ids",)})
    error, drawable = chosen(policy, Choice(entry("07"), lacking), Choice(entry("01"), whole))
    assert drawable == choose_content(entry("01"), whole, article=False)
    with pytest.raises(UndrawableError) as here:
        choose_content(entry("07"), lacking, article=False)
    assert isinstance(error, UndrawableError)
    assert str(error) == str(here.value)


def test_a_recording_of_which_nothing_can_be_drawn_is_refused_as_it_would_be_here(
    kept: Path, policy: CachePolicy
) -> None:
    (error,) = chosen(policy, Choice(entry("03"), open_trace(kept)))
    assert isinstance(error, TraceError) and not isinstance(error, UndrawableError)
    assert str(error) == "loop 03 needs a recording of a training: record it for this loop"


@pytest.mark.parametrize("message", ["plain", "a\0b", "long " * LONGEST_LINE, "\0" * LONGEST_LINE])
@pytest.mark.parametrize("kind", [TraceError, UndrawableError, UserFileError, ClusterLostError])
def test_an_error_from_another_process_says_the_same(kind: type[TracedLoopsError], message: str) -> None:
    error = kind(message)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert len(str(error)) <= LONGEST_LINE


def test_a_recording_deleted_while_it_is_open_is_still_drawn(
    kept: Path, policy: CachePolicy, tmp_path: Path
) -> None:
    shutil.copytree(kept, tmp_path / "copy.trace")
    trace = open_trace(tmp_path / "copy.trace")
    shutil.rmtree(tmp_path / "copy.trace")
    (drawable,) = chosen(policy, Choice(entry("07"), trace))
    assert drawable == choose_content(entry("07"), open_trace(kept), article=False)
