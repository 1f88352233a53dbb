"""A trace's folder: the same bytes each time, read by slices, and damage found by name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import generation
from model_trace.recording.spec import RecordingSpec
from model_trace.store import store
from model_trace.store.index import seal
from model_trace.trace import SCHEMA_VERSION, Trace, TraceError
from tests.model_trace.families import TEXT

SHARD = "tensors-001.safetensors"


@pytest.fixture(scope="module")
def trace(tiny: Callable[[str], Checkpoint]) -> Trace:
    return generation.record(tiny("llama"), TEXT[:20], spec=RecordingSpec.everything(), max_new_tokens=4)


@pytest.fixture(scope="module")
def saved(trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("traces") / "good.trace"
    store.save(trace, path)
    return path


@pytest.fixture
def damaged(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "damaged.trace"))


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    index = json.loads((path / "trace.json").read_text())
    change(index)
    index["sha256"] = seal(index)
    (path / "trace.json").write_text(json.dumps(index))


def test_roundtrip(trace: Trace, saved: Path) -> None:
    back = store.open_trace(saved)
    for field in fields(Trace):
        if field.name not in ("tensors", "digest"):
            assert getattr(back, field.name) == getattr(trace, field.name), field.name
    assert list(back.tensors) == list(trace.tensors)
    for name, tensor in trace.tensors.items():
        assert back.tensors[name].dtype == tensor.dtype
        assert back.tensors[name].shape == tensor.shape
        assert np.array_equal(back.tensors[name][...], tensor[...])
        assert np.array_equal(back.values(name, 0), np.asarray(tensor)[0])
    assert np.array_equal(
        back.values("generation/attn_pattern", (1, 2, slice(2, 5))),
        trace.values("generation/attn_pattern", (1, 2, slice(2, 5))),
    )
    store.check_digests(saved)


def test_same_run_same_bytes(
    trace: Trace, saved: Path, tiny: Callable[[str], Checkpoint], tmp_path: Path
) -> None:
    again = generation.record(tiny("llama"), TEXT[:20], spec=RecordingSpec.everything(), max_new_tokens=4)
    second = store.save(again, tmp_path / "second.trace")
    files = sorted(file.name for file in saved.iterdir())
    assert files == ["tensors-001.safetensors", "trace.json"]
    assert [(saved / name).read_bytes() for name in files] == [
        (tmp_path / "second.trace" / name).read_bytes() for name in files
    ]
    assert second.digest == store.open_trace(saved).digest
    # Saved again from the folder, by slices.
    store.save(second, tmp_path / "third.trace")
    assert [(tmp_path / "third.trace" / name).read_bytes() for name in files] == [
        (saved / name).read_bytes() for name in files
    ]


def test_slices_are_read_on_demand(saved: Path, damaged: Path) -> None:
    """A value changed on disk after opening is seen: nothing had been read before."""
    opened = store.open_trace(damaged)
    shard = damaged / SHARD
    data = bytearray(shard.read_bytes())
    before = opened.values("generation/resid_post", (1, 2))
    place = bytes(data).index(before.tobytes())
    data[place : place + 4] = np.float32(123.0).tobytes()
    with shard.open("r+b") as stream:
        stream.write(data)
    assert opened.values("generation/resid_post", (1, 2))[0] == 123.0
    assert before[0] != 123.0


def test_needs_no_torch(saved: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from model_trace import trace; "
        "from model_trace.models import checkpoints; from model_trace.store import store;"
        f"t = store.open_trace(Path({str(saved)!r})); t.values('generation/embed', 0);"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_traces_repr_is_short(trace: Trace, saved: Path) -> None:
    for each in (trace, store.open_trace(saved)):
        text = "".join(token.text for token in each.tokens if token.role != "special")
        shown = repr(each)
        assert shown.startswith(f"Trace(model={each.model.name!r}, text={text[:20]!r}"[:-1])
        assert shown.endswith(f", tensors={len(each.tensors)})")
        assert len(shown) < 200


def test_replaces_a_trace_and_nothing_else(trace: Trace, saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.trace"
    store.save(trace, path)
    store.save(trace, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.trace"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(TraceError, match="not a trace"):
        store.save(trace, tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"
    (tmp_path / "file").write_text("")
    with pytest.raises(TraceError, match="not a trace"):
        store.save(trace, tmp_path / "file")


def test_others_lie_inside_and_go_with_it(trace: Trace, saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "whole.trace"
    store.save(trace, path, {"code": trace, "training": trace})
    assert store.inner(path) == (path / "code.trace", path / "training.trace")
    assert store.open_trace(path).digest == store.open_trace(path / "code.trace").digest
    (tmp_path / "elsewhere.trace").symlink_to(saved)
    (path / "linked.trace").symlink_to(saved)
    assert len(store.inner(path)) == 2
    store.save(trace, path)
    assert store.inner(path) == ()


def test_failed_save_keeps_the_old_one(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "x.trace"
    digest = store.save(trace, path).digest
    broken = Trace(
        **{f.name: getattr(trace, f.name) for f in fields(Trace)} | {"provenance": {"x": object()}}
    )
    with pytest.raises(TypeError):
        store.save(broken, path)
    assert store.open_trace(path).digest == digest
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.trace"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found(saved: Path, tmp_path: Path, place: float, bit: int) -> None:
    path = tmp_path / "flipped.trace"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(saved, path)
    data = bytearray((path / SHARD).read_bytes())
    data[int(place * len(data))] ^= 1 << bit
    (path / SHARD).write_bytes(data)
    with pytest.raises(TraceError, match=SHARD):
        store.check_digests(path)
    try:
        store.open_trace(path)
    except TraceError as error:
        assert SHARD in str(error)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_damaged_index_is_an_error_or_another_digest(
    saved: Path, tmp_path: Path, place: float, byte: int
) -> None:
    path = tmp_path / "index.trace"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(saved, path)
    whole = (path / "trace.json").read_bytes()
    data = bytearray(whole)
    data[int(place * len(data))] = byte
    (path / "trace.json").write_bytes(data)
    try:
        changed = json.loads(data) != json.loads(whole)  # one blank for another says the same
    except ValueError:
        changed = True
    try:
        assert (store.open_trace(path).digest != store.open_trace(saved).digest) is changed
    except TraceError:
        assert changed


@pytest.mark.parametrize("kept", [0, 4, 8, 100, -1])
def test_truncation_is_found(damaged: Path, kept: int) -> None:
    data = (damaged / SHARD).read_bytes()
    (damaged / SHARD).write_bytes(data[:kept])
    with pytest.raises(TraceError, match=f"{SHARD} is damaged"):
        store.open_trace(damaged)


def test_missing_files(damaged: Path, tmp_path: Path) -> None:
    (damaged / SHARD).unlink()
    with pytest.raises(TraceError, match=f"{SHARD} is missing"):
        store.open_trace(damaged)
    with pytest.raises(TraceError, match="no trace at"):
        store.open_trace(tmp_path / "nowhere.trace")


def test_header_of_absurd_length(damaged: Path) -> None:
    data = bytearray((damaged / SHARD).read_bytes())
    data[:8] = (2**60).to_bytes(8, "little")
    (damaged / SHARD).write_bytes(data)
    with pytest.raises(TraceError, match="header cannot be"):
        store.open_trace(damaged)


@pytest.mark.parametrize("name", ["../good.trace/" + SHARD, "/etc/passwd", "..", ""])
def test_shards_stay_inside(damaged: Path, name: str) -> None:
    edit(damaged, lambda index: index["shards"].update({name: index["shards"].pop(SHARD)}))
    with pytest.raises(TraceError, match="outside the trace"):
        store.open_trace(damaged)


def test_link_out_of_the_trace(damaged: Path, saved: Path) -> None:
    (damaged / SHARD).unlink()
    (damaged / SHARD).symlink_to(saved / SHARD)
    with pytest.raises(TraceError, match="outside the trace"):
        store.open_trace(damaged)


def test_newer_schema(damaged: Path) -> None:
    edit(damaged, lambda index: index.update(schema_version=SCHEMA_VERSION + 1))
    with pytest.raises(TraceError, match=f"schema version {SCHEMA_VERSION + 1}.*update"):
        store.open_trace(damaged)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shape": [1, 2]}, "generation/embed is float32"),
        ({"dtype": "float16"}, "instead of float16"),
        ({"shard": "other.safetensors"}, "does not hold the tensor generation/embed"),
    ],
)
def test_index_and_shard_disagree(damaged: Path, change: dict[str, Any], message: str) -> None:
    edit(damaged, lambda index: index["tensors"]["generation/embed"].update(change))
    with pytest.raises(TraceError, match=message):
        store.open_trace(damaged)
