"""What a recording takes is known beforehand: long texts keep fewer rows, what does not fit is refused."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model_trace import resources
from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import generation
from model_trace.recording import spec as specs
from model_trace.recording.sizes import recording_size
from model_trace.recording.spec import RecordingSpec
from model_trace.store import store
from model_trace.trace import Trace, TraceError
from model_trace.verify import verify
from scenes.attention import attention
from tests.model_trace.families import TEXT
from traced_loops.cli import console

ROOT = Path(__file__).parents[2]
Tiny = Callable[[str], Checkpoint]
SPEC = RecordingSpec(tensors=(*specs.DEFAULT, "q"), pattern_rows=3)


@pytest.fixture(scope="module")
def whole(tiny: Tiny) -> Trace:
    return generation.record(tiny("llama"), TEXT[:20], max_new_tokens=5)


@pytest.fixture(scope="module")
def rows(tiny: Tiny) -> Trace:
    return generation.record(tiny("llama"), TEXT[:20], spec=SPEC, max_new_tokens=5)


@pytest.mark.parametrize("family", ["llama", "gpt2", "mistral"])
@pytest.mark.parametrize("completion", [None, TEXT[20:40]])
def test_rows_are_those_of_the_whole_pattern(tiny: Tiny, family: str, completion: str | None) -> None:
    """From the last token of the prompt on, whether they come in one forward or in several."""
    made = [
        generation.record(tiny(family), TEXT[:20], completion, spec=spec, max_new_tokens=5)
        for spec in (RecordingSpec.default(), SPEC)
    ]
    patterns, kept = (trace.tensors for trace in made)
    positions = kept["generation/attn_positions"][...]
    first = made[0].prompt_length - 1
    assert positions.tolist() == [first, first + 1, first + 2]
    assert np.array_equal(
        kept["generation/attn_pattern_rows"][...], patterns["generation/attn_pattern"][:, :, positions]
    )
    with pytest.raises(TraceError, match="attn_pattern_rows holds its rows at attn_positions"):
        made[1].tensor("generation/attn_pattern")


def test_loops_draw_the_same_of_rows(whole: Trace, rows: Trace) -> None:
    last = whole.prompt_length - 1
    for position in (last, last + 2):
        ours, theirs = attention(rows, position), attention(whole, position)
        assert ours is not None and theirs is not None
        assert ours.numbers == theirs.numbers
    assert attention(rows, last - 1) is None


def test_rows_are_kept_where_whole_patterns_are_large(
    tiny: Tiny, whole: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as go into the bound; everything means everything."""
    pattern = whole.tensors["generation/attn_pattern"]
    layers, heads, forwarded, _ = pattern.shape
    monkeypatch.setattr(specs, "WHOLE_PATTERNS_BYTES", layers * heads * forwarded * 4 * 2)
    kept = generation.record(tiny("llama"), TEXT[:20], max_new_tokens=5)
    assert kept.tensors["generation/attn_pattern_rows"].shape == (layers, heads, 2, forwarded)
    everything = generation.record(
        tiny("llama"), TEXT[:20], spec=RecordingSpec.everything(), max_new_tokens=5
    )
    assert np.array_equal(everything.tensors["generation/attn_pattern"][...], pattern[...])


def test_rows_are_kept_on_disk_and_verified(tiny: Tiny, rows: Trace, tmp_path: Path) -> None:
    store.save(rows, tmp_path / "rows.trace")
    store.open_checked(tmp_path / "rows.trace")
    checks = {check.name: check.ok for check in verify(tmp_path / "rows.trace", tiny("llama"))}
    assert checks["generation/attn_pattern_rows"] and all(checks.values())


def test_a_spec_from_before_has_whole_patterns() -> None:
    old = {name: value for name, value in RecordingSpec.default().to_json().items() if name != "pattern_rows"}
    assert RecordingSpec.from_json(old).resolved(10**3, 10**3, 10**3).pattern_rows == "whole"


@pytest.mark.parametrize("many", [0, -1, 1.5, True, "some"])
def test_rows_are_a_number(many: object) -> None:
    with pytest.raises(TraceError, match="automatic, whole or a number"):
        RecordingSpec(pattern_rows=many)  # type: ignore[arg-type]


@pytest.mark.parametrize("spec", [RecordingSpec.default(), RecordingSpec.everything(), SPEC])
def test_the_size_on_disk_is_known(tiny: Tiny, spec: RecordingSpec) -> None:
    trace = generation.record(tiny("llama"), TEXT[:40], spec=spec, max_new_tokens=8)
    written = sum(tensor[...].nbytes for tensor in trace.tensors.values())
    forwarded = len(trace.tokens) - 1
    reckoned = recording_size(trace.model, spec, forwarded, forwarded - trace.prompt_length + 1).disk
    assert reckoned == pytest.approx(written, rel=0.05)


def test_what_does_not_fit_into_memory_is_refused_before_it_runs(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "free_memory", lambda: 3000)
    done: list[int] = []
    with pytest.raises(TraceError) as caught:
        generation.record(
            tiny("llama"),
            TEXT[:20],
            spec=RecordingSpec.everything(),
            progress=lambda task, forwarded, *_: done.append(forwarded),
        )
    assert re.fullmatch(
        r"recording \d+ tokens needs about \d+ MB of memory and 0 MB are free; .* or leave out --everything",
        str(caught.value),
    )
    assert not done


def test_everything_of_a_long_prompt_takes_what_it_takes(tiny: Tiny) -> None:
    """Some 10,000 tokens of the default model: whole patterns are 108 GB, rows are not."""
    sizes: dict[str, Any] = {
        "layers": 30,
        "heads": 9,
        "key_value_heads": 3,
        "d_model": 576,
        "d_head": 64,
        "d_mlp": 1536,
    }
    card = dataclasses.replace(tiny("llama").card, vocabulary=49152, **sizes)
    everything = recording_size(card, RecordingSpec.everything(), 10_000, 8)
    assert 108e9 < everything.disk < 125e9 and everything.memory > 108e9
    default = recording_size(card, RecordingSpec.default(), 4_000, 8)
    assert default.memory < 3e9 and default.disk < 1e9
    assert resources.readable(everything.disk).endswith("7 GB")


def test_a_training_and_a_model_that_do_not_fit_are_refused(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model_trace.learning.fine_tuning import record_fine_tuning
    from model_trace.learning.training import record_training
    from model_trace.models import checkpoints
    from model_trace.trace import Pair

    checkpoint = tiny("llama")
    monkeypatch.setattr(resources, "free_memory", lambda: 3000)
    with pytest.raises(TraceError, match=r"training an untrained twin needs about .* take a smaller model"):
        record_training(checkpoint, TEXT)
    pairs = (*(Pair(f"w{n}", f"m{n}", "training") for n in range(8)), Pair("w", "m", "held out"))
    with pytest.raises(TraceError, match=r"fine-tuning needs about .* take a smaller model"):
        record_fine_tuning(checkpoint, pairs)
    with pytest.raises(TraceError, match=r"loading .* needs about .* or --dtype bfloat16"):
        checkpoints.load(checkpoint.source)


def test_a_disk_that_is_full_is_a_failure_and_leaves_nothing(rows: Trace, tmp_path: Path) -> None:
    """As ``ulimit -f`` makes it: whoever writes a shard meets the system's own error."""
    code = (
        "import resource, sys; from pathlib import Path; from model_trace.store import store;"
        "trace = store.open_trace(Path(sys.argv[1]));"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "store.save(trace, Path(sys.argv[2]))"
    )
    store.save(rows, tmp_path / "rows.trace")
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "rows.trace", tmp_path / "again.trace"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "TraceError: the trace cannot be written to" in done.stderr and "File too large" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["rows.trace"]


@pytest.mark.parametrize(
    "take", [lambda: bytearray(2**60), lambda: np.empty(2**50), lambda: torch.empty(2**45)]
)
def test_too_little_memory_is_one_line(
    take: Callable[[], object], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught, console.errors():
        take()
    assert caught.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: there is not enough memory for that")


def test_what_does_not_fit_onto_the_disk_is_refused(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two folders on one disk need twice the room; neither need be there yet."""
    spec, free = RecordingSpec.everything(), shutil.disk_usage(tmp_path)
    trace = generation.record(tiny("llama"), TEXT[:45], TEXT[45:51], spec=spec)
    forwarded = len(trace.tokens) - 1
    room = recording_size(trace.model, spec, forwarded, forwarded - trace.prompt_length + 1).disk
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free._replace(free=room))
    folders = [tmp_path / "a" / "b", tmp_path]
    generation.record(tiny("llama"), TEXT[:45], TEXT[45:51], spec=spec, folders=folders[:1])
    with pytest.raises(TraceError, match=r"of disk and .* are free at .*leave out --everything"):
        generation.record(tiny("llama"), TEXT[:45], TEXT[45:51], spec=spec, folders=folders)


def test_free_memory_obeys_ulimit() -> None:
    """Less than a gigabyte is left to a process that may have no more, however much the machine has."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (10**9, 10**9));"
        "from model_trace.resources import free_memory; print(free_memory())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) < 10**9
    free = resources.free_memory()
    assert free is not None and free > 10**8
